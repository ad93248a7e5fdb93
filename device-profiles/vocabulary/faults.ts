/** By which metrics a device says that it is broken, and the values that say so. */
import type { MetricName } from "./capabilities.ts";
import type { SampleValue } from "./sample.ts";

export const DEVICE_FAULTS: ReadonlyMap<MetricName, SampleValue> = new Map<MetricName, SampleValue>([
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
