/** What was recorded before the box knew the time, sent with the time it really was. */
import { type Metric, retimed } from "@campus-ops/broker/sparkplug";
import type { UntrustedEra } from "./box-clock.ts";
import type { OutboxRecord } from "./record.ts";

export function retimedRecord(record: OutboxRecord, eras: readonly UntrustedEra[]): OutboxRecord {
  const relevant = eras.filter(({ from, to }) => record.from <= to && record.to >= from);
  if (relevant.length === 0) return record;
  const metrics = record.metrics.map((metric) => {
    // The first that fits: a metric that was corrected bears no doubt any more and fits no other.
    return relevant.reduce<Metric>((each, { by_ms, from, to }) => retimed(each, from, to, by_ms), metric);
  });
  const times = metrics.flatMap(({ timestamp }) => timestamp ?? []);
  return { ...record, metrics, from: Math.min(...times), to: Math.max(...times) };
}
