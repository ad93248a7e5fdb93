/** Virtual time: what is due happens in order, and between two events nothing does. */
import { type Due, DueHeap } from "@campus-ops/rules/core/due-heap";

/** `due` in milliseconds of virtual time. */
interface Event extends Due {
  readonly work: () => void;
}

/** Promises that one event settles may settle others; so many turns let all of them through. */
const SETTLING_TURNS = 6;

export class Schedule {
  readonly #heap = new DueHeap<Event>();
  #now_ms = 0;
  #order = 0;
  #unsettled = false;
  events = 0;

  get now_ms(): number {
    return this.#now_ms;
  }

  after(delay_ms: number, work: () => void): void {
    this.#order += 1;
    this.#heap.push({ due: this.#now_ms + delay_ms, order: this.#order, work });
  }

  /** Promises were settled: what waits for them runs before the next event. */
  settle(): void {
    this.#unsettled = true;
  }

  /** Runs until `done` says so, or until `until_ms`; `stopped` tells which errors are no failure of the simulation. */
  async run(until_ms: number, done: () => boolean, stopped: (error: unknown) => boolean): Promise<void> {
    while (!done()) {
      const { first } = this.#heap;
      if (first === undefined || first.due > until_ms) {
        this.#now_ms = until_ms;
        return;
      }
      this.#heap.pop();
      this.#now_ms = first.due;
      this.events += 1;
      try {
        first.work();
      } catch (error) {
        if (!stopped(error)) throw error;
      }
      if (!this.#unsettled) continue;
      this.#unsettled = false;
      for (let turn = 0; turn < SETTLING_TURNS; turn += 1) await undefined;
    }
  }
}
