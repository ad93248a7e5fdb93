/** Plays a timeline in real time. Late timers lose nothing: what became due meanwhile is done in order. */
import { type Act, actsBetween, nextDue, type Timeline } from "./scenario/timeline.ts";

export interface Clock {
  /** Monotonic milliseconds. */
  now(): number;
  /** Calls once, after at least so long; returns how to call it off. */
  after(milliseconds: number, call: () => void): () => void;
}

export class Clockwork {
  readonly #timeline: Timeline;
  readonly #clock: Clock;
  readonly #act: (act: Act) => void;
  /** Where on the timeline we are, while it does not run. */
  #position_ms = 0;
  #startedAt_ms: number | undefined;
  #cancel: (() => void) | undefined;

  constructor(timeline: Timeline, clock: Clock, act: (act: Act) => void) {
    this.#timeline = timeline;
    this.#clock = clock;
    this.#act = act;
  }

  get running(): boolean {
    return this.#startedAt_ms !== undefined;
  }

  /** Milliseconds since the first loop began, time in which it stood still left out. */
  get position_ms(): number {
    return this.#startedAt_ms === undefined ? this.#position_ms : this.#clock.now() - this.#startedAt_ms;
  }

  start(): void {
    if (this.running) return;
    this.#startedAt_ms = this.#clock.now() - this.#position_ms;
    this.#wait(this.#position_ms);
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#position_ms = this.position_ms;
    this.#startedAt_ms = undefined;
  }

  /** @param done_ms everything before it has been done */
  #wait(done_ms: number): void {
    const next = nextDue(this.#timeline, done_ms);
    if (next === undefined) return;
    this.#cancel = this.#clock.after(Math.max(0, next - this.position_ms), () => {
      // A timer may fire a fraction early; what it was set for is due all the same.
      const until = Math.max(next, Math.floor(this.position_ms)) + 1;
      for (const act of actsBetween(this.#timeline, done_ms, until)) this.#act(act);
      if (this.running) this.#wait(until);
    });
  }
}
