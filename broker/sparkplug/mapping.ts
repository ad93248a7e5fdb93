/**
 * Between the vocabulary and Sparkplug: a sample is a metric, an event is one Template instance.
 *
 * - A metric is named as in the capability dictionary, and has its datatype; its timestamp is the event time.
 * - An event's metric bears the event's name. Its members are `id` and the fields that the dictionary declares, so that
 *   what belongs together stays together. Its template is named `_types_/<event>`: the definition and an instance may
 *   stand in the same NBIRTH, and two metrics there cannot have the same name.
 * - Quality is a property, left out when good. Sparkplug has three codes (chapter 6.4.14.1) and we have three states:
 *   bad is 0, and uncertain is 192, *good*, with a reason, because a host that knows only the code may use the value.
 *   A reader also takes OPC's 64 for uncertain and Sparkplug's 500 (stale) for bad.
 */
import {
  CAPABILITIES,
  type CapabilityDefinition,
  DataType,
  type DeviceEvent,
  type EventDefinition,
  type EventName,
  eventDefinition,
  GOOD,
  type MetricDefinition,
  type MetricName,
  metricDefinition,
  QUALITY_REASONS,
  type Quality,
  type QualityReason,
  type Sample,
  type SampleValue,
  type Timestamp,
} from "@campus-ops/device-profiles/vocabulary";
import { deviceTimeOf, deviceTimeProperty } from "./device-time.ts";
import { HANDOFF_RANGE, type RecordRange, readRange } from "./handoff.ts";
import { interpret } from "./interpretation.ts";
import type { Metric, MetricValue, PropertySet, Template } from "./payload.ts";
import { PICTURE_PREFIX } from "./pictures.ts";

/** Before the names of template definitions. */
export const TEMPLATE_PREFIX = "_types_/";
/** The member of an event's template that holds its identity. */
export const EVENT_ID_MEMBER = "id";

export const QualityCode = { Bad: 0, Uncertain: 64, Good: 192, Stale: 500 } as const;
const QUALITY = "Quality";
const QUALITY_REASON = "QualityReason";

export interface MetricOptions {
  /** The value is not the newest: it comes from the backlog. */
  readonly historical?: boolean;
}

/** What a reader needs beside the value to project it: an old value must not replace a newer one. */
export interface ReceivedSample extends Sample {
  readonly historical: boolean;
}

export interface ReceivedEvent extends DeviceEvent {
  readonly historical: boolean;
}

export interface ReadMetrics {
  readonly samples: readonly ReceivedSample[];
  readonly events: readonly ReceivedEvent[];
  /** Present in DATA of a node that wants acknowledgements. */
  readonly handoff?: RecordRange;
  /** Names that the dictionary does not have, members of events among them as `<event>.<member>`. */
  readonly unknown: readonly string[];
  /** Names whose value is not of the dictionary's datatype; such a sample is left out, such an event field is null. */
  readonly mistyped: readonly string[];
}

/** A sample as a metric with name and datatype. Throws on a metric that is not in the dictionary. */
export function sampleToMetric(sample: Sample, options: MetricOptions = {}): Metric {
  const definition = knownMetric(sample.metric);
  if (definition === undefined) throw new TypeError(`${sample.metric} is not in the capability dictionary`);
  const fitting = fits(sample.value, definition.datatype);
  return {
    name: sample.metric,
    timestamp: sample.eventTime,
    datatype: definition.datatype,
    ...propertiesOf(fitting ? sample.quality : { status: "bad", reason: "out-of-range" }, sample.deviceTime),
    ...(options.historical === true ? { isHistorical: true } : {}),
    value: fitting ? sample.value : null,
  };
}

/** An event as a metric: one instance of its template. Throws on an event that is not in the dictionary. */
export function eventToMetric(event: DeviceEvent, options: MetricOptions = {}): Metric {
  const definition = eventDefinition(event.event);
  if (definition === undefined) throw new TypeError(`${event.event} is not in the capability dictionary`);
  return {
    name: event.event,
    timestamp: event.eventTime,
    datatype: DataType.Template,
    ...propertiesOf(event.quality, event.deviceTime),
    ...(options.historical === true ? { isHistorical: true } : {}),
    value: instance(event.event, definition, event),
  };
}

