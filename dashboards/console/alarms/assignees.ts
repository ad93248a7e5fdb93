import type { AlarmView, TransitionView } from "@campus-ops/rules/api";

/** Names offered at once; any other is typed. */
export const NAMES_OFFERED_MAX = 8;

/**
 * Whom to offer an alarm to: whoever asks, then those who dealt with this alarm or those listed, the latest first. What
 * stands for somebody of a hub below (`@campus`) is nobody's name.
 */
export function namesToOffer(
  alarms: Iterable<Pick<AlarmView, "acknowledged" | "assigned">>,
  transitions: readonly TransitionView[],
  me: string | undefined,
): readonly string[] {
  const latest = new Map<string, number>();
  const note = (name: string, at: number): void => {
    if (name === "rule" || name === me || name.startsWith("@")) return;
    latest.set(name, Math.max(at, latest.get(name) ?? at));
  };
  for (const { acknowledged, assigned } of alarms) {
    if (acknowledged !== undefined) note(acknowledged.by, acknowledged.at);
    if (assigned !== undefined) {
      note(assigned.by, assigned.at);
      note(assigned.to, assigned.at);
    }
  }
  for (const { assignee, at, by } of transitions) {
    note(by, at);
    if (typeof assignee === "string") note(assignee, at);
  }
  const others = [...latest].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([name]) => name);
  return [...(me === undefined ? [] : [me]), ...others].slice(0, NAMES_OFFERED_MAX);
}
