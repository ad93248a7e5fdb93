/**
 * The time that the source itself gave, where an event time was corrected: a property beside the quality. For a device
 * it is the device's own clock; for what an edge box recorded before it knew the time it is the box's.
 */
import { DataType, type Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { Metric, PropertySet } from "./payload.ts";

/** DateTime, milliseconds since the Unix epoch by the source's clock. */
export const DEVICE_TIME = "DeviceTime";
const QUALITY = "Quality";
const QUALITY_REASON = "QualityReason";

export function deviceTimeOf(properties: PropertySet | undefined): Timestamp | undefined {
  const value = properties?.[DEVICE_TIME]?.value;
  return typeof value === "number" && Number.isSafeInteger(value) ? value : undefined;
}

export function deviceTimeProperty(time: Timestamp): PropertySet {
  return { [DEVICE_TIME]: { type: DataType.DateTime, value: time } };
}

/**
 * A metric whose time was uncertain for the edge's clock alone, with its time corrected by `by_ms`, the doubt removed
 * and the original kept. Any other metric, and one outside of `[from, to]`, as it is.
 */
export function retimed(metric: Metric, from: Timestamp, to: Timestamp, by_ms: number): Metric {
  const { properties, timestamp, ...rest } = metric;
  if (timestamp === undefined || timestamp < from || timestamp > to) return metric;
  if (properties?.[QUALITY_REASON]?.value !== "edge-clock") return metric;
  const { [QUALITY]: _code, [QUALITY_REASON]: _reason, ...others } = properties;
  const original = others[DEVICE_TIME] === undefined ? deviceTimeProperty(timestamp) : {};
  return { ...rest, timestamp: timestamp + by_ms, properties: { ...others, ...original } };
}
