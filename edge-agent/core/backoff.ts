/** How long to wait before trying again: exponential from 1 s to 2 min, jittered so that many agents do not march in step. */

export const BACKOFF_MS_MIN = 1_000;
export const BACKOFF_MS_MAX = 120_000;
/** A refused login is not tried again soon: devices lock an account after a few wrong passwords. */
export const LOGIN_REFUSED_WAIT_MS = 30 * 60_000;

/** A number in [0, 1), as `Math.random` gives. */
export type Random = () => number;

/**
 * `failures` counts from 1. The wait lies between half of the exponential step and all of it, so that it is jittered
 * and still never nearly zero.
 */
export function backoff_ms(failures: number, random: Random): number {
  const step = Math.min(BACKOFF_MS_MAX, BACKOFF_MS_MIN * 2 ** Math.min(failures - 1, 30));
  return step * (0.5 + random() / 2);
}
