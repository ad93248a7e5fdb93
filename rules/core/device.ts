/** What the rules know of a device: what its birth said, whether it is there, and the newest value of what is watched. */
import {
  type AssetPath,
  DEVICE_CLASSES,
  type DeviceClass,
  type LocalText,
  type MetricName,
  type Quality,
  type Timestamp,
} from "@campus-ops/device-profiles/vocabulary";
import type { EvidenceSample } from "../api.ts";
import type { SampleInput, Scalar } from "./input.ts";

/** The newest value of one metric. */
export interface Series {
  readonly name: MetricName;
  value: Scalar;
  quality: Quality;
  /** Never ahead of the journal's time when it came. */
  eventTime: Timestamp;
  /** Its own clock said a time that had not come. */
  ahead?: boolean;
  seq: number;
}

export interface DeviceFacts {
  readonly title: LocalText;
  readonly class: DeviceClass;
  readonly path: AssetPath;
  /** Key of what it hangs from, on the same edge box. */
  readonly dependsOn?: string;
  /** Key of what feeds it, on the same edge box. */
  readonly poweredBy?: string;
  /** Lower case with colons. */
  readonly mac?: string;
  /** Of a camera: keys of devices and asset paths that it is declared to look at. */
  readonly sees?: readonly string[];
  /** A camera that gives clips of alarms. */
  readonly clips?: true;
}

/** What is stored of a device. */
export interface StoredDevice {
  readonly ordinal: number;
  readonly key: string;
  readonly facts: DeviceFacts;
  readonly online: boolean;
  readonly lastSeen: Timestamp;
  readonly changedAt: Timestamp;
  readonly changedSeq: number;
  readonly metrics: readonly MetricName[];
  readonly series: readonly Series[];
  readonly wiring?: readonly (readonly [MetricName, string])[];
  readonly withBox?: true;
  readonly retired?: true;
}

export class Device {
  readonly key: string;
  readonly ordinal: number;
  readonly campus: string;
  /** Key of its edge box; its own for the box itself. */
  readonly node: string;
  readonly series = new Map<MetricName, Series>();
  /** The last it said of who is connected to whom; a switch that has gone says nothing any more. */
  readonly wiring = new Map<MetricName, string>();
  facts: DeviceFacts;
  /** Names in its newest birth, attributes left out. */
  metrics: readonly MetricName[] = [];
  online = false;
  /** Away because its box went or began anew, and not named by that box since. */
  withBox = false;
  /**
   * Its box names it no more: nothing is expected of it. It may be born once more for what it still had to say, and then
   * says nothing of itself.
   */
  retired = false;
  lastSeen: Timestamp;
  /** When it came or went, and by which journal entry. */
  changedAt: Timestamp;
  changedSeq: number;

  constructor(key: string, ordinal: number, facts: DeviceFacts, at: Timestamp, seq: number) {
    const [campus = "", node = ""] = key.split("/");
    this.key = key;
    this.ordinal = ordinal;
    this.campus = campus;
    this.node = `${campus}/${node}`;
    this.facts = facts;
    this.lastSeen = at;
    this.changedAt = at;
    this.changedSeq = seq;
  }

  get isNode(): boolean {
    return this.key === this.node;
  }

  /** Its birth names the metric, or it has told it once. */
  has(series: Series): boolean {
    return series.eventTime > 0 || this.metrics.includes(series.name);
  }

  /** Finds or makes the place for a metric's newest value; `not-read` until one comes. */
  watch(name: MetricName): Series {
    let series = this.series.get(name);
    if (series === undefined) {
      series = {
        name,
        value: null,
        quality: { status: "bad", reason: "not-read" },
        eventTime: 0,
        seq: this.changedSeq,
      };
      this.series.set(name, series);
    }
    return series;
  }

  save(): StoredDevice {
    const { ordinal, key, facts, online, lastSeen, changedAt, changedSeq, metrics } = this;
    const series = [...this.series.values()];
    const wiring = this.wiring.size === 0 ? {} : { wiring: [...this.wiring] };
    const withBox = this.withBox ? { withBox: this.withBox } : {};
    const retired = this.retired ? { retired: this.retired } : {};
    return {
      ordinal,
      key,
      facts,
      online,
      lastSeen,
      changedAt,
      changedSeq,
      metrics,
      series,
      ...wiring,
      ...withBox,
      ...retired,
    };
  }

  static restore(stored: StoredDevice): Device {
    const device = new Device(stored.key, stored.ordinal, stored.facts, stored.changedAt, stored.changedSeq);
    device.online = stored.online;
    device.withBox = stored.withBox === true;
    device.retired = stored.retired === true;
    device.lastSeen = stored.lastSeen;
    device.metrics = stored.metrics;
    for (const each of stored.wiring ?? []) device.wiring.set(...each);
    for (const series of stored.series) device.series.set(series.name, { ...series });
    return device;
  }
}

/** A value that is known, whatever is said about when it was true. A doubtful clock makes no value doubtful. */
export function isKnown(quality: Quality): boolean {
  return quality.status === "good" || isTimeDoubt(quality);
}

/** The reading is sound and its time is not: the time of receipt stands in for it. */
export function isTimeDoubt(quality: Quality): boolean {
  return (
    quality.status === "uncertain" &&
    (quality.reason === "no-event-time" ||
      quality.reason === "device-clock" ||
      quality.reason === "edge-clock")
  );
}

export function sameQuality(a: Quality, b: Quality): boolean {
  return (
    a === b ||
    (a.status === b.status && (a.status === "good" || b.status === "good" || a.reason === b.reason))
  );
}

export function evidenceOf(device: string, series: Series): EvidenceSample {
  const { name, value, quality, eventTime, seq } = series;
  return { device, name, value, quality, eventTime, journalSeq: seq };
}

export function isSamePlace(a: DeviceFacts, b: DeviceFacts): boolean {
  return a.path === b.path && a.class === b.class;
}

const isClass = (name: string): name is DeviceClass => Object.hasOwn(DEVICE_CLASSES, name);

/** Reads `Properties/…` of a birth. `path` stands in where the birth names none. */
export function factsOf(
  key: string,
  samples: readonly SampleInput[],
  path: AssetPath,
): DeviceFacts | undefined {
  const property = (name: string): string | undefined => {
    const value = samples.find((sample) => sample.name === `Properties/${name}`)?.value;
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const parts = key.split("/");
  const isNode = parts.length === 2;
  const deviceClass = property("Class") ?? (isNode ? "edge-box" : "");
  if (!isClass(deviceClass)) return undefined;
  const zh = property("TitleZh") ?? parts.at(-1) ?? key;
  const beside = (name: string): string | undefined => {
    const id = isNode ? undefined : property(name);
    return id === undefined ? undefined : `${parts[0]}/${parts[1]}/${id}`;
  };
  const dependsOn = beside("DependsOn");
  const poweredBy = beside("PoweredBy");
  const mac = property("Mac");
  const sees = property("Sees")
    ?.split(",")
    .map((each) => (each.includes("/") ? each : `${parts[0]}/${parts[1]}/${each}`));
  return {
    title: { zh, en: property("TitleEn") ?? zh },
    class: deviceClass,
    path: property("Path") ?? path,
    ...(dependsOn === undefined ? {} : { dependsOn }),
    ...(poweredBy === undefined ? {} : { poweredBy }),
    ...(mac === undefined ? {} : { mac }),
    ...(sees === undefined ? {} : { sees }),
    ...(property("Clips") === undefined ? {} : { clips: true }),
  };
}
