/** How long a session lasts. */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { Grant, Role } from "./permissions.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** Who holds a desk stays signed in for a shift of twelve hours and its hand-over, whether there is work or not. */
const AT_A_DESK: ReadonlySet<Role> = new Set(["guard", "duty-leader"]);
const SHIFT_MS = 13 * HOUR_MS;
const IDLE_MS = 30 * MINUTE_MS;

export interface SessionLimits {
  /** Without a request for this long, it ends. */
  readonly idle_ms: number;
  /** It ends this long after the sign-in, come what may. */
  readonly absolute_ms: number;
}

export function sessionLimits(grants: readonly Grant[]): SessionLimits {
  const desk = grants.some(({ role }) => AT_A_DESK.has(role));
  return { idle_ms: desk ? SHIFT_MS : IDLE_MS, absolute_ms: SHIFT_MS };
}

export function isOver(
  { createdAt, usedAt }: { readonly createdAt: Timestamp; readonly usedAt: Timestamp },
  { absolute_ms, idle_ms }: SessionLimits,
  now: Timestamp,
): boolean {
  return now - usedAt >= idle_ms || now - createdAt >= absolute_ms;
}
