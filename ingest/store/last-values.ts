/** The newest point of each series, in memory: what a live page asks for all the time, without looking at any table. */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { answerFromPoints, bucketStart, type RawPoint } from "../core/answer.ts";
import type { StoreAnswer, StoreQuery } from "./store.ts";

/** A series that has no points. */
const NONE = Number.NEGATIVE_INFINITY;

export class LastValues {
  /** By number of the series; NaN where it is not known whether there are points. */
  readonly #times: Timestamp[] = [];
  readonly #values: number[] = [];
  readonly #sealedUntil: Timestamp;

  /** What is not at hand when the store is opened is sealed, and older than this. */
  constructor(sealedUntil: Timestamp) {
    this.#sealedUntil = sealedUntil;
  }

  /** The store was opened, and nothing of this series is at hand. */
  forgot(id: number): void {
    this.#times[id] = Number.NaN;
  }

  know(id: number, time: Timestamp, value: number): void {
    this.#times[id] = time;
    this.#values[id] = value;
  }

  write(id: number, time: Timestamp, value: number): void {
    const known = this.#times[id] ?? NONE;
    if (time >= (Number.isNaN(known) ? this.#sealedUntil : known)) this.know(id, time, value);
  }

  deleteBefore(ids: Iterable<number>, time: Timestamp): void {
    for (const id of ids) if ((this.#times[id] ?? NONE) < time) this.#times[id] = NONE;
  }

  /** The answer to a question for the last value in a range that holds the newest point of every series asked for. */
  answer(
    { groups, buckets, from, to, limit }: StoreQuery,
    ids: readonly number[],
    devices: readonly string[],
  ): StoreAnswer | undefined {
    if (buckets?.aggregation !== "last") return undefined;
    if (bucketStart(from, buckets.step_ms) !== bucketStart(to - 1, buckets.step_ms)) return undefined;
    const points: RawPoint[] = [];
    for (const [index, id] of ids.entries()) {
      const time = this.#times[id] ?? NONE;
      // Not known, or newer than what is asked for: the tables know.
      if (!(time < to)) return undefined;
      if (time >= from)
        points.push({ device: devices[index] ?? "", time, value: this.#values[id] ?? Number.NaN });
    }
    return answerFromPoints(points, groups, buckets, limit);
  }
}
