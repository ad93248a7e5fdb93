/**
 * Counts by campus and stretch of time in memory, so that a page about a whole city does not add up the five minutes of a
 * day for every reader: whole hours, and single buckets at both ends. A stretch is read once, a bucket after the other, so
 * that whoever reads many can give way in between; and it follows what is written.
 */
import {
  ROLLUP_COUNT_NAMES,
  type Rollup,
  type RollupCount,
  type Timestamp,
} from "@campus-ops/device-profiles/vocabulary";
import { BUCKET_MS } from "./rollup.ts";

/** The longest range that is made of hours; a longer one, a term, is one stretch: it would drive out all others. */
export const RANGE_HOURS_MAX = 72;
/** Such a range with the buckets at its ends, and another one that overlaps it; who was asked for longest ago goes first. */
export const SPANS_MAX = 128;
/** Stretches that are no bucket and no hour. */
export const LONG_SPANS_MAX = 2;
const HOUR_MS = 3_600_000;

type ReadBucket = (
  from: Timestamp,
  to: Timestamp,
  take: (campus: string, count: RollupCount, value: number) => void,
) => Timestamp;

const WIDTH = ROLLUP_COUNT_NAMES.length;
const PLACES = new Map(ROLLUP_COUNT_NAMES.map((count, place) => [count, place]));

/** The counts of every campus in one array: a city's day is added up in some milliseconds. */
export class CampusSums {
  readonly #rows: Map<string, number>;
  #values = new Float64Array(0);

  /** `rows`: which row a campus has, the same in all sums that are added. */
  constructor(rows: Map<string, number>) {
    this.#rows = rows;
  }

  add(campus: string, count: RollupCount, by: number): void {
    let row = this.#rows.get(campus);
    if (row === undefined) {
      row = this.#rows.size;
      this.#rows.set(campus, row);
    }
    const place = row * WIDTH + (PLACES.get(count) ?? 0);
    this.#reach(place + 1);
    this.#values[place] = (this.#values[place] ?? 0) + by;
  }

  addAll({ values }: { readonly values: Float64Array }): void {
    this.#reach(values.length);
    const sums = this.#values;
    for (let place = 0; place < values.length; place += 1)
      sums[place] = (sums[place] ?? 0) + (values[place] ?? 0);
  }

  get values(): Float64Array {
    return this.#values;
  }

  /** Counts that are zero are left out. */
  of(campus: string): Rollup {
    const rollup: Partial<Record<RollupCount, number>> = {};
    const row = this.#rows.get(campus);
    if (row === undefined) return rollup;
    for (let place = 0; place < WIDTH; place += 1) {
      const value = this.#values[row * WIDTH + place] ?? 0;
      const name = ROLLUP_COUNT_NAMES[place];
      if (value !== 0 && name !== undefined) rollup[name] = value;
    }
    return rollup;
  }

