import { Link } from "wouter";
import type { HealthFigure } from "../../api/api.ts";
import { SortHeading, useSorting } from "../controls/sort-heading.tsx";
import { type SortValue, sortRows } from "../controls/sorting.ts";
import { TableFrame } from "../controls/table-frame.tsx";
import { numberText, percentText } from "../format/number.ts";
import { placeText } from "../format/place.ts";
import { dayAndMinuteText, spanText } from "../format/time.ts";
import { useSite } from "../live/live.tsx";
import { useSpeech, useWords } from "../text/language.tsx";
import { HEALTH_WORDS } from "./words.ts";

/** Rows that are drawn: by device there are as many as devices. At first the worst; the export has all. */
const ROWS_MAX = 300;

type Column = "name" | "devices" | "availability" | "failures" | "upstream" | "mttr" | "completeness";

export function FigureTable({
  figures,
  group,
}: {
  readonly figures: readonly HealthFigure[];
  readonly group: string;
}) {
  const { t, locale, language, local } = useSpeech();
  const words = useWords(HEALTH_WORDS);
  const site = useSite();
  const order = useSorting<Column>({ column: "availability", descending: false });
  const nameOf = ({ key, title }: HealthFigure): string =>
    group === "campus" || group === "building" ? placeText(site, key, language) : local(title);
  const cellOf = (figure: HealthFigure, column: Column): SortValue =>
    ({
      name: nameOf(figure),
      devices: figure.devices,
      availability: figure.availability,
      failures: figure.failures,
      upstream: figure.upstream,
      mttr: figure.meanTimeToRepair_ms,
      completeness: figure.completeness,
    })[column];
  const byKey = figures.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const first = sortRows(byKey, order.sorting, cellOf, locale).slice(0, ROWS_MAX);
  return (
    <TableFrame label={words.title}>
      <table className="table">
        <thead>
          <tr>
            <SortHeading column="name" of={order}>
              {words.name}
            </SortHeading>
            <SortHeading column="devices" of={order} numeric>
              {words.devices}
            </SortHeading>
            <SortHeading column="availability" of={order} numeric>
              {words.availability}
            </SortHeading>
            <SortHeading column="failures" of={order} numeric>
              {words.failures}
            </SortHeading>
            <SortHeading column="upstream" of={order} numeric>
              {words.upstream}
            </SortHeading>
            <SortHeading column="mttr" of={order} numeric>
              {words.mttr}
            </SortHeading>
            <SortHeading column="completeness" of={order} numeric>
              {words.completeness}
            </SortHeading>
          </tr>
        </thead>
        <tbody>
          {first.map((figure) => (
            <tr key={figure.key}>
              <th scope="row">
                {group === "device" ? (
                  <Link href={`/devices?device=${encodeURIComponent(figure.key)}`}>{nameOf(figure)}</Link>
                ) : (
                  nameOf(figure)
                )}
              </th>
              <td className="number value">{numberText(figure.devices, locale)}</td>
              <td className="number value">
                {figure.availability === undefined ? "—" : percentText(figure.availability)}
              </td>
              <td className="number value">{numberText(figure.failures, locale)}</td>
              <td className="number value">{numberText(figure.upstream, locale)}</td>
              <td className="number value">
                {figure.meanTimeToRepair_ms === undefined ? "—" : spanText(figure.meanTimeToRepair_ms, t)}
              </td>
              <td className="number">
                <span className="completeness" data-incomplete={figure.completeness < 1}>
                  {percentText(figure.completeness)}
                </span>
                {figure.lastKnown !== undefined && (
                  <span className="cell-note">
                    {words.lastKnown(dayAndMinuteText(figure.lastKnown, locale))}
                  </span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}
