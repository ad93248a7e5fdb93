/** What a device's own metrics and the presence of it and its box say about its health. */
import type { MetricName, SampleValue } from "@campus-ops/device-profiles/vocabulary";
import type { DeviceHealth } from "../api.ts";

/** Metrics by which a device says that it is broken, and the values that say so. */
export const FAULTS: ReadonlyMap<MetricName, SampleValue> = new Map<MetricName, SampleValue>([
  ["Projector/Fan", "error"],
  ["Projector/Lamp", "error"],
  ["Projector/Overheat", "error"],
  ["Projector/Cover", "error"],
  ["Projector/Filter", "error"],
  ["Projector/Other", "error"],
  ["Temperature/Fault", "error"],
  ["Panic/LineFault", true],
  ["Video/Loss", true],
  ["Video/Tamper", true],
  ["Door/Tamper", true],
  ["Service/Working", false],
]);

export interface HealthEvidence {
  readonly nodeOnline: boolean;
  readonly deviceOnline: boolean;
  value(metric: MetricName): SampleValue | undefined;
}

/**
 * In order: its box is away, so nobody knows (stale); it does not answer (unreachable); it answers and reports a fault
 * (faulty); it is working.
 */
export function deviceHealth({ nodeOnline, deviceOnline, value }: HealthEvidence): DeviceHealth {
  if (!nodeOnline) return "stale";
  if (!deviceOnline || value("Connectivity/Online") === false) return "unreachable";
  for (const [metric, fault] of FAULTS) if (value(metric) === fault) return "faulty";
  return "working";
}
