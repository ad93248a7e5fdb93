import { useQuery } from "@tanstack/react-query";
import type { StandardReport, VerdictChange } from "../../api/api.ts";
import { Failure } from "../controls/failure.tsx";
import { TableFrame } from "../controls/table-frame.tsx";
import { Verdict } from "../controls/verdict.tsx";
import { percentText } from "../format/number.ts";
import { dayAndMinuteText, momentText } from "../format/time.ts";
import { useNow } from "../live/clock.ts";
import { getJson } from "../live/http.ts";
import { useSpeech, useWords } from "../text/language.tsx";
import { STANDARD_WORDS } from "./words.ts";

/** When an item's verdict became another, the newest first. */
export function VerdictHistory({
  base,
  campus,
  items,
}: {
  readonly base: string;
  readonly campus: string;
  readonly items: StandardReport["items"];
}) {
  const { t, locale, local } = useSpeech();
  const words = useWords(STANDARD_WORDS);
  const now = useNow();
  const query = useQuery({
    queryKey: ["standards", "history", base, campus],
    queryFn: ({ signal }) =>
      getJson<readonly VerdictChange[]>(`${base}/history?campus=${encodeURIComponent(campus)}`, signal),
  });
  const titleOf = (id: string): string => {
    const item = items.find((each) => each.id === id);
    return item === undefined ? id : local(item.title);
  };
  return (
    <section>
      <h2>{words.history}</h2>
      {query.error !== null && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.data?.length === 0 && <p className="quiet-note">{words.noHistory}</p>}
      {query.data !== undefined && query.data.length > 0 && (
        <TableFrame label={words.history}>
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{words.historyWhen}</th>
                <th scope="col">{words.items}</th>
                <th scope="col">{words.completeness}</th>
                <th scope="col">{words.historyRange}</th>
              </tr>
            </thead>
            <tbody>
              {query.data.map((each) => (
                <tr key={`${each.item} ${each.at}`}>
                  <td className="nowrap">{momentText(each.at, now, locale)}</td>
                  <th scope="row">
                    {titleOf(each.item)} <Verdict verdict={each.verdict} />
                  </th>
                  <td>{percentText(each.completeness)}</td>
                  <td>
                    {t.region.period(dayAndMinuteText(each.from, locale), dayAndMinuteText(each.to, locale))}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </TableFrame>
      )}
    </section>
  );
}
