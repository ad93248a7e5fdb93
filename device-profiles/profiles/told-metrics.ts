/** Metrics that topics tell of: by name, or with `*` for the channel where a device has several. */
import { GOOD, type MetricName, type Sample, type SampleValue, type Timestamp } from "../vocabulary/index.ts";

/** A topic's share in it; what a topic is, each protocol says for itself. */
interface TellsMetric {
  readonly metric: string;
}

export const namedMetrics = (topics: readonly TellsMetric[]): readonly MetricName[] => [
  ...new Set(topics.map(({ metric }) => metric).filter((metric) => !metric.includes("*"))),
];

export const metricFamilies = (topics: readonly TellsMetric[]): readonly string[] => [
  ...new Set(topics.map(({ metric }) => metric).filter((metric) => metric.includes("*"))),
];

/** One sample of what a device says; null for what it cannot tell, and nothing where it says nothing. */
export function told(
  metric: MetricName,
  value: SampleValue | undefined,
  eventTime: Timestamp,
): readonly Sample[] {
  if (value === undefined) return [];
  const quality = value === null ? ({ status: "bad", reason: "out-of-range" } as const) : GOOD;
  return [{ metric, value, quality, eventTime }];
}
