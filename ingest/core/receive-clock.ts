/**
 * The hub's own time, which becomes the receive time of the journal and never goes back. It follows the wall clock, but
 * a wall clock that jumps cannot drag it along:
 *
 * - Ahead by more than {@link JUMP_MS_MAX}: time goes on as uptime does until the wall clock has kept to it for
 *   {@link JUMP_CONFIRMED_MS}. A mistake that is undone before that leaves no trace in the journal.
 * - Behind: time goes on at half its speed until the wall clock has caught up, so that delays and time-outs keep
 *   running, and a journal that was once ahead is not pinned there.
 */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";

export const JUMP_MS_MAX = 60_000;
export const JUMP_CONFIRMED_MS = 10 * 60_000;
const SLOW = 0.5;

export class ReceiveClock {
  #time: Timestamp;
  #wall: Timestamp;
  #uptime_ms: number;
  #aheadSince_ms: number | undefined;

  /** `floor`: the newest receive time of the journal. */
  constructor(floor: Timestamp, wall: Timestamp, uptime_ms: number) {
    this.#time = Math.max(floor, wall);
    this.#wall = wall;
    this.#uptime_ms = uptime_ms;
  }

  /** How far the wall clock is from the time given: positive when it is ahead. */
  get wallAhead_ms(): number {
    return this.#wall - this.#time;
  }

  at(wall: Timestamp, uptime_ms: number): Timestamp {
    const passed_ms = Math.max(0, uptime_ms - this.#uptime_ms);
    this.#uptime_ms = uptime_ms;
    this.#wall = wall;
    this.#time = Math.max(this.#time, this.#next(wall, passed_ms));
    return Math.floor(this.#time);
  }

  #next(wall: Timestamp, passed_ms: number): number {
    const expected = this.#time + passed_ms;
    if (wall - expected <= JUMP_MS_MAX) {
      this.#aheadSince_ms = undefined;
      return Math.max(wall, this.#time + passed_ms * SLOW);
    }
    this.#aheadSince_ms ??= this.#uptime_ms;
    if (this.#uptime_ms - this.#aheadSince_ms < JUMP_CONFIRMED_MS) return expected;
    this.#aheadSince_ms = undefined;
    return wall;
  }
}
