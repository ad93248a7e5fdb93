/** When to look at a device next. */
import type { Random } from "./backoff.ts";

/** The first look of each device falls anywhere in its interval, so that hundreds of devices do not wake together. */
export const FIRST_POLL_MS_MAX = 2_000;

export function firstPollDelay_ms(interval_ms: number, random: Random): number {
  return random() * Math.min(interval_ms, FIRST_POLL_MS_MAX);
}

/**
 * The next due time on the device's own grid. A poll that took longer than the interval skips the slots it missed:
 * looks never pile up, and a device that becomes quick again is back on its grid.
 */
export function nextPollAt(due: number, finished: number, interval_ms: number): number {
  const missed = Math.floor((finished - due) / interval_ms);
  return due + (Math.max(0, missed) + 1) * interval_ms;
}
