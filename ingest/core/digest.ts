/**
 * Counts and checksums of points by series, in whatever order they come: to tell whether two stores hold the same.
 *
 * Times are compared exactly. Values are summed with a weight that depends on their time, so that two that changed places
 * are noticed, and compared with a tolerance: an engine may keep fewer digits than a double has.
 */
import type { SamplePoint } from "./points.ts";

/** Of the sum of the values' sizes: VictoriaMetrics may keep a value as a decimal of twelve digits. */
const VALUES_TOLERANCE = 1e-11;

interface SeriesDigest {
  readonly count: number;
  /** Sum of the times' hashes, modulo 2^32. */
  readonly times: number;
  readonly values: number;
  readonly size: number;
}

const NOTHING: SeriesDigest = { count: 0, times: 0, values: 0, size: 0 };

export interface Difference {
  /** `metric device` */
  readonly series: string;
  readonly expected: number;
  readonly found: number;
  /** Numbers of points are alike where times or values are not. */
  readonly what: "points" | "times" | "values";
}

export class Digest {
  readonly #series = new Map<string, SeriesDigest>();
  #points = 0;

  get points(): number {
    return this.#points;
  }

  series(): Iterable<string> {
    return this.#series.keys();
  }

  of(series: string): SeriesDigest {
    return this.#series.get(series) ?? NOTHING;
  }

  add(points: readonly SamplePoint[]): void {
    this.#points += points.length;
    for (const { metric, device, time, value } of points) {
      const key = `${metric} ${device}`;
      const { count, times, values, size } = this.of(key);
      const hash = hashOf(time);
      this.#series.set(key, {
        count: count + 1,
        times: (times + hash) >>> 0,
        values: values + value * (0.5 + hash / 2 ** 33),
        size: size + Math.abs(value),
      });
    }
  }
}

export function differences(expected: Digest, found: Digest): Difference[] {
  const all = new Set([...expected.series(), ...found.series()]);
  return [...all].flatMap((series): Difference[] => {
    const [a, b] = [expected.of(series), found.of(series)];
    const counts = { series, expected: a.count, found: b.count };
    if (a.count !== b.count) return [{ ...counts, what: "points" }];
    if (a.times !== b.times) return [{ ...counts, what: "times" }];
    return Math.abs(a.values - b.values) > VALUES_TOLERANCE * a.size ? [{ ...counts, what: "values" }] : [];
  });
}

/** Mixes the low and the high half of a time so that every bit counts (the finisher of MurmurHash3). */
function hashOf(time: number): number {
  let hash = ((time % 2 ** 32) ^ Math.floor(time / 2 ** 32)) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
