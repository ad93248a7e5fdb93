/** The node's own event that stands for what was given up, and what such an event says. */
import { eventToMetric, readMetrics } from "@campus-ops/broker/sparkplug";
import {
  DATA_CLASSES,
  type DataClass,
  type DeviceEvent,
  GOOD,
  type Timestamp,
} from "@campus-ops/device-profiles/vocabulary";
import { LOSS_REASONS, type Loss, type LossReason } from "./outbox-policy.ts";
import type { NewRecord } from "./record.ts";

/** Precious, because a roll-up that lacks it is wrong without knowing so. */
export const LOSS_CLASS: DataClass = "alarm";

const LOSS_EVENT = "Edge/Loss";

export function lossRecord(loss: Loss, at: Timestamp): NewRecord {
  const { count, dataClass, from, reason, to } = loss;
  const event: DeviceEvent = {
    event: LOSS_EVENT,
    id: `${dataClass}-${reason}-${from}-${to}-${count}-${at}`,
    eventTime: at,
    quality: GOOD,
    fields: { class: dataClass, count, from, to, reason },
  };
  return { device: "", dataClass: LOSS_CLASS, metrics: [eventToMetric(event)] };
}

/** The losses that a record tells of; none for any other record. */
export function lossesIn({ device, metrics }: NewRecord): readonly Loss[] {
  if (device !== "" || metrics.every(({ name }) => name !== LOSS_EVENT)) return [];
  return readMetrics(metrics, { time: 0 }).events.flatMap(({ event, fields }): Loss[] => {
    const { class: dataClass, count, from, reason, to } = fields;
    if (event !== LOSS_EVENT || !isClass(dataClass) || !isReason(reason)) return [];
    return [{ dataClass, count: Number(count), from: Number(from), to: Number(to), reason }];
  });
}

function isClass(value: unknown): value is Loss["dataClass"] {
  return value === "unknown" || (DATA_CLASSES as readonly unknown[]).includes(value);
}

function isReason(value: unknown): value is LossReason {
  return (LOSS_REASONS as readonly unknown[]).includes(value);
}
