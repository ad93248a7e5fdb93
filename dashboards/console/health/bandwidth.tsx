import { useQuery } from "@tanstack/react-query";
import type { BandwidthFigure, RoomBandwidthView } from "../../api/api.ts";
import { Failure } from "../controls/failure.tsx";
import { TableFrame } from "../controls/table-frame.tsx";
import { numberText, percentText } from "../format/number.ts";
import { getJson } from "../live/http.ts";
import { Figure } from "../region/figures.tsx";
import { useSpeech, useWords } from "../text/language.tsx";
import { BANDWIDTH_WORDS } from "./bandwidth-words.ts";

const ROWS_MAX = 100;

/** What the links of classrooms carry, and carried; nothing where no class is known. */
export function ClassBandwidth({ asked }: { readonly asked: string }) {
  const { locale, local } = useSpeech();
  const words = useWords(BANDWIDTH_WORDS);
  const whole = useQuery({
    queryKey: ["health", "bandwidth", asked],
    queryFn: ({ signal }) =>
      getJson<readonly BandwidthFigure[]>(`/api/v1/health/bandwidth?${asked}&groupBy=none`, signal),
  });
  const rooms = useQuery({
    queryKey: ["health", "bandwidth", "rooms", asked],
    queryFn: ({ signal }) =>
      getJson<readonly RoomBandwidthView[]>(`/api/v1/health/bandwidth/rooms?${asked}`, signal),
  });
  const failure = whole.error ?? rooms.error;
  if (failure !== null)
    return (
      <Failure
        error={failure}
        onRetry={() => {
          for (const each of [whole, rooms]) if (each.error !== null) void each.refetch();
        }}
      />
    );
  const all = whole.data?.[0];
  if (all === undefined) return null;
  const number = (n: number): string => numberText(n, locale);
  const speed = (n: number | undefined): string =>
    n === undefined ? words.unknown : `${numberText(n, locale, 1)} Mbit/s`;
  return (
    <section>
      <h2>{words.title}</h2>
      <dl className="figures">
        <Figure
          title={words.share}
          note={
            all.shareHigh === undefined || all.shareHigh === all.share
              ? words.shareNote(number(all.classes), number(all.known))
              : `${words.shareNote(number(all.classes), number(all.known))}；${words.shareRange(percentText(all.shareHigh))}`
          }
        >
          {all.share === undefined || all.known === 0 ? words.unknown : percentText(all.share)}
        </Figure>
        <Figure
          title={words.peak}
          note={
            all.measuredRooms === 0 ? words.peakNone : words.peakNote(numberText(all.p95Max_Mbps, locale, 1))
          }
        >
          {all.p95Mean_Mbps === undefined ? "—" : speed(all.p95Mean_Mbps)}
        </Figure>
        <Figure title={words.completeness} note={words.completenessNote}>
          {percentText(all.completeness)}
        </Figure>
        <Figure title={words.measured} note={words.measuredNote}>
          {percentText(all.measuredShare)}
        </Figure>
      </dl>
      {rooms.data !== undefined && rooms.data.length > 0 && (
        <TableFrame label={words.rooms}>
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{words.room}</th>
                <th scope="col" className="number">
                  {words.link}
                </th>
                <th scope="col" className="number">
                  {words.down}
                </th>
                <th scope="col" className="number">
                  {words.up}
                </th>
                <th scope="col">{words.port}</th>
              </tr>
            </thead>
            <tbody>
              {rooms.data.slice(0, ROWS_MAX).map((each) => (
                <tr key={each.room}>
                  <th scope="row">
                    {local(each.title)}{" "}
                    <span className="quiet">{each.room.split("/").slice(3).join("/")}</span>
                  </th>
                  <td className="number value">{speed(each.link_Mbps)}</td>
                  <td className="number value">{speed(each.down?.p95_Mbps)}</td>
                  <td className="number value">{speed(each.up?.p95_Mbps)}</td>
                  <td>
                    {each.ports.map(({ at, port, how }) => (
                      <span key={`${at} ${port}`}>
                        {at.split("/").at(-1)} {port}{" "}
                        {how === "learned" && <span className="quiet">{words.learned}</span>}
                      </span>
                    ))}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </TableFrame>
      )}
      <p className="footnote">{words.note}</p>
    </section>
  );
}
