/**
 * A clock that was set back while records waited. A host takes what comes late for older news when its event time is
 * earlier, and so may keep a value of before for good. Once everything recorded before has gone, all is told anew: a
 * birth is how things are now, whatever clocks say.
 */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";

/** Steps smaller than this are the clock being kept in time. */
export const SET_BACK_MS_MIN = 1_000;
/** Between two births for this reason: a clock that sways must not cost a birth each time. */
export const RETELL_MS_MIN = 60_000;

export interface SetBack {
  /** When something was recorded last, by the clock as it was set then. */
  readonly latest: Timestamp;
  /** Sample numbers below this one were given before the clock was set back; 0: nothing is to be told anew. */
  readonly before: number;
}

export const NEVER_SET_BACK: SetBack = { latest: Number.NEGATIVE_INFINITY, before: 0 };

/** Something is recorded at `now`, under the numbers from `next`. */
export function recordedAt(state: SetBack, now: Timestamp, next: number): SetBack {
  if (now < state.latest - SET_BACK_MS_MIN) return { latest: now, before: next };
  return { ...state, latest: Math.max(state.latest, now) };
}

/** `lowest`: the lowest sample number that waits; undefined when none does. */
export function mustRetell({ before }: SetBack, lowest: number | undefined): boolean {
  return before > 0 && (lowest ?? before) >= before;
}
