import type { AlarmGroup } from "./grouping.ts";

/** Red alarms above this many take their place in the list below, so that the pinned part stays bounded. */
export const PINNED_MAX = 50;

/**
 * Newest first, and nothing else: a place in the list must not depend on a state that a click changes. Only a new
 * occurrence moves an alarm.
 */
export function newestFirst(groups: readonly AlarmGroup[]): readonly AlarmGroup[] {
  return groups.toSorted((a, b) => b.alarm.raisedAt - a.alarm.raisedAt || (a.alarm.id < b.alarm.id ? -1 : 1));
}

export interface Sections {
  readonly pinned: readonly AlarmGroup[];
  readonly rest: readonly AlarmGroup[];
}

export function pinRed(ordered: readonly AlarmGroup[]): Sections {
  const pinned = ordered.filter(({ alarm }) => alarm.priority === 1).slice(0, PINNED_MAX);
  const isPinned = new Set(pinned);
  return { pinned, rest: ordered.filter((group) => !isPinned.has(group)) };
}

/** One section of the list as it is on the screen. */
export interface Presented {
  /** Ids in the order they are shown. Some may have gone meanwhile: while the list is held they keep their place. */
  readonly shown: readonly string[];
  /** Ids that wait to be let in. */
  readonly waiting: readonly string[];
}

export const NOTHING_PRESENTED: Presented = { shown: [], waiting: [] };

/**
 * What to show of `current`, given what is on the screen. Not held: simply `current`. Held (the pointer or the focus is
 * in the list, or it is scrolled): every row stays where it is; what is new waits, or is appended at the end when
 * `newcomers` may not wait.
 */
export function present(
  previous: Presented,
  current: readonly string[],
  held: boolean,
  newcomers: "wait" | "append",
): Presented {
  if (!held || previous.shown.length === 0) return { shown: current, waiting: [] };
  const known = new Set(previous.shown);
  const fresh = current.filter((id) => !known.has(id));
  return newcomers === "wait"
    ? { shown: previous.shown, waiting: fresh }
    : { shown: fresh.length === 0 ? previous.shown : [...previous.shown, ...fresh], waiting: [] };
}
