import type { RoomUseView } from "../../api/api.ts";
import { SortHeading, useSorting } from "../controls/sort-heading.tsx";
import { type SortValue, sortRows } from "../controls/sorting.ts";
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

type Column = "kind" | "used" | "possible" | "utilisation" | "verdict" | "completeness" | "waste" | "records";

/** What asks for somebody comes first. */
const VERDICT_ORDER: Readonly<Record<RoomUseView["verdict"], number>> = {
  "not-met": 0,
  "not-verified": 1,
  met: 2,
};

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
  const order = useSorting<Column>();
  const cellOf = (figure: RoomUseView, column: Column): SortValue =>
    ({
      kind: `${local(figure.title)} ${campusTitle(site, figure.campus, language)}`,
      used: figure.used,
      possible: figure.classes * figure.teachingHours,
      utilisation: figure.utilisation,
      verdict: VERDICT_ORDER[figure.verdict],
      completeness: figure.completeness,
      waste: figure.wasted_ms,
      records: figure.records,
    })[column];
  const hours = (n: number): string => numberText(n, locale, 1);
  return (
    <TableFrame label={words.title}>
      <table className="table use-table">
        <thead>
          <tr>
            <SortHeading column="kind" of={order}>
              {words.kind}
            </SortHeading>
            <SortHeading column="used" of={order} numeric>
              {words.used}
            </SortHeading>
            <SortHeading column="possible" of={order} numeric>
              {words.possible}
            </SortHeading>
            <SortHeading column="utilisation" of={order}>
              {words.utilisation}
            </SortHeading>
            <SortHeading column="verdict" of={order}>
              {words.verdict}
            </SortHeading>
            <SortHeading column="completeness" of={order} numeric>
              {words.completeness}
            </SortHeading>
            <SortHeading column="waste" of={order} numeric>
              {words.waste}
            </SortHeading>
            <SortHeading column="records" of={order}>
              {words.records}
            </SortHeading>
          </tr>
        </thead>
        <tbody>
          {sortRows(figures, order.sorting, cellOf, locale).map((figure) => (
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
