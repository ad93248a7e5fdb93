/** ONVIF profiles: which topic is which metric, and what time a notification is true at. */
import type { Notification } from "../codecs/onvif-responses.ts";
import {
  type EventName,
  GOOD,
  type MetricName,
  type Quality,
  type Sample,
  type SampleValue,
} from "../vocabulary/index.ts";
import { type EventTime, type Receipt, timeOfLive } from "./device-time.ts";
import type { ProfileCommon } from "./profile.ts";
import { metricFamilies, namedMetrics } from "./told-metrics.ts";

/** A property that a topic tells of: the item of its Data that holds a truth value, or one of `values`. */
export interface OnvifTopic {
  /** Without prefixes, for example `VideoSource/MotionAlarm`. */
  readonly topic: string;
  readonly item: string;
  /** With `*` for the channel where the device has several video sources. */
  readonly metric: string;
  /** What each text means. One that is not among them means that the device does not know. */
  readonly values?: Readonly<Record<string, boolean | string>>;
}

export interface OnvifProfile extends ProfileCommon {
  readonly protocol: "onvif";
  /** Several topics may tell of one metric. The first of a metric is the one that the simulator sends. */
  readonly topics: readonly OnvifTopic[];
  /** It moves, and has presets. */
  readonly ptz?: boolean;
  /** It records (Profile G): as one device, or channel by channel. */
  readonly recording?: "device" | "channels";
  /** It controls a door (Profiles A and C), and tells who wants to pass. */
  readonly door?: boolean;
}

/** Which video source is which channel, counted from 1, by every token that a notification may name it by. */
export type Channels = ReadonlyMap<string, number>;

export function onvifMetrics({ door, ptz, recording, topics }: OnvifProfile): readonly MetricName[] {
  return [
    ...new Set([
      ...namedMetrics(topics),
      ...(ptz === true ? ["PTZ/Preset"] : []),
      ...(recording === "device" ? ["Recording/Active", "Recording/KeptDays"] : []),
      ...(door === true ? ["Connectivity/ClockOffset"] : []),
    ]),
  ];
}

export function onvifFamilies({ recording, topics }: OnvifProfile): readonly string[] {
  const recorded = recording === "channels" ? ["Channel/*/Recording", "Channel/*/KeptDays"] : [];
  return [...new Set([...metricFamilies(topics), ...recorded])];
}

export const onvifEvents = ({ door }: OnvifProfile): readonly EventName[] =>
  door === true ? ["Access/Swipe", "Access/Passage"] : [];

/** The samples a notification brings: none for a topic the profile does not know, or of a channel nobody knows. */
export function samplesFromNotification(
  profile: OnvifProfile,
  notification: Notification,
  receipt: Receipt,
  channels: Channels = new Map(),
): Sample[] {
  const { data, operation, topic } = notification;
  return profile.topics
    .filter((each) => each.topic === topic && Object.hasOwn(data, each.item))
    .flatMap(({ item, metric: name, values }): Sample[] => {
      const metric = named(name, notification, channels);
      if (metric === undefined) return [];
      const value = operation === "Deleted" ? null : meaning(data[item], values);
      const time = eventTimeOf(notification, receipt);
      return value === null
        ? [{ metric, value, eventTime: time.eventTime, quality: unknown(notification) }]
        : [{ metric, value, ...time }];
    });
}

function named(metric: string, { source }: Notification, channels: Channels): MetricName | undefined {
  if (!metric.includes("*")) return metric;
  for (const token of Object.values(source)) {
    const channel = channels.get(token);
    if (channel !== undefined) return metric.replace("*", String(channel));
  }
  return undefined;
}

/** What a text of a topic, or of an answer about the same thing, means. */
export function meaning(text: string | undefined, values: OnvifTopic["values"]): SampleValue {
  return values === undefined ? truth(text) : (values[text ?? ""] ?? null);
}

/** xs:boolean has two spellings of each value; cameras know a third. */
function truth(text: string | undefined): SampleValue {
  switch (text?.trim().toLowerCase()) {
    case "true":
    case "1":
      return true;
    case "false":
    case "0":
      return false;
    default:
      return null;
  }
}

function unknown({ operation }: Notification): Quality {
  return { status: "bad", reason: operation === "Deleted" ? "not-read" : "out-of-range" };
}

/** The state told at a synchronisation point is true now, whenever it began. */
function eventTimeOf({ operation, utcTime }: Notification, receipt: Receipt): EventTime {
  return operation === "Initialized"
    ? { eventTime: receipt.receivedAt, quality: GOOD }
    : timeOfLive(utcTime, receipt);
}
