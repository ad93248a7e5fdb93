import type { RoomUseView } from "../../api/api.ts";
import { TableFrame } from "../controls/table-frame.tsx";
import { Verdict } from "../controls/verdict.tsx";
import { numberText, percentText } from "../format/number.ts";
import { campusTitle } from "../format/place.ts";
import { agoText, spanText } from "../format/time.ts";
import { useNow } from "../live/clock.ts";
import { useSite } from "../live/live.tsx";
import { useSpeech, useWords } from "../text/language.tsx";
import { UtilisationBar } from "./utilisation-bar.tsx";
import { USE_WORDS } from "./words.ts";

/** One line for each kind of room of each campus. */
export function UseTable({
  figures,
  chosen,
  onOpen,
}: {
  readonly figures: readonly RoomUseView[];
  readonly chosen: RoomUseView | undefined;
  readonly onOpen: (figure: RoomUseView) => void;
}) {
  const { t, locale, language, local } = useSpeech();
  const words = useWords(USE_WORDS);
  const site = useSite();
  const now = useNow();
  const hours = (n: number): string => numberText(n, locale, 1);
  return (
    <TableFrame label={words.title}>
      <table className="table use-table">
        <thead>
          <tr>
            <th scope="col">{words.kind}</th>
            <th scope="col" className="number">
              {words.used}
            </th>
            <th scope="col" className="number">
              {words.possible}
            </th>
            <th scope="col">{words.utilisation}</th>
            <th scope="col">{words.verdict}</th>
            <th scope="col" className="number">
              {words.completeness}
            </th>
            <th scope="col" className="number">
              {words.waste}
            </th>
            <th scope="col">{words.records}</th>
          </tr>
        </thead>
        <tbody>
          {figures.map((figure) => (
            <tr key={`${figure.campus} ${figure.type}`} data-selected={figure === chosen}>
              <th scope="row">
                <strong>{local(figure.title)}</strong>
                <span className="cell-note">
                  {campusTitle(site, figure.campus, language)} · {words.rooms} {figure.rooms}
                </span>
              </th>
              <td className="number value">
                {hours(figure.used)}
                {figure.unplannedUsed > 0 && (
                  <span className="cell-note">{words.unplanned(hours(figure.unplannedUsed))}</span>
                )}
              </td>
              <td className="number value">
                {hours(figure.classes * figure.teachingHours)}
                <span className="cell-note">
                  {words.possibleHow(hours(figure.classes), hours(figure.teachingHours))}
                </span>
              </td>
              <td>
                <UtilisationBar utilisation={figure.utilisation} threshold={figure.threshold} />
              </td>
              <td>
                <Verdict verdict={figure.verdict} />
              </td>
              <td className="number">
                <span className="completeness" data-incomplete={figure.completeness < 1}>
                  {percentText(figure.completeness)}
                </span>
                {figure.lastKnown !== undefined && (
                  <span className="cell-note">{words.lastKnown(agoText(figure.lastKnown, now, t))}</span>
                )}
              </td>
              <td className="number value">{figure.wasted_ms === 0 ? "—" : spanText(figure.wasted_ms, t)}</td>
              <td>
                {figure.toldUntil === undefined ? (
                  <button type="button" className="link-button" onClick={() => onOpen(figure)}>
                    {words.openRecords(numberText(figure.records, locale))}
                  </button>
                ) : (
                  <span className="cell-note">{words.toldRecords(numberText(figure.records, locale))}</span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}
