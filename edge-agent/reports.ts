/** From reports to records: the vocabulary's samples and events as Sparkplug metrics of one device and data class. */
import { createHash } from "node:crypto";
import { eventToMetric, sampleToMetric } from "@campus-ops/broker/sparkplug";
import type { SampleValue, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { type DeviceEvent, GOOD } from "@campus-ops/device-profiles/vocabulary";
import type { Report } from "./core/device.ts";
import type { NewRecord } from "./outbox/record.ts";

export { lossRecord } from "./core/loss-record.ts";

/** Metrics of one record at most: a message stays well below what brokers take. */
export const RECORD_METRICS_MAX = 500;

export function recordsOf(device: string, reports: readonly Report[]): NewRecord[] {
  return reports.flatMap(({ dataClass, events, samples }) => {
    const metrics = [
      ...samples.map((sample) => sampleToMetric(sample)),
      ...events.map((event) => eventToMetric(event)),
    ];
    const records: NewRecord[] = [];
    for (let start = 0; start < metrics.length; start += RECORD_METRICS_MAX) {
      records.push({ device, dataClass, metrics: metrics.slice(start, start + RECORD_METRICS_MAX) });
    }
    return records;
  });
}

export interface CommandResult {
  readonly id: string;
  readonly metric: string;
  readonly state: "confirmed" | "unknown" | "refused";
  readonly detail: string;
}

export function commandResultRecord(device: string, result: CommandResult, at: Timestamp): NewRecord {
  const { detail, id, metric, state } = result;
  const event: DeviceEvent = {
    event: "Command/Result",
    id,
    eventTime: at,
    quality: GOOD,
    fields: { command: id, metric, state, detail },
  };
  return { device, dataClass: "alarm", metrics: [eventToMetric(event)] };
}

/** A host that is not ours gives its commands no id; each then has one of its own. */
export function commandId(...of: readonly SampleValue[]): string {
  return createHash("sha256").update(of.map(String).join("/")).digest("hex").slice(0, 16);
}
