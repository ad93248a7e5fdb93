/**
 * A query's answer, made here of what an engine returns where the engine cannot make it whole: aggregation of raw points,
 * and folding of what was aggregated by series or by campus into the groups that were asked for.
 */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { Aggregation } from "../api.ts";

export interface RawPoint {
  readonly device: string;
  readonly time: Timestamp;
  readonly value: number;
}

export interface Buckets {
  readonly step_ms: number;
  readonly aggregation: Aggregation;
}

export interface Answer {
  /** Only groups that have points, in order of their keys. */
  readonly series: readonly {
    readonly key: string;
    readonly points: readonly (readonly [Timestamp, number])[];
  }[];
  readonly truncated: boolean;
}

/** What adds up: every aggregation but `first` and `last` can be made of it, in any order. */
export interface PartialAggregate {
  readonly sum: number;
  readonly count: number;
  readonly min: number;
  readonly max: number;
}

export function bucketStart(time: Timestamp, step_ms: number): Timestamp {
  return Math.floor(time / step_ms) * step_ms;
}

/** Groups of partial aggregates, by bucket. */
export class Folding {
  readonly #groups = new Map<string, Map<Timestamp, PartialAggregate>>();

  add(group: string, bucket: Timestamp, part: PartialAggregate): void {
    let buckets = this.#groups.get(group);
    if (buckets === undefined) {
      buckets = new Map();
      this.#groups.set(group, buckets);
    }
    const known = buckets.get(bucket);
    buckets.set(bucket, known === undefined ? part : combine(known, part));
  }

  answer(aggregation: Aggregation, limit: number): Answer {
    const series = [...this.#groups].map(([key, buckets]) => ({
      key,
      points: [...buckets].map(([time, part]) => [time, figureOf(part, aggregation)] as const),
    }));
    return cut(series, limit);
  }
}

export function combine(a: PartialAggregate, b: PartialAggregate): PartialAggregate {
  return {
    sum: a.sum + b.sum,
    count: a.count + b.count,
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
  };
}

function figureOf({ sum, count, min, max }: PartialAggregate, aggregation: Aggregation): number {
  switch (aggregation) {
    case "sum":
      return sum;
    case "count":
      return count;
    case "min":
      return min;
    case "max":
      return max;
    default:
      return sum / count;
  }
}

/**
 * The answer made of raw points, each (device, time) at most once, in any order. `last` and `first` of several devices at
 * the same time: the device whose key sorts last, or first, decides.
 */
export function answerFromPoints(
  points: Iterable<RawPoint>,
  groups: ReadonlyMap<string, string>,
  buckets: Buckets | undefined,
  limit: number,
): Answer {
  const byGroup = new Map<string, RawPoint[]>();
  for (const point of points) {
    const group = groups.get(point.device);
    if (group === undefined) continue;
    const own = byGroup.get(group);
    if (own === undefined) byGroup.set(group, [point]);
    else own.push(point);
  }
  const series = [...byGroup].map(([key, own]) => {
    own.sort((a, b) => a.time - b.time || (a.device < b.device ? -1 : 1));
    return { key, points: buckets === undefined ? own.map(pair) : aggregated(own, buckets) };
  });
  return cut(series, limit);
}

const pair = ({ time, value }: RawPoint): readonly [Timestamp, number] => [time, value];

/** `ordered` by time, then device. */
function aggregated(
  ordered: readonly RawPoint[],
  { step_ms, aggregation }: Buckets,
): (readonly [Timestamp, number])[] {
  const found: [Timestamp, number][] = [];
  let part: PartialAggregate | undefined;
  const finish = () => {
    const last = found.at(-1);
    if (last !== undefined && part !== undefined && aggregation !== "first" && aggregation !== "last")
      last[1] = figureOf(part, aggregation);
  };
  for (const { time, value } of ordered) {
    const bucket = bucketStart(time, step_ms);
    const last = found.at(-1);
    const own = { sum: value, count: 1, min: value, max: value };
    if (last?.[0] !== bucket) {
      finish();
      found.push([bucket, value]);
      part = own;
      continue;
    }
    if (aggregation === "last") last[1] = value;
    part = part === undefined ? own : combine(part, own);
  }
  finish();
  return found;
}

/** In order of keys and times; the groups that come last are cut first. */
function cut(
  series: readonly { readonly key: string; readonly points: readonly (readonly [Timestamp, number])[] }[],
  limit: number,
): Answer {
  let left = limit;
  let truncated = false;
  const ordered = series
    .filter(({ points }) => points.length > 0)
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
    .flatMap(({ key, points }) => {
      const kept = points.toSorted(([a], [b]) => a - b).slice(0, left);
      truncated ||= kept.length < points.length;
      left -= kept.length;
      return kept.length === 0 ? [] : [{ key, points: kept }];
    });
  return { series: ordered, truncated };
}
