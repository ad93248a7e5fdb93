/**
 * The capability dictionary: every metric and every event the platform knows, and what they mean.
 *
 * A metric is named `<Capability>/<Metric>`, or `<Capability>/<instance>/<Metric>` where a device has several of the
 * same kind (the ports of a switch). No other metric name travels from an edge node; a profile maps what the vendor
 * says to these names. The entries lie in `capabilities/`, by subject.
 */
import { ACCESS } from "./capabilities/access.ts";
import { CLASSROOM } from "./capabilities/classroom.ts";
import type {
  CapabilityDefinition,
  EventDefinition,
  EventName,
  MetricDefinition,
  MetricName,
} from "./capabilities/definition.ts";
import { ENERGY } from "./capabilities/energy.ts";
import { ENVIRONMENT } from "./capabilities/environment.ts";
import { FEDERATION } from "./capabilities/federation.ts";
import { NETWORK } from "./capabilities/network.ts";
import { PLATFORM } from "./capabilities/platform.ts";
import { SAFETY } from "./capabilities/safety.ts";
import { TRANSPORT } from "./capabilities/transport.ts";
import { VIDEO } from "./capabilities/video.ts";

export type * from "./capabilities/definition.ts";

export const CAPABILITIES = {
  ...PLATFORM,
  ...FEDERATION,
  ...ACCESS,
  ...SAFETY,
  ...CLASSROOM,
  ...NETWORK,
  ...VIDEO,
  ...ENVIRONMENT,
  ...ENERGY,
  ...TRANSPORT,
} as const satisfies Record<string, CapabilityDefinition>;

export type Capability = keyof typeof CAPABILITIES;

const capabilities: Readonly<Record<string, CapabilityDefinition>> = CAPABILITIES;

export interface ParsedMetricName {
  readonly capability: string;
  readonly instance?: string;
  readonly metric: string;
}

/** Splits `Capability/Metric` or `Capability/instance/Metric`; undefined for anything else. */
export function parseMetricName(name: string): ParsedMetricName | undefined {
  const parts = name.split("/");
  const [capability, middle, last] = parts;
  if (capability === undefined || capability === "" || middle === undefined || middle === "")
    return undefined;
  if (parts.length === 2) return { capability, metric: middle };
  if (parts.length === 3 && last !== undefined && last !== "")
    return { capability, instance: middle, metric: last };
  return undefined;
}

/** The definition of a metric by its full name, or undefined when the dictionary does not know it. */
export function metricDefinition(name: MetricName): MetricDefinition | undefined {
  const parsed = parseMetricName(name);
  if (parsed === undefined) return undefined;
  const capability = own(capabilities, parsed.capability);
  if (capability === undefined || (capability.instance === undefined) !== (parsed.instance === undefined))
    return undefined;
  return own(capability.metrics, parsed.metric);
}

/** The definition of an event by its full name, `<Capability>/<Event>`. */
export function eventDefinition(name: EventName): EventDefinition | undefined {
  const parsed = parseMetricName(name);
  if (parsed === undefined || parsed.instance !== undefined) return undefined;
  return own(own(capabilities, parsed.capability)?.events ?? {}, parsed.metric);
}

/** Names come from the wire: `constructor` and `__proto__` are not in the dictionary. */
function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