/**
 * What a birth says of an event that a node or device may report: its metric, with every member null
 * [tck-id-payloads-template-instance-members-birth]. It is no event; {@link readMetrics} passes over it.
 */
export function eventBirthMetric(event: EventName, timestamp: Timestamp): Metric {
  const definition = eventDefinition(event);
  if (definition === undefined) throw new TypeError(`${event} is not in the capability dictionary`);
  return {
    name: event,
    timestamp,
    datatype: DataType.Template,
    value: instance(event, definition, undefined),
  };
}

function instance(name: EventName, definition: EventDefinition, event: DeviceEvent | undefined): Template {
  const members = Object.entries(definition.fields).map(([field, { datatype }]): Metric => {
    const value = event?.fields[field] ?? null;
    return { name: field, datatype, value: fits(value, datatype) ? value : null };
  });
  const id: Metric = { name: EVENT_ID_MEMBER, datatype: DataType.String, value: event?.id ?? null };
  return {
    kind: "template",
    templateRef: `${TEMPLATE_PREFIX}${name}`,
    isDefinition: false,
    metrics: [id, ...members],
  };
}

/** The definitions of all events of the dictionary, for the NBIRTH [tck-id-topics-nbirth-templates]. */
export function templateDefinitions(): readonly Metric[] {
  const capabilities: Readonly<Record<string, CapabilityDefinition>> = CAPABILITIES;
  return Object.entries(capabilities).flatMap(([capability, { events }]) =>
    Object.entries(events ?? {}).map(([event, { fields }]): Metric => {
      const members = Object.entries(fields).map(
        ([name, { datatype }]): Metric => ({ name, datatype, value: null }),
      );
      return {
        name: `${TEMPLATE_PREFIX}${capability}/${event}`,
        datatype: DataType.Template,
        value: {
          kind: "template",
          isDefinition: true,
          metrics: [{ name: EVENT_ID_MEMBER, datatype: DataType.String, value: null }, ...members],
        },
      };
    }),
  );
}

/**
 * The reverse, for metrics that have their names (see `AliasTable`). Never throws: what cannot be read is listed.
 * `time` stands in for the timestamp of a metric that has none: the payload's, or the time of receipt.
 */
export function readMetrics(metrics: readonly Metric[], options: { readonly time: Timestamp }): ReadMetrics {
  const samples: ReceivedSample[] = [];
  const events: ReceivedEvent[] = [];
  const unknown: string[] = [];
  const mistyped: string[] = [];
  let handoff: RecordRange | undefined;
  for (const metric of metrics) {
    const { name, value } = metric;
    if (name === undefined) continue;
    const eventTime = metric.timestamp ?? options.time;
    const historical = metric.isHistorical === true;
    const definition = knownMetric(name);
    if (definition !== undefined) {
      const read = interpret(value, definition.datatype);
      if (read === undefined || (typeof read === "object" && read !== null)) mistyped.push(name);
      else
        samples.push({
          metric: name,
          value: read,
          quality: qualityOf(metric.properties),
          eventTime,
          ...original(metric),
          historical,
        });
    } else if (name === HANDOFF_RANGE) {
      handoff = readRange(metric);
      if (handoff === undefined) mistyped.push(name);
    } else if (isTemplate(value)) {
      const event = readEvent(name, value, unknown, mistyped);
      if (event !== undefined) {
        const quality = qualityOf(metric.properties);
        events.push({ event: name, ...event, quality, eventTime, ...original(metric), historical });
      }
    } else if (!isProtocolMetric(name)) unknown.push(name);
  }
  const read = { samples, events, unknown, mistyped };
  return handoff === undefined ? read : { ...read, handoff };
}

