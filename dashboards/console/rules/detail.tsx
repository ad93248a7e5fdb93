import { DEVICE_CLASSES, type DeviceClass } from "@campus-ops/device-profiles/vocabulary";
import type { RuleDetailView } from "@campus-ops/rules/api";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { PriorityBadge } from "../alarms/priority.tsx";
import { useAddress } from "../controls/address.ts";
import { Failure } from "../controls/failure.tsx";
import { placeText } from "../format/place.ts";
import { spanText } from "../format/time.ts";
import { ApiProblem, getJson } from "../live/http.ts";
import { useSite } from "../live/live.tsx";
import { useSpeech, useWords } from "../text/language.tsx";
import { PauseDialog } from "./pause-dialog.tsx";
import { RULE_WORDS } from "./words.ts";

export const ruleQuery = (id: string) => ({
  queryKey: ["rules", "one", id],
  queryFn: ({ signal }: { readonly signal: AbortSignal }) =>
    getJson<RuleDetailView>(`/api/v1/rules/${encodeURIComponent(id)}`, signal),
});

/** What a rule watches, what to do when it fires, and how it is written. */
export function RuleDetail({ id }: { readonly id: string }) {
  const { t } = useSpeech();
  const words = useWords(RULE_WORDS);
  const query = useQuery(ruleQuery(id));
  if (query.error instanceof ApiProblem && query.error.status === 404)
    return <p className="quiet-note">{words.gone}</p>;
  if (query.error !== null) return <Failure error={query.error} onRetry={() => void query.refetch()} />;
  if (query.data === undefined) return <p className="quiet-note">{t.loading}</p>;
  return <Shown rule={query.data} />;
}

function Shown({ rule }: { readonly rule: RuleDetailView }) {
  const { t, language, local } = useSpeech();
  const words = useWords(RULE_WORDS);
  const site = useSite();
  const { change } = useAddress();
  const [pausing, setPausing] = useState(false);
  const [paused, setPaused] = useState(false);
  const classes = (names: readonly DeviceClass[]): string =>
    names.map((each) => local(DEVICE_CLASSES[each])).join(t.listSeparator);
  const span = (span_ms: number): string => (span_ms === 0 ? words.atOnce : spanText(span_ms, t));
  const { schedule, own, source } = rule;
  const windows = schedule?.windows.join(t.listSeparator) ?? "";
  const kinds = [
    rule.latching && words.latching,
    rule.cause && words.cause,
    rule.symptom && words.symptom,
  ].filter((kind) => kind !== false);
  return (
    <article>
      <header className="detail-header" data-priority={rule.priority}>
        <PriorityBadge priority={rule.priority} calm />
        <div>
          <h2>{local(rule.title)}</h2>
          <p className="detail-subtitle">
            <span>{t.priority[rule.priority]}</span>
            <span>
              {words.packTitle(rule.pack)} · {rule.id} · {words.version(rule.version)} · {words.inForce}
            </span>
          </p>
        </div>
      </header>
      <p className="record-buttons">
        {own !== undefined && (
          <button type="button" className="button" onClick={() => change({ edit: own, rule: "" })}>
            {words.edit}
          </button>
        )}
        {own === undefined && source !== undefined && (
          <button
            type="button"
            className="button"
            onClick={() => change({ edit: `own-${rule.id}`, from: rule.id, rule: "" })}
          >
            {words.copy}
          </button>
        )}
        {!rule.latching && (
          <button type="button" className="button" onClick={() => setPausing(true)}>
            {words.pause}
          </button>
        )}
      </p>
      {paused && <p role="status">{words.paused}</p>}
      <dl className="facts">
        <Fact title={words.watches}>
          {rule.classes.length === 0 ? words.everyClass : classes(rule.classes)}
          {rule.exceptClasses.length > 0 && ` · ${words.except(classes(rule.exceptClasses))}`}
          {rule.capabilities.length > 0 && ` · ${rule.capabilities.join(t.listSeparator)}`}
        </Fact>
        <Fact title={words.places}>
          {rule.within.length === 0
            ? words.everywhere
            : rule.within.map((path) => placeText(site, path, language)).join(t.listSeparator)}
        </Fact>
        <Fact title={words.schedule}>
          {schedule === undefined
            ? words.always
            : schedule.inside
              ? words.during(windows)
              : words.outside(windows)}
        </Fact>
        <Fact title={words.delay}>{span(rule.onDelay_ms)}</Fact>
        <Fact title={words.offDelay}>{span(rule.offDelay_ms)}</Fact>
        <Fact title={words.respond}>{spanText(rule.respondWithin_ms, t)}</Fact>
        <Fact title={words.nature}>{kinds.length === 0 ? words.plain : kinds.join(t.listSeparator)}</Fact>
      </dl>
      <section>
        <h3>{words.card}</h3>
        <dl className="facts rule-card">
          <Fact title={words.cardAction}>{local(rule.card.action)}</Fact>
          <Fact title={words.cardCause}>{local(rule.card.cause)}</Fact>
          <Fact title={words.cardConsequence}>{local(rule.card.consequence)}</Fact>
        </dl>
      </section>
      {source !== undefined && (
        <section>
          <h3>{words.source(source.file, source.line)}</h3>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: WCAG 2.1.1, what scrolls must be reachable by keyboard */}
          <pre className="rule-source" tabIndex={0}>
            {source.text}
          </pre>
        </section>
      )}
      {pausing && (
        <PauseDialog rule={rule} onClose={() => setPausing(false)} onPaused={() => setPaused(true)} />
      )}
    </article>
  );
}

function Fact({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{title}</dt>
      <dd>{children}</dd>
    </div>
  );
}
