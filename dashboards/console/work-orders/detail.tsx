import { useState } from "react";
import { Link } from "wouter";
import type { WorkOrderDetail, WorkOrderEntry } from "../../api/api.ts";
import { Failure } from "../controls/failure.tsx";
import { Fact } from "../devices/detail.tsx";
import { placeText } from "../format/place.ts";
import { dayAndMinuteText, momentText } from "../format/time.ts";
import { useNow } from "../live/clock.ts";
import { useSite } from "../live/live.tsx";
import { useSpeech, useWords } from "../text/language.tsx";
import { DueWord } from "./list.tsx";
import { OrderPhotos } from "./photos.tsx";
import { StepDialog } from "./step-dialog.tsx";
import { NEXT_STEPS, type StepAction } from "./steps.ts";
import { useOrder } from "./use-orders.ts";
import { ORDER_WORDS } from "./words.ts";

export function OrderDetail({ number }: { readonly number: number }) {
  const { t } = useSpeech();
  const words = useWords(ORDER_WORDS);
  const query = useOrder(number);
  if (query.data !== undefined) return <Known order={query.data} />;
  if (query.error === null) return <p className="quiet-note">{t.loading}</p>;
  return <Failure error={query.error} title={words.missing} onRetry={() => void query.refetch()} />;
}

function Known({ order }: { readonly order: WorkOrderDetail }) {
  const { language, locale, local } = useSpeech();
  const words = useWords(ORDER_WORDS);
  const site = useSite();
  const now = useNow();
  const [taking, setTaking] = useState<StepAction>();
  return (
    <article>
      <header className="detail-header">
        <div>
          <h2>{order.title}</h2>
          <p className="detail-subtitle">
            <strong>{words.state[order.state]}</strong>
            <span>{words.number(order.number)}</span>
            <span>{words.level[order.level]}</span>
          </p>
        </div>
      </header>
      <div className="toolbar no-print">
        {NEXT_STEPS[order.state].map((action, index) => (
          <button
            key={action}
            type="button"
            className="button"
            data-primary={index === 0 && action !== "note"}
            onClick={() => setTaking(action)}
          >
            {words.action[action]}
          </button>
        ))}
      </div>
      {order.detail !== "" && <p className="order-text">{order.detail}</p>}
      <dl className="facts">
        <Fact title={words.place}>{placeText(site, order.path, language)}</Fact>
        {order.device !== undefined && (
          <Fact title={words.device}>
            <Link href={`/devices?device=${encodeURIComponent(order.device.key)}`}>
              {local(order.device.title)}
            </Link>
          </Fact>
        )}
        {order.alarm !== undefined && (
          <Fact title={words.alarm}>
            <Link href={`/alarms?state=all&alarm=${encodeURIComponent(order.alarm.id)}`}>
              {words.seeAlarm}
            </Link>
          </Fact>
        )}
        <Fact title={words.assignee}>{order.assignee ?? "—"}</Fact>
        <Fact title={words.due}>
          <DueWord order={order} />
        </Fact>
      </dl>
      <OrderPhotos order={order} />
      <section>
        <h3>{words.history}</h3>
        <ol className="order-history">
          {order.history.map((entry) => (
            <li key={`${entry.at} ${entry.action}`}>
              <span className="quiet">{momentText(entry.at, now, locale)}</span>{" "}
              <strong>{words.action[entry.action]}</strong> <span>{entry.by}</span>
              {more(entry) !== "" && <span className="cell-note">{more(entry)}</span>}
              {entry.note !== "" && <p className="order-text">{entry.note}</p>}
            </li>
          ))}
        </ol>
      </section>
      {taking !== undefined && (
        <StepDialog key={taking} order={order} action={taking} onClose={() => setTaking(undefined)} />
      )}
    </article>
  );

  function more({ assignee, due, verifier }: WorkOrderEntry): string {
    return [
      assignee === undefined ? "" : words.assignedTo(assignee),
      due === undefined ? "" : words.dueAt(dayAndMinuteText(due, locale)),
      verifier === undefined ? "" : words.verifiedBy(verifier),
    ]
      .filter(Boolean)
      .join(" · ");
  }
}
