import { Link, useLocation } from "wouter";
import { PRIORITIES } from "../alarms/lifecycle.ts";
import { PriorityBadge } from "../alarms/priority.tsx";
import { useShortcuts } from "../controls/shortcuts.ts";
import { percentText } from "../format/number.ts";
import { agoText, clockText, dateText, spanText, startOfDay } from "../format/time.ts";
import { useNow } from "../live/clock.ts";
import { useAlarms, useRollups } from "../live/live.tsx";
import { useSpeech, useWords } from "../text/language.tsx";
import { campusesInNeed, campusesOf, type Need } from "./need.ts";
import { countOf } from "./tree.ts";
import { REGION_WORDS } from "./words.ts";
import "./wall.css";

const SHOWN_MAX = 5;
const SHIFT_MS = 60_000;
/** Where the picture stands in turn, so that no pixel shows the same for years. */
const SHIFTS = [
  [0, 0],
  [6, 2],
  [4, 6],
  [-4, 4],
  [-6, -2],
  [0, -6],
] as const;

/** For a wall: what needs help, from five metres away, without a hand on it. */
export default function WallPage() {
  const { t, locale, local } = useSpeech();
  const words = useWords(REGION_WORDS);
  const now = useNow();
  const [, navigate] = useLocation();
  const { alarms } = useAlarms();
  const { data: root, dataUpdatedAt } = useRollups(startOfDay(now));
  useShortcuts({ Escape: () => navigate("/region") });
  const [x, y] = SHIFTS[Math.floor(now / SHIFT_MS) % SHIFTS.length] ?? SHIFTS[0];
  if (root === undefined) return <p className="quiet-note">{t.loading}</p>;
  const needs = campusesInNeed(root, alarms.values());
  const count = (name: Parameters<typeof countOf>[1]): number => countOf(root.counts, name);
  return (
    <div className="wall" style={{ translate: `${x}px ${y}px` }}>
      <header className="wall-head">
        <h1>{local(root.title)}</h1>
        <span className="value">{words.dataAge(agoText(dataUpdatedAt, now, t))}</span>
        <time dateTime={new Date(now).toISOString()}>
          {dateText(now, locale)} <b>{clockText(now).slice(0, 5)}</b>
        </time>
        <Link href="/region" className="wall-leave" aria-label={words.leaveWall}>
          <span aria-hidden="true">✕</span>
        </Link>
      </header>
      <ul className="wall-priorities">
        {PRIORITIES.map((priority) => {
          const active = count(`alarms.priority${priority}`);
          return (
            <li key={priority} data-none={active === 0}>
              <PriorityBadge priority={priority} calm={active === 0} />
              <b className="value">{active}</b>
              <span>{t.priority[priority]}</span>
            </li>
          );
        })}
      </ul>
      <dl className="wall-figures">
        <div>
          <dt>{t.campus.intactRate}</dt>
          <dd className="value">{root.intactRate === undefined ? "—" : percentText(root.intactRate)}</dd>
        </div>
        <div>
          <dt>{words.boxesOnline}</dt>
          <dd className="value">
            {count("nodes.online")}/{count("nodes.registered")}
          </dd>
        </div>
        <div>
          <dt>{t.region.completeness}</dt>
          <dd className="value">{root.completeness === undefined ? "—" : percentText(root.completeness)}</dd>
        </div>
        <div>
          <dt>{words.campuses}</dt>
          <dd className="value">{campusesOf(root).length}</dd>
        </div>
      </dl>
      <section className="wall-needs">
        <h2>{needs.length === 0 ? words.calm : words.worst}</h2>
        <ol>
          {needs.slice(0, SHOWN_MAX).map((need) => (
            <li key={need.view.path}>
              <CampusLine need={need} now={now} />
            </li>
          ))}
        </ol>
      </section>
    </div>
  );
}

function CampusLine({ need, now }: { readonly need: Need; readonly now: number }) {
  const { t, local } = useSpeech();
  const words = useWords(REGION_WORDS);
  return (
    <>
      <strong>{local(need.view.title)}</strong>
      <span className="wall-alarms">
        {PRIORITIES.map((priority) => {
          const active = need.alarms[priority - 1] ?? 0;
          return (
            active > 0 && (
              <span key={priority}>
                <PriorityBadge priority={priority} calm={need.unacknowledged === 0} />
                {active}
              </span>
            )
          );
        })}
      </span>
      <span className="wall-why">
        {[
          need.waitingSince === undefined ? "" : words.waiting(spanText(now - need.waitingSince, t)),
          need.boxesOffline > 0 ? words.boxes(need.boxesOffline) : "",
          need.devicesOut > 0 ? words.unreachable(need.devicesOut) : "",
        ]
          .filter(Boolean)
          .slice(0, 2)
          .join(" · ")}
      </span>
    </>
  );
}
