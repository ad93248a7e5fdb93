import type { Timestamp } from "./sample.ts";

/** Data ages at most so much faster than time really passes. */
export const AGING_RATE_MAX = 24;

/**
 * The time by which age limits are judged. It follows the wall clock, and never runs ahead of it faster than
 * {@link AGING_RATE_MAX} hours in an hour of running: a clock that jumps years ahead for a while, or a machine that was
 * off for a summer, makes nobody delete everything at once. A day of it takes an hour to be believed, a summer three days.
 */
export class AgingClock {
  #now: Timestamp | undefined;
  #uptime_ms: number | undefined;

  /** `reached`: where an earlier run stopped, kept over restarts; undefined when there was none. */
  constructor(reached: Timestamp | undefined) {
    this.#now = reached;
  }

  at(wall: Timestamp, uptime_ms: number): Timestamp {
    const passed_ms = uptime_ms - (this.#uptime_ms ?? uptime_ms);
    this.#uptime_ms = uptime_ms;
    this.#now = Math.min(wall, (this.#now ?? wall) + passed_ms * AGING_RATE_MAX);
    return this.#now;
  }
}
