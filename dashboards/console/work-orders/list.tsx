import type { WorkOrderView } from "../../api/api.ts";
import { TableFrame } from "../controls/table-frame.tsx";
import { shortPlaceText } from "../format/place.ts";
import { dayAndMinuteText, spanText } from "../format/time.ts";
import { useNow } from "../live/clock.ts";
import { useSite } from "../live/live.tsx";
import { useSpeech, useWords } from "../text/language.tsx";
import { ORDER_WORDS } from "./words.ts";

/** When it is due, and how far past that it is: what is overdue is said in words and weight, not in colour alone. */
export function DueWord({ order }: { readonly order: WorkOrderView }) {
  const { t, locale } = useSpeech();
  const words = useWords(ORDER_WORDS);
  const now = useNow();
  if (order.due === undefined) return <span className="quiet">{words.noDue}</span>;
  const waiting = order.state === "registered" || order.state === "assigned";
  const late = waiting && now > order.due;
  return (
    <span className="due" data-overdue={late}>
      {dayAndMinuteText(order.due, locale)}
      {waiting && (
        <span className="cell-note">
          {late ? words.overdue(spanText(now - order.due, t)) : words.dueIn(spanText(order.due - now, t))}
        </span>
      )}
    </span>
  );
}

export function OrderTable({
  orders,
  selected,
  onSelect,
}: {
  readonly orders: readonly WorkOrderView[];
  readonly selected: number;
  readonly onSelect: (number: number) => void;
}) {
  const { language } = useSpeech();
  const words = useWords(ORDER_WORDS);
  const site = useSite();
  return (
    <TableFrame label={words.list}>
      <table className="table order-table">
        <thead>
          <tr>
            <th scope="col">{words.what}</th>
            <th scope="col">{words.stateLabel}</th>
            <th scope="col">{words.assignee}</th>
            <th scope="col">{words.due}</th>
          </tr>
        </thead>
        <tbody>
          {orders.map((order) => (
            <tr key={order.number} data-selected={order.number === selected}>
              <th scope="row">
                <button type="button" className="link-button" onClick={() => onSelect(order.number)}>
                  {order.title}
                </button>
                <span className="cell-note">
                  {words.number(order.number)} · {shortPlaceText(site, order.path, language)}
                  {order.level === "major" && <strong> · {words.level.major}</strong>}
                </span>
              </th>
              <td>{words.state[order.state]}</td>
              <td>{order.assignee ?? "—"}</td>
              <td>
                <DueWord order={order} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}
