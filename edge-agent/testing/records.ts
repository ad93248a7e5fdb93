/** Records for tests and measurements. */
import { sampleToMetric } from "@campus-ops/broker/sparkplug";
import {
  type DataClass,
  GOOD,
  type MetricName,
  type SampleValue,
} from "@campus-ops/device-profiles/vocabulary";
import type { NewRecord } from "../outbox/record.ts";

export const RECORD_TIME = 1_795_000_000_000;

export function recordOf(
  device: string,
  dataClass: DataClass,
  values: Readonly<Record<MetricName, SampleValue>>,
  eventTime = RECORD_TIME,
): NewRecord {
  const metrics = Object.entries(values).map(([metric, value]) =>
    sampleToMetric({ metric, value, quality: GOOD, eventTime }),
  );
  return { device, dataClass, metrics };
}

/** A record that says which one it is. */
export function counterRecord(device: string, count: number, dataClass: DataClass = "telemetry"): NewRecord {
  return recordOf(device, dataClass, { "Connectivity/Failures": count });
}
