/**
 * Gives way in long work, so that a page, or what comes in, waits for a slice of it and not for all. Where the work is cut
 * depends on the machine and on what else it does; what comes of the work must not.
 */
import { setImmediate } from "node:timers/promises";

/** A slice: short beside what a person notices, long beside what giving way costs. */
export const SLICE_MS = 8;

export class Turns {
  readonly #uptime_ms: () => number;
  #endsAt: number;

  /** `uptime_ms`: milliseconds that never step back. */
  constructor(uptime_ms: () => number) {
    this.#uptime_ms = uptime_ms;
    this.#endsAt = uptime_ms() + SLICE_MS;
  }

  /** Call it between two pieces of the work, and {@link give} way when it is true. */
  get areOver(): boolean {
    return this.#uptime_ms() >= this.#endsAt;
  }

  /** Resolves when everything that waited has had its turn; another slice begins. */
  async give(): Promise<void> {
    await setImmediate();
    this.#endsAt = this.#uptime_ms() + SLICE_MS;
  }
}
