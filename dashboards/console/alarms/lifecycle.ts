import type { AlarmState, AlarmView, Priority } from "@campus-ops/rules/api";

export const PRIORITIES = [1, 2, 3, 4] as const satisfies readonly Priority[];

type Stage = Pick<AlarmView, "state" | "acknowledged">;

/** Nobody has yet said that they saw it. What latched before anybody did still counts. */
export const isUnacknowledged = ({ state, acknowledged }: Stage): boolean =>
  state === "unacknowledged" ||
  state === "returned-unacknowledged" ||
  (state === "latched" && acknowledged === undefined);

/** Still asks for a place in the list. */
export const isActive = ({ state }: Pick<AlarmView, "state">): boolean =>
  state !== "normal" && state !== "out-of-service";

export type AskedAction =
  | "acknowledge"
  | "comment"
  | "assign"
  | "shelve"
  | "unshelve"
  | "reset"
  | "escalate"
  | "remove-from-service"
  | "return-to-service";

const OFFERED: Readonly<Record<AlarmState, readonly AskedAction[]>> = {
  normal: [],
  unacknowledged: ["acknowledge", "escalate", "shelve"],
  acknowledged: ["shelve"],
  "returned-unacknowledged": ["acknowledge"],
  latched: ["reset"],
  shelved: ["unshelve"],
  "suppressed-by-design": [],
  "out-of-service": ["return-to-service"],
};

/** What to offer a person; the platform's own table has the last word. A comment is always possible, and giving it to somebody. */
export function actionsFor(alarm: Stage): ReadonlySet<AskedAction> {
  return new Set([
    ...OFFERED[alarm.state],
    "comment",
    "assign",
    ...(isUnacknowledged(alarm) ? (["acknowledge"] as const) : []),
    ...(alarm.state === "latched" && isUnacknowledged(alarm) ? (["escalate"] as const) : []),
  ]);
}
