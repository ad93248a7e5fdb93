/** Virtual time: what is due happens in order, and between two events nothing does. */

interface Due {
  readonly at_ms: number;
  readonly order: number;
  readonly work: () => void;
}

/** Promises that one event settles may settle others; so many turns let all of them through. */
const SETTLING_TURNS = 6;

export class Schedule {
  readonly #heap: Due[] = [];
  #now_ms = 0;
  #order = 0;
  #unsettled = false;
  events = 0;

  get now_ms(): number {
    return this.#now_ms;
  }

  after(delay_ms: number, work: () => void): void {
    this.#order += 1;
    this.#push({ at_ms: this.#now_ms + delay_ms, order: this.#order, work });
  }

  /** Promises were settled: what waits for them runs before the next event. */
  settle(): void {
    this.#unsettled = true;
  }

  /** Runs until `done` says so, or until `until_ms`; `stopped` tells which errors are no failure of the simulation. */
  async run(until_ms: number, done: () => boolean, stopped: (error: unknown) => boolean): Promise<void> {
    while (!done()) {
      const due = this.#heap[0];
      if (due === undefined || due.at_ms > until_ms) {
        this.#now_ms = until_ms;
        return;
      }
      this.#pop();
      this.#now_ms = due.at_ms;
      this.events += 1;
      try {
        due.work();
      } catch (error) {
        if (!stopped(error)) throw error;
      }
      if (!this.#unsettled) continue;
      this.#unsettled = false;
      for (let turn = 0; turn < SETTLING_TURNS; turn += 1) await undefined;
    }
  }

  #push(due: Due): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(due);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !isBefore(due, above)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = due;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      let least = heap[child];
      if (least === undefined) break;
      const right = heap[child + 1];
      if (right !== undefined && isBefore(right, least)) {
        child += 1;
        least = right;
      }
      if (!isBefore(least, last)) break;
      heap[index] = least;
      index = child;
    }
    heap[index] = last;
  }
}

function isBefore(a: Due, b: Due): boolean {
  return a.at_ms < b.at_ms || (a.at_ms === b.at_ms && a.order < b.order);
}
