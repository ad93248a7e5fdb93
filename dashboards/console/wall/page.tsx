import type { AlarmView } from "@campus-ops/rules/api";
import { useMemo } from "react";
import { Link } from "wouter";
import { groupByCause } from "../alarms/grouping.ts";
import { isUnacknowledged, PRIORITIES } from "../alarms/lifecycle.ts";
import { newestFirst } from "../alarms/list-order.ts";
import { PriorityBadge } from "../alarms/priority.tsx";
import { Failure } from "../controls/failure.tsx";
import { shortPlaceText } from "../format/place.ts";
import { clockText, spanText } from "../format/time.ts";
import { useNow } from "../live/clock.ts";
import { useAlarms, useSite } from "../live/live.tsx";
import { useSpeech, useWords } from "../text/language.tsx";
import "./wall.css";

/** As many as are readable from five metres on one screen. */
const ROWS_MAX = 7;
/** The picture moves by a few pixels so that it does not burn in. */
const SHIFT_MS = 60_000;
const SHIFTS = [0, 4, 8, 4] as const;

const WORDS = {
  zh: {
    title: "报警大屏",
    none: "没有未确认的报警",
    more: (n: number) => `另有 ${n} 条未确认`,
    leave: "退出大屏",
  },
  en: {
    title: "Alarm wall",
    none: "No alarm waits for an answer",
    more: (n: number) => `${n} more wait for an answer`,
    leave: "Leave the wall",
  },
};

const asks = ({ state }: AlarmView): boolean =>
  state === "unacknowledged" ||
  state === "acknowledged" ||
  state === "returned-unacknowledged" ||
  state === "latched";

/** What waits for an answer, for a screen on the wall: the urgent first, then those that have waited longest. */
export default function AlarmWallPage() {
  const { t, language, local } = useSpeech();
  const words = useWords(WORDS);
  const site = useSite();
  const now = useNow();
  const { alarms, query } = useAlarms();
  const open = useMemo(() => [...alarms.values()].filter(asks), [alarms]);
  const waiting = useMemo(
    () =>
      newestFirst(groupByCause(open))
        .map(({ alarm }) => alarm)
        .filter(isUnacknowledged)
        .toSorted((a, b) => a.priority - b.priority || a.raisedAt - b.raisedAt),
    [open],
  );
  const shift = SHIFTS[Math.floor(now / SHIFT_MS) % SHIFTS.length] ?? 0;
  return (
    <div
      className="alarm-wall"
      ref={(element) =>
        element?.style.setProperty("padding", `calc(2vh + ${shift}px) 2vw 2vh calc(2vw + ${shift}px)`)
      }
    >
      <header className="wall-header">
        <h1>{words.title}</h1>
        <time className="figure">{clockText(now)}</time>
        <Link href="/alarms">{words.leave}</Link>
      </header>
      <ul className="wall-counts">
        {PRIORITIES.map((priority) => {
          const own = open.filter((alarm) => alarm.priority === priority);
          const unanswered = own.filter(isUnacknowledged).length;
          return (
            <li key={priority}>
              <PriorityBadge priority={priority} calm={unanswered === 0} />
              <span>{t.priority[priority]}</span>
              <strong className="value">{unanswered}</strong>
              <span className="quiet value">/ {own.length}</span>
            </li>
          );
        })}
      </ul>
      {query.error !== null && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.isSuccess && waiting.length === 0 && <p className="wall-none">{words.none}</p>}
      <ol className="wall-rows">
        {waiting.slice(0, ROWS_MAX).map((alarm) => (
          <li key={alarm.id} data-priority={alarm.priority}>
            <PriorityBadge priority={alarm.priority} labelled />
            <span className="wall-what">
              <strong>
                {alarm.drill !== undefined && <span className="drill-mark">{t.alarms.drill}</span>}
                {local(alarm.title)}
              </strong>
              <span>
                {shortPlaceText(site, alarm.device.path, language)} · {local(alarm.device.title)}
              </span>
            </span>
            <span className="figure value">{spanText(now - alarm.raisedAt, t)}</span>
          </li>
        ))}
      </ol>
      {waiting.length > ROWS_MAX && <p className="wall-more">{words.more(waiting.length - ROWS_MAX)}</p>}
    </div>
  );
}
