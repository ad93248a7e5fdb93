/** What other parts of the hub tell the roll-ups: taken between two folds, confirmed when it is on the disk. */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { ToldCount } from "./rollup-file.ts";

/** More than this at once is refused: whoever tells waits until what was told is kept. */
export const WAITING_MAX = 256;

/** All counts of one family that a campus has in `[from, to)`: what was told of it before and is not here is nothing. */
export interface CountsTold {
  readonly campus: string;
  readonly family: string;
  readonly from: Timestamp;
  readonly to: Timestamp;
  readonly counts: readonly ToldCount[];
}

interface Waiting {
  readonly work: () => void;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export class ToldQueue {
  #waiting: Waiting[] = [];
  #closed = false;

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Resolves when `work` was done and its transaction is committed. Rejects with a RangeError when too much waits. */
  add(work: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#closed || this.#waiting.length >= WAITING_MAX)
        reject(new RangeError("the roll-ups cannot take this now; tell it again later"));
      else this.#waiting.push({ work, resolve, reject });
    });
  }

  /** Does what waits, then `commit`s. What fails, fails for all of it. */
  take(commit: () => void): void {
    const taken = this.#waiting;
    this.#waiting = [];
    try {
      for (const { work } of taken) work();
      commit();
    } catch (error) {
      for (const { reject } of taken) reject(error);
      throw error;
    }
    for (const { resolve } of taken) resolve();
  }

  close(): void {
    this.#closed = true;
    for (const { reject } of this.#waiting)
      reject(new RangeError("the roll-ups are stopping; tell it again later"));
    this.#waiting = [];
  }
}
