/** What the node and its devices say of themselves at a birth. */
import {
  accountMetric,
  eventBirthMetric,
  HANDOFF_EPOCH,
  HANDOFF_RANGE,
  type Metric,
  pictureDeclarations,
  sampleToMetric,
  templateDefinitions,
} from "@campus-ops/broker/sparkplug";
import {
  DataType,
  type DeviceId,
  type EventName,
  eventDefinition,
  GOOD,
  type MetricName,
  metricDefinition,
  ROSTER,
  rosterOf,
  type Sample,
  type Timestamp,
} from "@campus-ops/device-profiles/vocabulary";
import type { Configuration, DeviceConfiguration, DiscoveryConfiguration } from "./configuration.ts";
import { CLIP_AFTER_MS, CLIP_BEFORE_MS } from "./core/clip-ring.ts";
import type { Outbox } from "./outbox/outbox.ts";

const CLIP_SPAN = `-${CLIP_BEFORE_MS / 1_000}…+${CLIP_AFTER_MS / 1_000} s`;

/** `Properties/…` that the configuration and the profile know. */
export function deviceProperties(device: DeviceConfiguration, at: Timestamp): readonly Sample[] {
  const { clips, dependsOn, mac, path, profile, recordedBy, sees, serves, title } = device;
  return properties(at, {
    Profile: profile.id,
    Class: profile.class,
    TitleZh: title.zh,
    TitleEn: title.en,
    Path: path,
    DependsOn: dependsOn ?? "",
    Vendor: profile.vendor,
    Model: profile.model,
    Proven: profile.proven,
    ...(clips === undefined && recordedBy === undefined ? {} : { Clips: CLIP_SPAN }),
    ...(mac === undefined ? {} : { Mac: mac }),
    ...(sees === undefined ? {} : { Sees: sees.join(",") }),
    ...(serves === undefined
      ? {}
      : {
          Serves: Object.entries(serves)
            .map(([port, room]) => `${port}=${room}`)
            .join(","),
        }),
  });
}

export function nodeProperties(
  configuration: Configuration,
  version: string,
  at: Timestamp,
): readonly Sample[] {
  const { campusPath, devices, discovery, title } = configuration;
  // The agent that tells the hub above of the hub on this machine is no box of a school.
  const ofHub = devices.some(({ profile }) => profile.class === "hub");
  return [
    ...properties(at, {
      Class: ofHub ? "hub" : "edge-box",
      TitleZh: title.zh,
      TitleEn: title.en,
      Path: campusPath,
    }),
    ...(discovery === undefined ? [] : discoveryMetrics(discovery, at)),
    { metric: "Edge/Version", value: version, quality: GOOD, eventTime: at },
    rosterSample(devices, at),
  ];
}

/** Whom the box watches: a device that is missing here is missed by nobody any more. */
export function rosterSample(devices: Configuration["devices"], at: Timestamp): Sample {
  return { metric: ROSTER, value: rosterOf(devices.map(({ id }) => id)), quality: GOOD, eventTime: at };
}

/** What its hub may ask for; without these a hub knows that there is nothing to ask. */
function discoveryMetrics(
  { logins, protocols, ranges }: DiscoveryConfiguration,
  at: Timestamp,
): readonly Sample[] {
  const told = {
    Ranges: ranges,
    Protocols: protocols.join(","),
    Logins: logins.map(({ name }) => name).join(","),
  };
  return facts("Discovery", at, { ...told, Search: "", Adopt: "", Withdraw: "" });
}

const properties = (at: Timestamp, values: Readonly<Record<string, string>>): readonly Sample[] =>
  facts("Properties", at, values);

function facts(
  capability: string,
  at: Timestamp,
  values: Readonly<Record<string, string>>,
): readonly Sample[] {
  return Object.entries(values).map(([name, value]) => ({
    metric: `${capability}/${name}`,
    value,
    quality: GOOD,
    eventTime: at,
  }));
}

/** The metrics of a birth that belong to the node alone; bdSeq and rebirth are the session's. */
export function nodeBirth(
  samples: readonly Sample[],
  outbox: Outbox,
  acknowledged: boolean,
  at: Timestamp,
  events: readonly EventName[] = [],
): Metric[] {
  const epoch: Metric = {
    name: HANDOFF_EPOCH,
    datatype: DataType.UInt64,
    timestamp: at,
    value: outbox.epoch,
  };
  return [
    ...templateDefinitions(),
    ...(acknowledged ? [epoch, { ...accountMetric(outbox.account()), timestamp: at }] : []),
    ...pictureDeclarations(at),
    ...birth("", samples, ["Edge/Loss", "Command/Result", ...events], outbox, at),
  ];
}

export function deviceBirth(
  device: DeviceId,
  samples: readonly Sample[],
  events: readonly EventName[],
  outbox: Outbox,
  at: Timestamp,
): Metric[] {
  return birth(device, samples, ["Command/Result", ...events], outbox, at);
}

/** Everything that may be sent: what is known now, what was announced, and what waiting records still carry. */
function birth(
  device: string,
  samples: readonly Sample[],
  events: readonly EventName[],
  outbox: Outbox,
  at: Timestamp,
): Metric[] {
  const metrics = samples.map((sample) => sampleToMetric(sample));
  const names = new Set(samples.map(({ metric }) => metric));
  const announced = new Set(events);
  for (const { name } of outbox.metricsOf(device)) {
    if (eventDefinition(name) !== undefined) announced.add(name);
    else if (metricDefinition(name) !== undefined && !names.has(name)) metrics.push(unread(name, at));
  }
  for (const event of announced) metrics.push(eventBirthMetric(event, at));
  // Declared in plain mode as well: a host that never sees it in DATA is not disturbed by a null.
  metrics.push({ name: HANDOFF_RANGE, datatype: DataType.UInt64Array, timestamp: at, value: null });
  return metrics;
}

function unread(metric: MetricName, at: Timestamp): Metric {
  return sampleToMetric({
    metric,
    value: null,
    quality: { status: "bad", reason: "not-read" },
    eventTime: at,
  });
}
