/** What a device's own metrics and the presence of it and its box say about its health. */
import { DEVICE_FAULTS, type MetricName, type SampleValue } from "@campus-ops/device-profiles/vocabulary";
import type { DeviceHealth } from "../api.ts";

export interface HealthEvidence {
  readonly nodeOnline: boolean;
  readonly deviceOnline: boolean;
  /** Its box names it no more. */
  readonly retired: boolean;
  value(metric: MetricName): SampleValue | undefined;
}

/**
 * In order: it was taken out of its box's configuration (retired); its box is away, so nobody knows (stale); it does not
 * answer (unreachable); it answers and reports a fault (faulty); it is working.
 */
export function deviceHealth({ nodeOnline, deviceOnline, retired, value }: HealthEvidence): DeviceHealth {
  if (retired) return "retired";
  if (!nodeOnline) return "stale";
  if (!deviceOnline || value("Connectivity/Online") === false) return "unreachable";
  for (const [metric, fault] of DEVICE_FAULTS) if (value(metric) === fault) return "faulty";
  return "working";
}
