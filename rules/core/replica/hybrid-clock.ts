/**
 * Hybrid logical time (Kulkarni et al., 2014): close to the wall clock, and never before anything its maker has seen,
 * however wrong a hub's clock is. Two stamps are never equal unless one hub made both at once, which it does not.
 */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";

export interface Stamp {
  readonly wall: Timestamp;
  readonly count: number;
  /** Id of the hub that made it. */
  readonly hub: string;
}

/** A stamp from further ahead than this does not pull this hub's time along; it is still ordered by what it says. */
export const AHEAD_MS_MAX = 24 * 3_600_000;

export const BEGINNING: Stamp = { wall: 0, count: 0, hub: "" };

export function compareStamps(a: Stamp, b: Stamp): number {
  return a.wall - b.wall || a.count - b.count || (a.hub < b.hub ? -1 : a.hub > b.hub ? 1 : 0);
}

export const later = (a: Stamp, b: Stamp): Stamp => (compareStamps(a, b) >= 0 ? a : b);

export class HybridClock {
  readonly #hub: string;
  #last: Stamp;

  /** `last`: where it stood when it was saved. */
  constructor(hub: string, last: Stamp = BEGINNING) {
    this.#hub = hub;
    this.#last = last;
  }

  get last(): Stamp {
    return this.#last;
  }

  /** A stamp for something that happens now. */
  tick(now: Timestamp): Stamp {
    const { wall, count } = this.#last;
    this.#last =
      now > wall ? { wall: now, count: 0, hub: this.#hub } : { wall, count: count + 1, hub: this.#hub };
    return this.#last;
  }

  /** Something made elsewhere has been seen: what happens here from now on comes after it. */
  seen(stamp: Stamp, now: Timestamp): void {
    if (stamp.wall <= now + AHEAD_MS_MAX) this.#last = later(this.#last, stamp);
  }
}
