import type { RollupView } from "../../api/api.ts";
import { SortHeading, useSorting } from "../controls/sort-heading.tsx";
import { TableFrame } from "../controls/table-frame.tsx";
import { numberText, percentText } from "../format/number.ts";
import { useSpeech, useWords } from "../text/language.tsx";
import { LastKnownWord } from "./figures.tsx";
import { COLUMNS, type Column, sortViews } from "./tree.ts";
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
  const order = useSorting<Column["id"]>({ column: "name", descending: false });
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
  return (
    <TableFrame label={t.region.compare}>
      <table className="table">
        <thead>
          <tr>
            <th scope="col" className="number">
              {words.rank}
            </th>
            <SortHeading column="name" of={order}>
              {titles.name}
            </SortHeading>
            {COLUMNS.map(({ id }) => (
              <SortHeading key={id} column={id} of={order} numeric>
                {titles[id]}
              </SortHeading>
            ))}
          </tr>
        </thead>
        <tbody>
          {sortViews(views, order.sorting, ({ title }) => local(title), locale).map((view, index) => (
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
