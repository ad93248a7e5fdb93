/**
 * A set of positive whole numbers kept as sorted runs that neither overlap nor touch: the sample numbers an edge has
 * been acknowledged, or that a journal holds. Numbers mostly arrive in order, so that a set of millions is a few runs.
 */
import type { Run } from "./handoff.ts";

export class RangeSet {
  readonly #runs: Run[] = [];

  constructor(runs: Iterable<Run> = []) {
    for (const run of runs) this.add(run);
  }

  /** Adds `first` to `last`, both included. Adding what is there changes nothing. */
  add({ first, last }: Run): void {
    const from = this.#indexOfRunReaching(first - 1);
    let to = from;
    let lowest = first;
    let highest = last;
    for (let run = this.#runs[to]; run !== undefined && run.first <= last + 1; run = this.#runs[to]) {
      lowest = Math.min(lowest, run.first);
      highest = Math.max(highest, run.last);
      to += 1;
    }
    this.#runs.splice(from, to - from, { first: lowest, last: highest });
  }

  has(number: number): boolean {
    return this.hasAll({ first: number, last: number });
  }

  hasAll({ first, last }: Run): boolean {
    const run = this.#runs[this.#indexOfRunReaching(first)];
    return run !== undefined && run.first <= first && last <= run.last;
  }

  /** The parts of `range` that are not in the set, in order. */
  missing({ first, last }: Run): readonly Run[] {
    const gaps: Run[] = [];
    let next = first;
    for (let index = this.#indexOfRunReaching(first); next <= last; index += 1) {
      const run = this.#runs[index];
      if (run === undefined || run.first > last) {
        gaps.push({ first: next, last });
        break;
      }
      if (run.first > next) gaps.push({ first: next, last: run.first - 1 });
      next = run.last + 1;
    }
    return gaps;
  }

  /** The runs, in order: what {@link RangeSet} is built from again. */
  toRuns(): readonly Run[] {
    return [...this.#runs];
  }

  /** How many runs it takes to say what is in the set. */
  get runCount(): number {
    return this.#runs.length;
  }

  /** The index of the first run that ends at or after `number`. */
  #indexOfRunReaching(number: number): number {
    let low = 0;
    let high = this.#runs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#runs[middle]?.last ?? 0) < number) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
