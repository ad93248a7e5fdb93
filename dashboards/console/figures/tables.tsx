import type { AlarmFiguresView } from "@campus-ops/rules/api";
import { PRIORITIES } from "../alarms/lifecycle.ts";
import { PriorityBadge } from "../alarms/priority.tsx";
import { TableFrame } from "../controls/table-frame.tsx";
import { numberText, percentText } from "../format/number.ts";
import { spanText } from "../format/time.ts";
import { useSpeech, useWords } from "../text/language.tsx";
import { FIGURE_WORDS } from "./words.ts";

export function PriorityTable({ view: { all } }: { readonly view: AlarmFiguresView }) {
  const { t } = useSpeech();
  const words = useWords(FIGURE_WORDS);
  return (
    <section>
      <h2>{words.shares}</h2>
      <TableFrame label={words.shares}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{words.priority}</th>
              <th scope="col" className="number">
                {words.count}
              </th>
              <th scope="col" className="number">
                {words.share}
              </th>
              <th scope="col" className="number">
                {words.p50}
              </th>
              <th scope="col" className="number">
                {words.p95}
              </th>
              <th scope="col" className="number">
                {words.waiting}
              </th>
            </tr>
          </thead>
          <tbody>
            {PRIORITIES.map((priority) => {
              const { p50_ms, p95_ms, unanswered } = all.delaysByPriority[priority];
              const raised = all.byPriority[priority];
              return (
                <tr key={priority}>
                  <th scope="row" className="nowrap">
                    <PriorityBadge priority={priority} calm={raised === 0} /> {t.priority[priority]}
                  </th>
                  <td className="number">{raised}</td>
                  <td className="number">{all.raised === 0 ? "—" : percentText(raised / all.raised)}</td>
                  <td className="number">{p50_ms === undefined ? "—" : spanText(p50_ms, t)}</td>
                  <td className="number">{p95_ms === undefined ? "—" : spanText(p95_ms, t)}</td>
                  <td className="number">{unanswered}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </TableFrame>
    </section>
  );
}

export function DeskTable({
  view: { desks },
  title,
}: {
  readonly view: AlarmFiguresView;
  readonly title: (desk: string) => string;
}) {
  const { t, locale } = useSpeech();
  const words = useWords(FIGURE_WORDS);
  return (
    <section>
      <h2>{words.desks}</h2>
      <TableFrame label={words.desks}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{words.desk}</th>
              <th scope="col" className="number">
                {words.count}
              </th>
              <th scope="col" className="number">
                {words.mean}
              </th>
              <th scope="col" className="number">
                {words.worst}
              </th>
              <th scope="col" className="number">
                {words.flood}
              </th>
              <th scope="col" className="number">
                {words.p95}
              </th>
            </tr>
          </thead>
          <tbody>
            {desks.map((each) => (
              <tr key={each.desk}>
                <th scope="row">{title(each.desk)}</th>
                <td className="number">{each.raised}</td>
                <td className="number">{numberText(each.mean, locale, 1)}</td>
                <td className="number">{each.worst?.raised ?? 0}</td>
                <td className="number">{percentText(each.floodShare)}</td>
                <td className="number">
                  {each.delays.p95_ms === undefined ? "—" : spanText(each.delays.p95_ms, t)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
    </section>
  );
}
