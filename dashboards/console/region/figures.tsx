import type { ReactNode } from "react";
import type { RollupView } from "../../api/api.ts";
import { PRIORITIES } from "../alarms/lifecycle.ts";
import { PriorityBadge } from "../alarms/priority.tsx";
import { numberText, percentText } from "../format/number.ts";
import { agoText } from "../format/time.ts";
import { useNow } from "../live/clock.ts";
import { useSpeech, useWords } from "../text/language.tsx";
import { activeAlarms, countOf } from "./tree.ts";
import { REGION_WORDS } from "./words.ts";

const SECONDS_PER_HOUR = 3600;

export function Figure({
  title,
  note,
  children,
}: {
  readonly title: string;
  readonly note?: ReactNode;
  readonly children: ReactNode;
}) {
  return (
    <div className="figure-card">
      <dt>{title}</dt>
      <dd className="figure-value value">{children}</dd>
      {note !== undefined && <dd className="figure-note">{note}</dd>}
    </div>
  );
}

/** How many of each priority are active, by shape, number and word. */
export function PriorityCounts({ view }: { readonly view: RollupView }) {
  const { t } = useSpeech();
  return (
    <ul className="priority-counts">
      {PRIORITIES.map((priority) => {
        const count = countOf(view.counts, `alarms.priority${priority}`);
        return (
          <li key={priority} data-none={count === 0}>
            <PriorityBadge priority={priority} calm={count === 0} />
            <span>{t.priority[priority]}</span>
            <strong>{count}</strong>
          </li>
        );
      })}
    </ul>
  );
}

/** Of a campus whose own hub is cut off: its figures are what it told last. */
export function LastKnownWord({ view: { lastKnown } }: { readonly view: RollupView }) {
  const { t } = useSpeech();
  const words = useWords(REGION_WORDS);
  const now = useNow();
  if (lastKnown === undefined) return null;
  return <span className="last-known">{words.lastKnown(agoText(lastKnown, now, t))}</span>;
}

export function CompletenessWord({ view }: { readonly view: RollupView }) {
  const { t } = useSpeech();
  return view.lastKnown !== undefined ? (
    <LastKnownWord view={view} />
  ) : (
    <span className="completeness" data-incomplete={view.completeness !== undefined && view.completeness < 1}>
      {view.completeness === undefined
        ? t.completeness.shortNone
        : t.completeness.short(percentText(view.completeness))}
    </span>
  );
}

/** The key figures of one asset, exactly as the API folded them, each with how complete it is. */
export function KeyFigures({ view }: { readonly view: RollupView }) {
  const { t, locale } = useSpeech();
  const { counts } = view;
  const count = (name: Parameters<typeof countOf>[1]): string => numberText(countOf(counts, name), locale);
  const completeness = <CompletenessWord view={view} />;
  return (
    <dl className="figures">
      <Figure
        title={t.campus.intactRate}
        note={t.campus.intactOf(countOf(counts, "devices.working"), countOf(counts, "devices.registered"))}
      >
        {view.intactRate === undefined ? "—" : percentText(view.intactRate)}
      </Figure>
      <Figure
        title={t.campus.alarms}
        note={`${t.campus.unacknowledged(countOf(counts, "alarms.unacknowledged"))} · ${t.campus.raised(countOf(counts, "alarms.raised"))}`}
      >
        {numberText(activeAlarms(counts), locale)}
      </Figure>
      <Figure title={t.campus.granted} note={completeness}>
        {count("access.granted")}
      </Figure>
      <Figure title={t.campus.refused} note={completeness}>
        {count("access.refused")}
      </Figure>
      <Figure title={t.campus.screenings} note={completeness}>
        {count("screening.total")}
      </Figure>
      <Figure title={t.campus.suspect} note={completeness}>
        {count("screening.suspect")}
      </Figure>
      <Figure title={t.campus.projectorHours} note={completeness}>
        {t.campus.hours(numberText(countOf(counts, "projector.onSeconds") / SECONDS_PER_HOUR, locale, 1))}
      </Figure>
      <Figure title={t.campus.nodes}>
        {t.campus.nodesOnline(countOf(counts, "nodes.online"), countOf(counts, "nodes.registered"))}
      </Figure>
    </dl>
  );
}
