/**
 * The health of one device over time: a fold over what it said of itself, sorted by event time. What comes late, a backlog
 * of three days for example, finds its place, and the history is the one that would have been found at once.
 */
import type { MetricName, Timestamp } from "@campus-ops/device-profiles/vocabulary";

/**
 * working · faulty: answers, and says that it is broken · unreachable: does not answer · unknown: its edge box was away or
 * switched off, so nobody knows.
 */
export type HealthState = "working" | "faulty" | "unreachable" | "unknown";

/** Whether its edge box can reach it; this one is believed before {@link PRESENCE}. */
export const REACHABLE: MetricName = "Connectivity/Online";
/** Births and deaths, for a third party's device that does not tell {@link REACHABLE}. */
export const PRESENCE = "presence";

/** Whether its box watches it; a device that it does not watch has no health, good or bad. */
export const REGISTERED = "registered";

/** One thing that was said of a device: it can be reached, is there, is watched, or not; or a metric tells of a fault. */
export interface HealthFact {
  readonly what: MetricName | typeof PRESENCE | typeof REGISTERED;
  readonly at: Timestamp;
  readonly value: boolean;
}

export interface Span {
  readonly from: Timestamp;
  /** Excluded. */
  readonly to: Timestamp;
}

export interface HealthInterval extends Span {
  readonly state: HealthState;
  /** The metrics that tell of a fault, in order of their names. */
  readonly faults: readonly MetricName[];
}

/**
 * Intervals in order, from the first fact to `until`; neighbours differ. There is a gap where the device was not watched.
 * `facts` in order of time; `blind` in order, not overlapping.
 */
export function foldHealth(
  facts: readonly HealthFact[],
  blind: readonly Span[],
  until: Timestamp,
): readonly HealthInterval[] {
  const known = new Map<string, boolean>();
  const intervals: HealthInterval[] = [];
  const first = facts[0]?.at;
  if (first === undefined || first >= until) return [];
  // A box that has been replaced tells of presence before its first reading: what a device ever told decides.
  const reach = facts.some(({ what }) => what === REACHABLE) ? REACHABLE : PRESENCE;
  let from = first;
  for (let index = 0; index < facts.length && from < until; ) {
    const at = facts[index]?.at ?? until;
    for (let fact = facts[index]; fact?.at === at; fact = facts[index]) {
      // Of one that returns nothing is known until it says so.
      if (fact.what === REGISTERED && known.get(REGISTERED) === false) known.clear();
      known.set(fact.what, fact.value);
      index += 1;
    }
    from = Math.min(facts[index]?.at ?? until, until);
    if (known.get(REGISTERED) !== false) append(intervals, { from: at, to: from, ...stateOf(known, reach) });
  }
  return withBlind(intervals, blind);
}

function stateOf(
  known: ReadonlyMap<string, boolean>,
  reach: string,
): Pick<HealthInterval, "state" | "faults"> {
  const reached = known.get(reach);
  if (reached === undefined) return { state: "unknown", faults: [] };
  if (!reached) return { state: "unreachable", faults: [] };
  const faults = [...known]
    .filter(([what, value]) => value && what !== REACHABLE && what !== PRESENCE && what !== REGISTERED)
    .map(([what]) => what)
    .sort();
  return { state: faults.length > 0 ? "faulty" : "working", faults };
}

function withBlind(intervals: readonly HealthInterval[], blind: readonly Span[]): readonly HealthInterval[] {
  const result: HealthInterval[] = [];
  let first = 0;
  for (const interval of intervals) {
    while ((blind[first]?.to ?? Number.POSITIVE_INFINITY) <= interval.from) first += 1;
    let { from } = interval;
    for (let next = first; next < blind.length; next += 1) {
      const { from: begin, to: end } = blind[next] ?? interval;
      if (begin >= interval.to) break;
      const to = Math.min(end, interval.to);
      append(result, { ...interval, from, to: begin });
      append(result, { from: Math.max(from, begin), to, state: "unknown", faults: [] });
      from = to;
    }
    append(result, { ...interval, from });
  }
  return result;
}

function append(intervals: HealthInterval[], next: HealthInterval): void {
  if (next.to <= next.from) return;
  const last = intervals.at(-1);
  const same =
    last?.state === next.state && last.to === next.from && last.faults.join() === next.faults.join();
  if (last !== undefined && same) intervals[intervals.length - 1] = { ...last, to: next.to };
  else intervals.push(next);
}

/** Seen by the box more than so long apart while it was away: in between it was switched off, as far as anybody knows. */
export const SEEN_MS = 300_000;

/**
 * When nobody knows what a box saw: its absences, less the stretches of {@link SEEN_MS} from which it delivered readings
 * afterwards. `seen` holds their beginnings, ascending. One silent stretch between two that were seen counts as seen.
 */
export function blindSpans(away: readonly Span[], seen: readonly Timestamp[]): readonly Span[] {
  return away.flatMap(({ from, to }) => {
    const spans: Span[] = [];
    let dark = from;
    for (const begin of seen) {
      if (begin + SEEN_MS <= from || begin >= to) continue;
      if (begin - dark > SEEN_MS) spans.push({ from: dark, to: begin });
      dark = Math.min(to, Math.max(dark, begin + SEEN_MS));
    }
    if (to - dark > SEEN_MS || (dark === from && to > dark)) spans.push({ from: dark, to });
    return spans;
  });
}
