/** A campus's alarms as counts that add. */
import type { Rollup, RollupCount } from "@campus-ops/device-profiles/vocabulary";
import type { CampusAlarmCounts } from "../api.ts";

/** States in which an alarm asks something of a person. Shelved, suppressed and out-of-service ones do not. */
const OPEN = new Set(["unacknowledged", "acknowledged", "returned-unacknowledged", "latched"]);

export function campusCounts(
  campuses: readonly string[],
  standing: readonly { campus: string; priority: number; state: string; count: number }[],
  raised: readonly { campus: string; count: number }[],
): readonly CampusAlarmCounts[] {
  const counts = new Map<string, Partial<Record<RollupCount, number>>>(
    campuses.map((campus) => [campus, {}]),
  );
  const add = (campus: string, name: RollupCount, count: number): void => {
    const own = counts.get(campus) ?? {};
    own[name] = (own[name] ?? 0) + count;
    counts.set(campus, own);
  };
  for (const { campus, priority, state, count } of standing) {
    if (!OPEN.has(state)) continue;
    add(campus, `alarms.priority${priority}` as RollupCount, count);
    if (state === "unacknowledged" || state === "returned-unacknowledged")
      add(campus, "alarms.unacknowledged", count);
  }
  for (const { campus, count } of raised) add(campus, "alarms.raised", count);
  return [...counts].map(([campus, own]) => ({ campus, counts: own satisfies Rollup }));
}
