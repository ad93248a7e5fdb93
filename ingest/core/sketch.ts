/**
 * Percentiles that merge: a DDSketch (Masson, Rim, Lee: "DDSketch: a fast and fully-mergeable quantile sketch", VLDB 2019).
 * Its buckets are counts, so a merge is an addition, and the order of merging makes no difference. A percentile is within
 * {@link RELATIVE_ACCURACY} of a value that is really there.
 */
import { DDSketch } from "@datadog/sketches-js";

export const RELATIVE_ACCURACY = 0.01;

/** As it is kept: `[key, count]` of the buckets of values above and below zero, and how many were zero. */
export interface KeptSketch {
  readonly above: readonly (readonly [key: number, count: number])[];
  readonly below: readonly (readonly [key: number, count: number])[];
  readonly zero: number;
}

export const EMPTY_SKETCH: KeptSketch = { above: [], below: [], zero: 0 };

export function sketchOf(values: Iterable<number>): KeptSketch {
  const sketch = new DDSketch({ relativeAccuracy: RELATIVE_ACCURACY });
  for (const value of values) sketch.accept(value);
  return { above: bucketsOf(sketch.store), below: bucketsOf(sketch.negativeStore), zero: sketch.zeroCount };
}

export function mergeSketches(sketches: Iterable<KeptSketch>): KeptSketch {
  const [above, below] = [new Map<number, number>(), new Map<number, number>()];
  let zero = 0;
  for (const sketch of sketches) {
    for (const [key, count] of sketch.above) above.set(key, (above.get(key) ?? 0) + count);
    for (const [key, count] of sketch.below) below.set(key, (below.get(key) ?? 0) + count);
    zero += sketch.zero;
  }
  return { above: sorted(above), below: sorted(below), zero };
}

/** `quantile` from 0 to 1; undefined where there was no value. */
export function quantileOf({ above, below, zero }: KeptSketch, quantile: number): number | undefined {
  const sketch = new DDSketch({ relativeAccuracy: RELATIVE_ACCURACY });
  for (const [key, count] of above) sketch.store.add(key, count);
  for (const [key, count] of below) sketch.negativeStore.add(key, count);
  sketch.zeroCount = zero;
  sketch.count = zero + sketch.store.count + sketch.negativeStore.count;
  return sketch.count === 0 ? undefined : sketch.getValueAtQuantile(quantile);
}

type Store = DDSketch["store"];

function bucketsOf({ bins, offset, count }: Store): readonly (readonly [number, number])[] {
  if (count === 0) return [];
  return bins.flatMap((each, index) => (each > 0 ? [[index + offset, each] as const] : []));
}

const sorted = (buckets: ReadonlyMap<number, number>) => [...buckets].sort(([a], [b]) => a - b);
