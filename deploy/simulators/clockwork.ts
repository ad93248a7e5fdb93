/** Plays a timeline in real time. Late timers lose nothing: what became due meanwhile is done in order. */
import { type Act, actsBetween, nextDue, type Timeline } from "./scenario/timeline.ts";

export interface Clock {
  /** Where on the timeline we are: milliseconds since its first loop began, negative before that. */
  position_ms(): number;
  /** Calls once, after at least so long; returns how to call it off. */
  after(milliseconds: number, call: () => void): () => void;
}

export class Clockwork {
  readonly #timeline: Timeline;
  readonly #clock: Clock;
  readonly #act: (act: Act) => void;
  #cancel: (() => void) | undefined;
  #running = false;

  constructor(timeline: Timeline, clock: Clock, act: (act: Act) => void) {
    this.#timeline = timeline;
    this.#clock = clock;
    this.#act = act;
  }

  get running(): boolean {
    return this.#running;
  }

  /** Where in the present loop the clock stands, whether acts are done or not. */
  get position_ms(): number {
    const { length_ms } = this.#timeline;
    return ((this.#clock.position_ms() % length_ms) + length_ms) % length_ms;
  }

  /** Joins the day where it is: what would have happened before did not. */
  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#wait(Math.floor(this.#clock.position_ms()));
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#running = false;
  }

  /** @param done_ms everything before it has been done */
  #wait(done_ms: number): void {
    const next = nextDue(this.#timeline, done_ms);
    if (next === undefined) return;
    this.#cancel = this.#clock.after(Math.max(0, next - this.#clock.position_ms()), () => {
      // A timer may fire a fraction early; what it was set for is due all the same.
      const until = Math.max(next, Math.floor(this.#clock.position_ms())) + 1;
      for (const act of actsBetween(this.#timeline, done_ms, until)) this.#act(act);
      if (this.#running) this.#wait(until);
    });
  }
}
