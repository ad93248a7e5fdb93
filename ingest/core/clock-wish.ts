/**
 * When the journal needs a CLOCK entry before its second is over: rules tell when their next delay ends, and time reaches
 * them by the journal alone (decision 5). The earliest wish counts; whoever has read the entry says what comes next.
 */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";

/** Between an entry and a CLOCK entry that somebody wished for. */
export const WISH_MS_MIN = 50;
/** Wishes for later than this are not kept: the clock that ticks by itself comes sooner. */
export const WISH_MS_MAX = 1_000;

export class ClockWish {
  #wanted: Timestamp | undefined;
  #lastAt: Timestamp = Number.NEGATIVE_INFINITY;

  /** True when it changes when the next entry is due. */
  wish(at: Timestamp, now: Timestamp): boolean {
    if (at <= this.#lastAt || at > now + WISH_MS_MAX || at >= (this.#wanted ?? Number.POSITIVE_INFINITY))
      return false;
    this.#wanted = at;
    return true;
  }

  /** An entry of any kind was taken at `at`: it tells the time as well. */
  told(at: Timestamp): void {
    this.#lastAt = at;
    if (this.#wanted !== undefined && at >= this.#wanted) this.#wanted = undefined;
  }

  /** Milliseconds until the entry that was wished for; undefined when none is. */
  wait_ms(now: Timestamp): number | undefined {
    if (this.#wanted === undefined) return undefined;
    return Math.max(0, Math.ceil(this.#wanted - now), Math.ceil(this.#lastAt + WISH_MS_MIN - now));
  }
}
