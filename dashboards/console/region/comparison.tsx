import { useState } from "react";
import type { RollupView } from "../../api/api.ts";
import { TableFrame } from "../controls/table-frame.tsx";
import { numberText, percentText } from "../format/number.ts";
import { useSpeech, useWords } from "../text/language.tsx";
import { LastKnownWord } from "./figures.tsx";
import { COLUMNS, type Column, type Sorting, sortViews } from "./tree.ts";
import { REGION_WORDS } from "./words.ts";

const RATIOS: ReadonlySet<Column["id"]> = new Set(["intact", "completeness"]);

/** The children side by side. Each heading sorts; again turns it round. */
export function Comparison({
  views,
  onOpen,
}: {
  readonly views: readonly RollupView[];
  readonly onOpen: (view: RollupView) => void;
}) {
  const { t, locale, local } = useSpeech();
  const words = useWords(REGION_WORDS);
  const [sorting, setSorting] = useState<Sorting>({ column: "name", descending: false });
  const titles: Readonly<Record<Column["id"], string>> = {
    name: t.region.name,
    intact: t.campus.intactRate,
    alarms: t.region.activeAlarms,
    unacknowledged: t.region.unacknowledged,
    raised: t.region.raised,
    granted: t.campus.granted,
    refused: t.campus.refused,
    suspect: t.campus.suspect,
    completeness: t.region.completeness,
  };
  const heading = (column: Column["id"], numeric: boolean) => {
    const sorted = sorting.column === column;
    return (
      <th
        key={column}
        scope="col"
        className={numeric ? "number" : undefined}
        aria-sort={sorted ? (sorting.descending ? "descending" : "ascending") : "none"}
      >
        <button
          type="button"
          className="sort-button"
          onClick={() => setSorting({ column, descending: sorted ? !sorting.descending : numeric })}
        >
          {titles[column]}
          <span aria-hidden="true">{sorted ? (sorting.descending ? "↓" : "↑") : ""}</span>
        </button>
      </th>
    );
  };
  return (
    <TableFrame label={t.region.compare}>
      <table className="table">
        <thead>
          <tr>
            <th scope="col" className="number">
              {words.rank}
            </th>
            {heading("name", false)}
            {COLUMNS.map(({ id }) => heading(id, true))}
          </tr>
        </thead>
        <tbody>
          {sortViews(views, sorting, ({ title }) => local(title)).map((view, index) => (
            <tr key={view.path}>
              <td className="number quiet">{index + 1}</td>
              <th scope="row">
                <button type="button" className="link-button" onClick={() => onOpen(view)}>
                  {local(view.title)}
                </button>
                <LastKnownWord view={view} />
              </th>
              {COLUMNS.map(({ id, value }) => {
                const shown = value(view);
                return (
                  <td key={id} className="number value">
                    {shown === undefined
                      ? "—"
                      : RATIOS.has(id)
                        ? percentText(shown)
                        : numberText(shown, locale)}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}