function readEvent(
  name: string,
  template: Template,
  unknown: string[],
  mistyped: string[],
): Pick<DeviceEvent, "id" | "fields"> | undefined {
  if (template.isDefinition === true) return undefined;
  const definition = eventDefinition(name);
  if (definition === undefined) {
    unknown.push(name);
    return undefined;
  }
  let id: string | undefined;
  const fields: Record<string, SampleValue> = {};
  for (const field of Object.keys(definition.fields)) fields[field] = null;
  for (const member of template.metrics) {
    const field = member.name ?? "";
    if (field === EVENT_ID_MEMBER) {
      if (typeof member.value === "string") id = member.value;
      continue;
    }
    const declared = Object.hasOwn(definition.fields, field) ? definition.fields[field] : undefined;
    const value = declared === undefined ? undefined : interpret(member.value, declared.datatype);
    if (declared === undefined) unknown.push(`${name}.${field}`);
    else if (value === undefined || (typeof value === "object" && value !== null))
      mistyped.push(`${name}.${field}`);
    else fields[field] = value;
  }
  return id === undefined ? undefined : { id, fields };
}

function isTemplate(value: MetricValue): value is Template {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "template";
}

/** Metrics that belong to Sparkplug, the hand-off and pictures on request, not to the dictionary. */
function isProtocolMetric(name: string): boolean {
  return name === "bdSeq" || PROTOCOL_PREFIXES.some((prefix) => name.startsWith(prefix));
}

const PROTOCOL_PREFIXES = ["Node Control/", "Handoff/", PICTURE_PREFIX] as const;

function fits(value: SampleValue, datatype: DataType): boolean {
  return Object.is(interpret(value, datatype), value);
}

function original({ properties }: Metric): { deviceTime?: Timestamp } {
  const deviceTime = deviceTimeOf(properties);
  return deviceTime === undefined ? {} : { deviceTime };
}

function propertiesOf(quality: Quality, deviceTime: Timestamp | undefined): { properties?: PropertySet } {
  const { properties } = qualityProperties(quality);
  if (deviceTime === undefined) return properties === undefined ? {} : { properties };
  return { properties: { ...properties, ...deviceTimeProperty(deviceTime) } };
}

function qualityProperties(quality: Quality): { properties?: PropertySet } {
  if (quality.status === "good") return {};
  const code = quality.status === "bad" ? QualityCode.Bad : QualityCode.Good;
  return {
    properties: {
      [QUALITY]: { type: DataType.Int32, value: code },
      [QUALITY_REASON]: { type: DataType.String, value: quality.reason },
    },
  };
}

function qualityOf(properties: PropertySet | undefined): Quality {
  if (properties === undefined) return GOOD;
  const code = properties[QUALITY]?.value;
  const given = properties[QUALITY_REASON]?.value;
  const reason = isReason(given) ? given : undefined;
  switch (code) {
    case QualityCode.Bad:
      return { status: "bad", reason: reason ?? "not-read" };
    case QualityCode.Stale:
      return { status: "bad", reason: reason ?? "unreachable" };
    case QualityCode.Uncertain:
      return { status: "uncertain", reason: reason ?? "sentinel" };
    default:
      return reason === undefined ? GOOD : { status: "uncertain", reason };
  }
}

function isReason(value: unknown): value is QualityReason {
  return typeof value === "string" && Object.hasOwn(QUALITY_REASONS, value);
}

/** Names come from the wire, so that the cache of what the dictionary says of them has an end. */
const DEFINITIONS_CACHED_MAX = 16_384;
const definitions = new Map<MetricName, MetricDefinition | undefined>();

function knownMetric(name: MetricName): MetricDefinition | undefined {
  const cached = definitions.get(name);
  if (cached !== undefined || definitions.has(name)) return cached;
  if (definitions.size >= DEFINITIONS_CACHED_MAX) definitions.clear();
  const definition = metricDefinition(name);
  definitions.set(name, definition);
  return definition;
}
