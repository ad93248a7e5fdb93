/**
 * What an embedded store remembers of its series: the newest point of each, which a live page asks for all the time, and
 * in which stretch of time points may have come late or more than once.
 */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { bucketStart } from "../core/answer.ts";
import type { StoreAnswer, StoreQuery } from "./store.ts";

/** A series that has no points. */
const NONE = Number.NEGATIVE_INFINITY;

export class LastValues {
  /** By number of the series; NaN where it is not known whether there are points. */
  readonly #times: Timestamp[] = [];
  readonly #values: number[] = [];
  /** By all series of a metric: its devices in order. */
  readonly #sorted = new WeakMap<ReadonlyMap<string, number>, readonly string[]>();
  readonly #sealedUntil: Timestamp;
  #lateFrom = Number.POSITIVE_INFINITY;
  #lateTo = NONE;

  /** What is not at hand when the store is opened is sealed, and older than this. */
  constructor(sealedUntil: Timestamp) {
    this.#sealedUntil = sealedUntil;
  }

  /** The store was opened, and nothing of this series is at hand. */
  forgot(id: number): void {
    this.#times[id] = Number.NaN;
  }

  /** The store was opened, and this is its newest point. Nobody knows how those before it came. */
  restore(id: number, time: Timestamp, value: number): void {
    this.#times[id] = time;
    this.#values[id] = value;
    this.#lateFrom = NONE;
    this.#lateTo = Math.max(this.#lateTo, time);
  }

  write(id: number, time: Timestamp, value: number): void {
    const known = this.#times[id] ?? NONE;
    const newest = Number.isNaN(known) ? this.#sealedUntil - 1 : known;
    if (time <= newest) {
      this.#lateFrom = Math.min(this.#lateFrom, time);
      this.#lateTo = Math.max(this.#lateTo, time);
    }
    if (time < newest || (Number.isNaN(known) && time <= newest)) return;
    this.#times[id] = time;
    this.#values[id] = value;
  }

  deleteBefore(ids: Iterable<number>, time: Timestamp): void {
    for (const id of ids) if ((this.#times[id] ?? NONE) < time) this.#times[id] = NONE;
  }

  /** False only when every point of the range is there once. */
  areRewritten(from: Timestamp, to: Timestamp): boolean {
    return from <= this.#lateTo && to > this.#lateFrom;
  }

  /**
   * The same for each device by itself, as a page with every device of a kind asks: in the order that the devices are kept
   * in, which is sorted once. `known` are all series of the metric.
   */
  answerEach(
    { buckets, from, to, limit, groups }: StoreQuery,
    known: ReadonlyMap<string, number>,
  ): StoreAnswer | undefined {
    const bucket = onlyBucket(buckets, from, to);
    if (bucket === undefined) return undefined;
    const series: { readonly key: string; readonly points: readonly (readonly [Timestamp, number])[] }[] = [];
    for (const device of this.#inOrder(known)) {
      const group = groups.get(device);
      if (group === undefined) continue;
      const id = known.get(device) ?? 0;
      const time = this.#times[id] ?? NONE;
      // Not known, or newer than what is asked for: the tables know.
      if (group !== device || !(time < to)) return undefined;
      if (time < from) continue;
      if (series.length === limit) return { series, truncated: true };
      series.push({ key: device, points: [[bucket, this.#values[id] ?? Number.NaN]] });
    }
    return { series, truncated: false };
  }

  #inOrder(known: ReadonlyMap<string, number>): readonly string[] {
    const before = this.#sorted.get(known);
    if (before?.length === known.size) return before;
    const sorted = [...known.keys()].sort();
    this.#sorted.set(known, sorted);
    return sorted;
  }

  /** The answer to a question for the last value in a range that holds the newest point of every series asked for. */
  answer(
    { buckets, from, to, limit }: StoreQuery,
    ids: readonly number[],
    devices: readonly string[],
    groups: readonly string[],
  ): StoreAnswer | undefined {
    const bucket = onlyBucket(buckets, from, to);
    if (bucket === undefined) return undefined;
    /** By group, the place in the lists of the device that decides. */
    const deciding = new Map<string, number>();
    for (const [place, id] of ids.entries()) {
      const time = this.#times[id] ?? NONE;
      // Not known, or newer than what is asked for: the tables know.
      if (!(time < to)) return undefined;
      if (time < from) continue;
      const group = groups[place] ?? "";
      const other = deciding.get(group);
      if (other === undefined || this.#isLater(ids, devices, place, other)) deciding.set(group, place);
    }
    const keys = [...deciding.keys()].sort();
    const series = keys.slice(0, limit).map((key) => {
      const value = this.#values[ids[deciding.get(key) ?? 0] ?? 0] ?? Number.NaN;
      return { key, points: [[bucket, value] as const] };
    });
    return { series, truncated: keys.length > limit };
  }

  /** At the same time, the device whose key sorts last. */
  #isLater(ids: readonly number[], devices: readonly string[], place: number, other: number): boolean {
    const [a, b] = [this.#times[ids[place] ?? 0] ?? NONE, this.#times[ids[other] ?? 0] ?? NONE];
    return a === b ? (devices[place] ?? "") > (devices[other] ?? "") : a > b;
  }
}

/** The bucket of a question for last values, where there is one only. */
function onlyBucket(buckets: StoreQuery["buckets"], from: Timestamp, to: Timestamp): Timestamp | undefined {
  if (buckets?.aggregation !== "last") return undefined;
  const bucket = bucketStart(from, buckets.step_ms);
  return bucket === bucketStart(to - 1, buckets.step_ms) ? bucket : undefined;
}
