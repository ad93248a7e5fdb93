import { Link } from "wouter";
import type { HealthFigure } from "../../api/api.ts";
import { TableFrame } from "../controls/table-frame.tsx";
import { numberText, percentText } from "../format/number.ts";
import { placeText } from "../format/place.ts";
import { dayAndMinuteText, spanText } from "../format/time.ts";
import { useSite } from "../live/live.tsx";
import { useSpeech, useWords } from "../text/language.tsx";
import { HEALTH_WORDS } from "./words.ts";

/** Rows that are drawn: by device there are as many as devices. The worst come first, and the export has all. */
const ROWS_MAX = 300;

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
  const worst = figures
    .toSorted((a, b) => (a.availability ?? 1) - (b.availability ?? 1) || (a.key < b.key ? -1 : 1))
    .slice(0, ROWS_MAX);
  const name = ({ key, title }: HealthFigure) => {
    if (group === "device")
      return <Link href={`/devices?device=${encodeURIComponent(key)}`}>{local(title)}</Link>;
    return group === "campus" || group === "building" ? placeText(site, key, language) : local(title);
  };
  return (
    <TableFrame label={words.title}>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{words.name}</th>
            <th scope="col" className="number">
              {words.devices}
            </th>
            <th scope="col" className="number">
              {words.availability}
            </th>
            <th scope="col" className="number">
              {words.failures}
            </th>
            <th scope="col" className="number">
              {words.upstream}
            </th>
            <th scope="col" className="number">
              {words.mttr}
            </th>
            <th scope="col" className="number">
              {words.completeness}
            </th>
          </tr>
        </thead>
        <tbody>
          {worst.map((figure) => (
            <tr key={figure.key}>
              <th scope="row">{name(figure)}</th>
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
