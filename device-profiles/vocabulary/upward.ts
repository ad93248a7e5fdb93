/**
 * What may leave a hub for its parent, by capability: a list of what may, so that whatever is added to the dictionary
 * stays where it is until somebody decides otherwise. Counts and states go up; no name, face, card number, temperature of
 * a person, and no text that people typed.
 */
import { eventDefinition, type MetricName, parseMetricName } from "./capabilities.ts";
import type { DeviceEvent, Reading } from "./sample.ts";

type Allowed = "all" | readonly string[];

/** Metrics and events of each capability that may go up. */
export const UPWARD: Readonly<
  Record<string, { readonly metrics?: Allowed; readonly events?: readonly string[] }>
> = {
  Properties: {
    metrics: [
      "Profile",
      "Class",
      "TitleZh",
      "TitleEn",
      "Path",
      "DependsOn",
      "Vendor",
      "Model",
      "Proven",
      "Firmware",
    ],
  },
  Connectivity: { metrics: ["Online", "RoundTrip", "Failures"] },
  Rollup: { metrics: "all" },
  HubAlarm: { metrics: ["Heard"], events: ["Changed"] },
  HubDay: { events: ["Use", "Health"] },
  Command: { events: ["Result"] },
  Edge: { metrics: "all", events: ["Loss"] },
};

export function mayGoUp(metric: MetricName): boolean {
  const parsed = parseMetricName(metric);
  const allowed = parsed === undefined ? undefined : own(parsed.capability)?.metrics;
  return allowed === "all" || (parsed !== undefined && allowed?.includes(parsed.metric) === true);
}

export function eventMayGoUp({ event, fields }: Pick<DeviceEvent, "event" | "fields">): boolean {
  const parsed = parseMetricName(event);
  const allowed = parsed === undefined ? undefined : own(parsed.capability)?.events;
  if (parsed === undefined || allowed?.includes(parsed.metric) !== true) return false;
  const declared = eventDefinition(event)?.fields ?? {};
  return Object.keys(fields).every(
    (name) => Object.hasOwn(declared, name) && declared[name]?.personal !== true,
  );
}

/** A reading without anything that may not go up; and how much that was. */
export function upwardOf(reading: Reading): { readonly reading: Reading; readonly withheld: number } {
  const samples = reading.samples.filter(({ metric }) => mayGoUp(metric));
  const events = reading.events.filter(eventMayGoUp);
  const withheld = reading.samples.length + reading.events.length - samples.length - events.length;
  return { reading: { ...reading, samples, events }, withheld };
}

const own = (capability: string): (typeof UPWARD)[string] | undefined =>
  Object.hasOwn(UPWARD, capability) ? UPWARD[capability] : undefined;
