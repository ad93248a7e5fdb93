import type { DeskView, HandOverView } from "../../api/api.ts";
import { dayAndMinuteText } from "../format/time.ts";
import { useSpeech, useWords } from "../text/language.tsx";
import { SummaryTable } from "./summary.tsx";
import { DESK_WORDS } from "./words.ts";

/** One hand-over on one page, with room for two signatures in ink. */
export function HandOverRecord({
  record,
  desk,
  onClose,
}: {
  readonly record: HandOverView;
  readonly desk: DeskView;
  readonly onClose: () => void;
}) {
  const { locale, local } = useSpeech();
  const { handOver: words } = useWords(DESK_WORDS);
  return (
    <article className="hand-over-record">
      <p className="not-printed record-buttons">
        <button type="button" className="button" onClick={onClose}>
          {words.backToForm}
        </button>
        <button type="button" className="button" data-primary onClick={() => window.print()}>
          {words.print}
        </button>
      </p>
      <h2>
        {words.recordTitle} · {local(desk.title)}
      </h2>
      <dl className="facts">
        <div>
          <dt>{words.at}</dt>
          <dd>{dayAndMinuteText(record.at, locale)}</dd>
        </div>
        <div>
          <dt>{words.from}</dt>
          <dd>{record.from}</dd>
        </div>
        <div>
          <dt>{words.to}</dt>
          <dd>{record.to}</dd>
        </div>
      </dl>
      {record.note !== undefined && record.note !== "" && (
        <section>
          <h3>{words.note}</h3>
          <p className="hand-over-note">{record.note}</p>
        </section>
      )}
      <section>
        <h3>{words.standsTitle}</h3>
        <SummaryTable summary={record.summary} />
      </section>
      <dl className="signatures">
        {[words.from, words.to].map((who) => (
          <div key={who}>
            <dt>
              {who} · {words.signature}
            </dt>
            <dd />
          </div>
        ))}
      </dl>
    </article>
  );
}
