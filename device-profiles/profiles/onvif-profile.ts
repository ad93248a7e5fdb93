/** ONVIF profiles: which topic is which metric, and what time a notification is true at. */
import type { Notification } from "../codecs/onvif-responses.ts";
import { GOOD, type MetricName, type Quality, type Sample, type SampleValue } from "../vocabulary/index.ts";
import { type EventTime, type Receipt, timeOfLive } from "./device-time.ts";
import type { ProfileCommon } from "./profile.ts";

/** A property that a topic tells of: the item of its Data that holds a truth value. */
export interface OnvifTopic {
  /** Without prefixes, for example `VideoSource/MotionAlarm`. */
  readonly topic: string;
  readonly item: string;
  readonly metric: MetricName;
}

export interface OnvifProfile extends ProfileCommon {
  readonly protocol: "onvif";
  /** Several topics may tell of one metric. The first of a metric is the one that the simulator sends. */
  readonly topics: readonly OnvifTopic[];
}

/** The samples a notification brings: none for a topic the profile does not know. */
export function samplesFromNotification(
  profile: OnvifProfile,
  notification: Notification,
  receipt: Receipt,
): Sample[] {
  const { topic, data } = notification;
  return profile.topics
    .filter((each) => each.topic === topic && Object.hasOwn(data, each.item))
    .map(({ metric, item }) => {
      const value = notification.operation === "Deleted" ? null : truth(data[item]);
      const time = eventTimeOf(notification, receipt);
      return value === null
        ? { metric, value, eventTime: time.eventTime, quality: unknown(notification) }
        : { metric, value, ...time };
    });
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