  /** Whether a campus has the same counts in both. */
  isSame(campus: string, other: CampusSums): boolean {
    const [row, its] = [this.#rows.get(campus), other.#rows.get(campus)];
    for (let place = 0; place < WIDTH; place += 1) {
      const mine = row === undefined ? 0 : (this.#values[row * WIDTH + place] ?? 0);
      const theirs = its === undefined ? 0 : (other.#values[its * WIDTH + place] ?? 0);
      if (mine !== theirs) return false;
    }
    return true;
  }

  #reach(length: number): void {
    if (length <= this.#values.length) return;
    const larger = new Float64Array(Math.max(length, 2 * this.#values.length));
    larger.set(this.#values);
    this.#values = larger;
  }
}

interface Span {
  readonly from: Timestamp;
  readonly to: Timestamp;
  /** Of what is before, everything is in its sums; of the rest nothing. */
  readUpTo: Timestamp;
  readonly sums: CampusSums;
}

export class RollupSpans {
  readonly #read: ReadBucket;
  #rows = new Map<string, number>();
  /** Buckets and hours by {@link keyOf}, in order of the last question. */
  readonly #spans = new Map<number, Span>();
  #long: Span[] = [];

  /** `read` gives what is written of the first bucket in `[from, to)` that has anything, and says up to where that is all. */
  constructor(read: ReadBucket) {
    this.#read = read;
  }

  /** Something was written. */
  add(campus: string, bucket: Timestamp, count: RollupCount, by: number): void {
    const known = [
      this.#spans.get(keyOf(bucket, BUCKET_MS)),
      this.#spans.get(keyOf(hourOf(bucket), HOUR_MS)),
      ...this.#long,
    ];
    for (const span of known)
      if (span !== undefined && bucket >= span.from && bucket < span.readUpTo)
        span.sums.add(campus, count, by);
  }

  /** What was written was taken back. */
  clear(): void {
    this.#spans.clear();
    this.#long = [];
    this.#rows = new Map();
  }

  /** What was written before was deleted. */
  forgetBefore(time: Timestamp): void {
    for (const [key, { from }] of this.#spans) if (from < time) this.#spans.delete(key);
    this.#long = this.#long.filter(({ from }) => from >= time);
  }

  /** Of the buckets that begin in `[from, to)`, both at a bucket's beginning. What was not {@link prepare}d is read at once. */
  between(from: Timestamp, to: Timestamp): CampusSums {
    const sums = new CampusSums(this.#rows);
    for (const span of this.#spansOf(from, to)) {
      while (span.readUpTo < span.to) this.#advance(span);
      sums.addAll(span.sums);
    }
    return sums;
  }

  /** Reads what {@link between} would have to read; between two steps everything else may have its turn. */
  *prepare(from: Timestamp, to: Timestamp): Generator<void> {
    for (const span of this.#spansOf(from, to)) {
      while (span.readUpTo < span.to) {
        this.#advance(span);
        yield;
      }
    }
  }

  #spansOf(from: Timestamp, to: Timestamp): readonly Span[] {
    if (to - from > RANGE_HOURS_MAX * HOUR_MS) return [this.#longSpan(from, to)];
    const spans: Span[] = [];
    for (let at = from; at < to; ) {
      const width_ms = at === hourOf(at) && at + HOUR_MS <= to ? HOUR_MS : BUCKET_MS;
      spans.push(this.#span(at, width_ms));
      at += width_ms;
    }
    return spans;
  }

  #span(from: Timestamp, width_ms: number): Span {
    const key = keyOf(from, width_ms);
    const span = this.#spans.get(key) ?? this.#newSpan(from, from + width_ms);
    this.#spans.delete(key);
    this.#spans.set(key, span);
    const [oldest] = this.#spans.keys();
    if (this.#spans.size > SPANS_MAX && oldest !== undefined) this.#spans.delete(oldest);
    return span;
  }

  #longSpan(from: Timestamp, to: Timestamp): Span {
    const known = this.#long.find((span) => span.from === from && span.to === to);
    const span = known ?? this.#newSpan(from, to);
    this.#long = [...this.#long.filter((each) => each !== span), span].slice(-LONG_SPANS_MAX);
    return span;
  }

  #newSpan(from: Timestamp, to: Timestamp): Span {
    return { from, to, readUpTo: from, sums: new CampusSums(this.#rows) };
  }

  /** An hour that is over is the sum of its buckets, which a page about now has asked for one by one. */
  #advance(span: Span): void {
    const bucket = span.readUpTo;
    const known = this.#spans.get(keyOf(bucket, BUCKET_MS));
    if (known !== undefined && known !== span && known.readUpTo === known.to) {
      span.sums.addAll(known.sums);
      span.readUpTo = known.to;
      return;
    }
    span.readUpTo = this.#read(bucket, span.to, (campus, count, value) =>
      span.sums.add(campus, count, value),
    );
  }
}

/** Both are numbers of milliseconds that end in zeros. */
const keyOf = (from: Timestamp, width_ms: number): number => (width_ms === HOUR_MS ? from + 1 : from);

const hourOf = (time: Timestamp): Timestamp => Math.floor(time / HOUR_MS) * HOUR_MS;
