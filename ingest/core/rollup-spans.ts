/**
 * Counts by campus and stretch of time in memory, so that a page about a whole city does not add up the five minutes of a
 * day for every reader: whole hours, and single buckets at both ends. A stretch is read once, and follows what is written.
 */
import {
  ROLLUP_COUNT_NAMES,
  type Rollup,
  type RollupCount,
  type Timestamp,
} from "@campus-ops/device-profiles/vocabulary";
import { BUCKET_MS } from "./rollup.ts";

/** Two days of hours, and the buckets of an hour at either end; the one that was asked for longest ago goes first. */
export const SPANS_MAX = 72;
const HOUR_MS = 3_600_000;

type Counts = Map<string, Float64Array>;
type ReadCounts = (
  from: Timestamp,
  to: Timestamp,
) => Iterable<readonly [campus: string, RollupCount, number]>;

const PLACES = new Map(ROLLUP_COUNT_NAMES.map((count, place) => [count, place]));

export class RollupSpans {
  readonly #read: ReadCounts;
  /** By width and beginning, in order of the last question. */
  readonly #spans = new Map<string, Counts>();

  /** `read` gives what is written of the buckets that begin in `[from, to)`. */
  constructor(read: ReadCounts) {
    this.#read = read;
  }

  /** Something was written. */
  add(campus: string, bucket: Timestamp, count: RollupCount, by: number): void {
    for (const [width_ms, from] of [
      [BUCKET_MS, bucket],
      [HOUR_MS, hourOf(bucket)],
    ] as const) {
      const span = this.#spans.get(keyOf(from, width_ms));
      if (span !== undefined) addTo(span, campus, PLACES.get(count) ?? 0, by);
    }
  }

  /** What was written was taken back. */
  clear(): void {
    this.#spans.clear();
  }

  /** What was written before was deleted. */
  forgetBefore(time: Timestamp): void {
    for (const key of this.#spans.keys()) if (Number(key.split(" ")[1]) < time) this.#spans.delete(key);
  }

  /** Of the buckets that begin in `[from, to)`, both at a bucket's beginning; counts that are zero are left out. */
  between(from: Timestamp, to: Timestamp): Map<string, Rollup> {
    const sums: Counts = new Map();
    // A term would drive out what pages ask for all the time.
    if (to - from > SPANS_MAX * HOUR_MS) {
      for (const [campus, count, value] of this.#read(from, to))
        addTo(sums, campus, PLACES.get(count) ?? 0, value);
      return rollupsOf(sums);
    }
    for (let at = from; at < to; ) {
      const width_ms = at === hourOf(at) && at + HOUR_MS <= to ? HOUR_MS : BUCKET_MS;
      for (const [campus, counts] of this.#span(at, width_ms)) {
        const sum = sums.get(campus);
        if (sum === undefined) sums.set(campus, counts.slice());
        else
          for (let place = 0; place < counts.length; place += 1)
            sum[place] = (sum[place] ?? 0) + (counts[place] ?? 0);
      }
      at += width_ms;
    }
    return rollupsOf(sums);
  }

  #span(from: Timestamp, width_ms: number): Counts {
    const key = keyOf(from, width_ms);
    const known = this.#spans.get(key);
    const span: Counts = known ?? new Map();
    if (known === undefined) {
      for (const [campus, count, value] of this.#read(from, from + width_ms))
        addTo(span, campus, PLACES.get(count) ?? 0, value);
    }
    this.#spans.delete(key);
    this.#spans.set(key, span);
    const [oldest] = this.#spans.keys();
    if (this.#spans.size > SPANS_MAX && oldest !== undefined) this.#spans.delete(oldest);
    return span;
  }
}

const keyOf = (from: Timestamp, width_ms: number): string => `${width_ms} ${from}`;

const hourOf = (time: Timestamp): Timestamp => Math.floor(time / HOUR_MS) * HOUR_MS;

function addTo(span: Counts, campus: string, place: number, by: number): void {
  let counts = span.get(campus);
  if (counts === undefined) {
    counts = new Float64Array(ROLLUP_COUNT_NAMES.length);
    span.set(campus, counts);
  }
  counts[place] = (counts[place] ?? 0) + by;
}

const rollupsOf = (sums: Counts): Map<string, Rollup> =>
  new Map([...sums].map(([campus, counts]) => [campus, rollupOf(counts)]));

function rollupOf(counts: Float64Array): Rollup {
  const rollup: Partial<Record<RollupCount, number>> = {};
  for (const [place, name] of ROLLUP_COUNT_NAMES.entries()) {
    const value = counts[place] ?? 0;
    if (value !== 0) rollup[name] = value;
  }
  return rollup;
}
