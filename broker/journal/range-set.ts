/**
 * A set of whole numbers held as runs, for the one question that de-duplication asks: is this run known already?
 *
 * Numbers of one outbox arrive nearly in order (the live stream and the backlog move side by side), so a set of
 * millions of numbers is a handful of runs.
 */
import type { Run } from "../sparkplug/handoff.ts";

/** More runs than this in one set means a sender that leaves holes without end; then the oldest run is forgotten. */
export const RUNS_MAX = 65_536;

export class RangeSet {
  /** Sorted, disjoint, never touching. */
  readonly #runs: Run[] = [];
  #size = 0;
  #forgotten = 0;

  static from(runs: Iterable<Run>): RangeSet {
    const set = new RangeSet();
    for (const run of runs) set.add(run);
    return set;
  }

  /** Adds every number from `first` to `last`. Numbers that are there already change nothing. */
  add({ first, last }: Run): void {
    const from = this.#firstEndingAtOrAfter(first - 1);
    let to = from;
    let merged: Run = { first, last };
    let swallowed = 0;
    for (let run = this.#runs[to]; run !== undefined && run.first <= last + 1; run = this.#runs[to]) {
      merged = { first: Math.min(merged.first, run.first), last: Math.max(merged.last, run.last) };
      swallowed += run.last - run.first + 1;
      to += 1;
    }
    this.#runs.splice(from, to - from, merged);
    this.#size += merged.last - merged.first + 1 - swallowed;
    if (this.#runs.length > RUNS_MAX) this.#forgetOldest();
  }

  /** True when every number from `first` to `last` is in the set. */
  has({ first, last }: Run): boolean {
    const run = this.#runs[this.#firstEndingAtOrAfter(first)];
    return run !== undefined && run.first <= first && last <= run.last;
  }

  /** How many numbers it holds. */
  get size(): number {
    return this.#size;
  }

  /** The runs, in order. */
  get runs(): readonly Run[] {
    return this.#runs;
  }

  /** Runs given up because there were more than {@link RUNS_MAX}: a duplicate of one of them would not be noticed. */
  get forgotten(): number {
    return this.#forgotten;
  }

  #forgetOldest(): void {
    const oldest = this.#runs.shift();
    if (oldest === undefined) return;
    this.#size -= oldest.last - oldest.first + 1;
    this.#forgotten += 1;
  }

  #firstEndingAtOrAfter(number: number): number {
    let low = 0;
    let high = this.#runs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const run = this.#runs[middle];
      if (run !== undefined && run.last < number) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
