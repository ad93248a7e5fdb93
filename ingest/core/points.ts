/**
 * Which samples become points of the store, and as which number.
 *
 * - numbers as they are; 64-bit counters beyond 2^53 to the nearest number
 * - booleans as 0 and 1
 * - text states by the place of their value in the dictionary's `values`, counted from 0 (`Projector/Power`: off 0, on 1,
 *   cooling 2, warming 3). A state that the dictionary does not list, and free text, is no point.
 * - a value of bad quality is no point: a mean over it would be wrong. Uncertain values are.
 */

import type { DecodedEntry } from "@campus-ops/broker/journal/decoder";
import { type MetricName, metricDefinition, type SampleValue } from "@campus-ops/device-profiles/vocabulary";

/** What the store is given; its port has the same shape. */
export interface SamplePoint {
  readonly device: string;
  readonly metric: MetricName;
  readonly time: number;
  readonly value: number;
}

const stateNumbers = new Map<MetricName, ReadonlyMap<string, number>>();

export function pointValue(metric: MetricName, value: SampleValue): number | undefined {
  switch (typeof value) {
    case "number":
      return Number.isFinite(value) ? value : undefined;
    case "boolean":
      return value ? 1 : 0;
    case "bigint":
      return Number(value);
    case "string":
      return numbersOf(metric).get(value);
    default:
      return undefined;
  }
}

/** Adds the points of an entry to `points`. */
export function collectPoints(entry: DecodedEntry, key: string, points: SamplePoint[]): void {
  for (const { metric, value, quality, eventTime } of entry.samples) {
    if (quality.status === "bad") continue;
    const number = pointValue(metric, value);
    if (number !== undefined) points.push({ device: key, metric, time: eventTime, value: number });
  }
}

/** Cached by the last part of the name, of which the dictionary has a fixed number; instances are many. */
function numbersOf(metric: MetricName): ReadonlyMap<string, number> {
  const family = `${metric.slice(0, metric.indexOf("/"))}${metric.slice(metric.lastIndexOf("/"))}`;
  const known = stateNumbers.get(family);
  if (known !== undefined) return known;
  const definition = metricDefinition(metric);
  if (definition === undefined) return new Map();
  const numbers = new Map(Object.keys(definition.values ?? {}).map((value, index) => [value, index]));
  stateNumbers.set(family, numbers);
  return numbers;
}
