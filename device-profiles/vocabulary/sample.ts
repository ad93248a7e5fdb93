import type { EventName, MetricName } from "./capabilities.ts";
import type { LocalText } from "./text.ts";

/** Milliseconds since the Unix epoch, UTC. */
export type Timestamp = number;

/** What a sound clock may be ahead of the hub's, and a line still be as fast as any. */
const AHEAD_MS_MAX = 1_000;

/**
 * Whether something was true at a time that had not come when it was received: by a clock that was wrong, and that may have been set
 * right since. It says nothing about what came before and what after.
 */
export const isAhead = (eventTime: Timestamp, receivedAt: Timestamp): boolean =>
  eventTime > receivedAt + AHEAD_MS_MAX;

/** What a metric can hold. 64-bit counters are `bigint` only where a number would not be exact. */
export type SampleValue = boolean | number | bigint | string | null;

/** Why a value is not good. Each is explained to the operator by {@link QUALITY_REASONS}. */
export type QualityReason = keyof typeof QUALITY_REASONS;

export type Quality =
  | { readonly status: "good" }
  | { readonly status: "uncertain" | "bad"; readonly reason: QualityReason };

export const GOOD: Quality = { status: "good" };

export const QUALITY_REASONS = {
  "out-of-range": { zh: "读数超出合理范围", en: "the reading is outside its plausible range" },
  sentinel: { zh: "设备用特殊值表示没有读数", en: "the device sent the value it uses for “no reading”" },
  "device-clock": { zh: "设备时钟不可信", en: "the device's clock cannot be trusted" },
  "edge-clock": { zh: "边缘盒时钟不可信", en: "the edge box's clock cannot be trusted" },
  "no-event-time": {
    zh: "设备未给出时间，采用接收时间",
    en: "the device gave no time; the time of receipt stands in",
  },
  "not-read": { zh: "尚未读到", en: "not read yet" },
  unreachable: { zh: "设备无法访问", en: "the device cannot be reached" },
  encoding: { zh: "文本编码无法识别", en: "the text's encoding could not be recognised" },
  stuck: { zh: "读数长时间不变", en: "the reading has not moved for too long" },
  commissioning: {
    zh: "设备尚在调试，读数未经确认",
    en: "the device is being commissioned; nobody has confirmed it yet",
  },
  "log-reset": {
    zh: "设备日志曾被清空，丢失数量未知",
    en: "the device's log was reset; how much went with it is not known",
  },
} as const satisfies Record<string, LocalText>;

/** One value of one metric, true at `eventTime` at the device (corrected by that device's measured clock offset). */
export interface Sample {
  readonly metric: MetricName;
  readonly value: SampleValue;
  readonly quality: Quality;
  readonly eventTime: Timestamp;
  /** What the source's own clock said, where `eventTime` was corrected. */
  readonly deviceTime?: Timestamp;
}

/** Something that happened. It has an identity of its own, is never merged with another and never lost. */
export interface DeviceEvent {
  readonly event: EventName;
  /** Unique within the device for ever: built from the device's own serial number, or a hash of what it sent. */
  readonly id: string;
  readonly eventTime: Timestamp;
  /** What the source's own clock said, where `eventTime` was corrected. */
  readonly deviceTime?: Timestamp;
  readonly quality: Quality;
  /** Exactly the fields that the capability dictionary declares for this event; null where the device said nothing. */
  readonly fields: Readonly<Record<string, SampleValue>>;
}

/** What one look at a device, or one message from it, brought. */
export interface Reading {
  readonly samples: readonly Sample[];
  readonly events: readonly DeviceEvent[];
  /**
   * Where the driver stands in the device's own log, in the driver's own words. Kept together with the events, in the
   * same transaction, and handed back when the next session is opened, so that nothing is lost or told twice over a
   * restart. Absent where the device has no log.
   */
  readonly cursor?: string;
}
