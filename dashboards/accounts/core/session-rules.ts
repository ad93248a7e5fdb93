/** How long a session lasts. */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { Grant, Role } from "./permissions.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Who holds a desk stays signed in for a shift of twelve hours and its hand-over, whether there is work or not. */
const AT_A_DESK: ReadonlySet<Role> = new Set(["guard", "duty-leader"]);
const SHIFT_MS = 13 * HOUR_MS;
const IDLE_MS = 30 * MINUTE_MS;

export interface SessionLimits {
  /** Without being used for this long, it ends. */
  readonly idle_ms: number;
  /** It ends this long after the sign-in, come what may. */
  readonly absolute_ms: number;
  /** Whether what an open page asks by itself is a use of it; otherwise somebody has to be there. */
  readonly unattended: boolean;
}

/** Nobody sits at a wall: it stays for as long as it is on, over a long weekend without current, and a quarter of a year at most. */
const ON_THE_WALL: SessionLimits = { idle_ms: 4 * DAY_MS, absolute_ms: 92 * DAY_MS, unattended: true };

/** Whatever the roles, no session is older. */
export const SESSION_MS_MAX = ON_THE_WALL.absolute_ms;

/** Whoever has another role beside the wall's can do more than look, and is a person. */
export function sessionLimits(grants: readonly Grant[]): SessionLimits {
  if (grants.length > 0 && grants.every(({ role }) => role === "wall-display")) return ON_THE_WALL;
  const desk = grants.some(({ role }) => AT_A_DESK.has(role));
  return { idle_ms: desk ? SHIFT_MS : IDLE_MS, absolute_ms: SHIFT_MS, unattended: false };
}

export function isOver(
  { createdAt, usedAt }: { readonly createdAt: Timestamp; readonly usedAt: Timestamp },
  { absolute_ms, idle_ms }: SessionLimits,
  now: Timestamp,
): boolean {
  return now - usedAt >= idle_ms || now - createdAt >= absolute_ms;
}

/** Who has proven to be there so lately may do what an open screen that was left must not. */
export const CONFIRMED_MS = 10 * MINUTE_MS;

export function isConfirmed({ confirmedAt }: { readonly confirmedAt: Timestamp }, now: Timestamp): boolean {
  return now - confirmedAt < CONFIRMED_MS;
}
