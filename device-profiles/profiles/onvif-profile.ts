/** ONVIF profiles: which topic is which metric, and what time a notification is true at. */
import type { Notification } from "../codecs/onvif-responses.ts";
import {
  GOOD,
  type MetricName,
  type Quality,
  type Sample,
  type SampleValue,
  type Timestamp,
} from "../vocabulary/index.ts";
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

/** What is known of time when a notification arrives. */
export interface Receipt {
  readonly receivedAt: Timestamp;
  /** The camera's clock minus ours. */
  readonly clockOffset_ms: number;
}

/** How far a corrected event time may be from its receipt before the camera's clock is held to be wrong. */
export const EVENT_TIME_ERROR_MAX_ms = 60_000;

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

/**
 * A change is true at the camera's time, corrected by its clock's measured offset. Where that still lies more than
 * {@link EVENT_TIME_ERROR_MAX_ms} from the receipt (1970, local time sent as UTC, a clock set in between), the receipt
 * stands in and the quality says why. The state told at a synchronisation point is true now, whenever it began.
 */
function eventTimeOf(
  { operation, utcTime }: Notification,
  { receivedAt, clockOffset_ms }: Receipt,
): { readonly eventTime: Timestamp; readonly quality: Quality; readonly deviceTime?: Timestamp } {
  if (operation === "Initialized") return { eventTime: receivedAt, quality: GOOD };
  if (utcTime === undefined) {
    return { eventTime: receivedAt, quality: { status: "uncertain", reason: "no-event-time" } };
  }
  const corrected = utcTime - clockOffset_ms;
  const original = corrected === utcTime ? {} : { deviceTime: utcTime };
  return Math.abs(corrected - receivedAt) <= EVENT_TIME_ERROR_MAX_ms
    ? { eventTime: corrected, quality: GOOD, ...original }
    : {
        eventTime: receivedAt,
        quality: { status: "uncertain", reason: "device-clock" },
        deviceTime: utcTime,
      };
}
