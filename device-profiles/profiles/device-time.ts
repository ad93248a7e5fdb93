/** At what time something is true that a device tells with a time of its own, its clock measured or not. */
import { GOOD, type Quality, type Timestamp } from "../vocabulary/index.ts";

/** What is known of time when something arrives. */
export interface Receipt {
  readonly receivedAt: Timestamp;
  /** The device's clock minus ours. */
  readonly clockOffset_ms: number;
}

export interface EventTime {
  readonly eventTime: Timestamp;
  readonly quality: Quality;
  /** What the device said, where it is not the event's time. */
  readonly deviceTime?: Timestamp;
}

/** What is known of time when a device tells something whose clock nobody can read. */
export interface Telling {
  readonly receivedAt: Timestamp;
  /** True for what was sent as soon as it happened: then a lag of just eight hours is a wrong time zone. */
  readonly live: boolean;
}

/** How far a corrected event time may be from its receipt before the device's clock is held to be wrong. */
export const EVENT_TIME_ERROR_MAX_ms = 60_000;
/** Device times before this are a clock that was never set. */
const PLAUSIBLE_SINCE = Date.UTC(2020, 0, 1);
/** A record may seem to come from so far ahead by the jitter of measuring the clock, and no further. */
export const JITTER_MAX_ms = 2_000;
/** A clock that was not measured may be ahead of ours by so much and still be right. */
export const AHEAD_MAX_ms = 60_000;
/** Devices keep what they could not send; so long ago a time may lie. */
export const LATE_MAX_ms = 30 * 86_400_000;
/** UTC sent for Beijing time, or the other way round, by a report that has just been made. */
const ZONE_ms = 8 * 3_600_000;
const ZONE_TOLERANCE_ms = 120_000;

const DEVICE_CLOCK: Quality = { status: "uncertain", reason: "device-clock" };

/**
 * The time of something that was told as it happened: the device's, corrected by its clock's measured offset. Where
 * that still lies more than {@link EVENT_TIME_ERROR_MAX_ms} from the receipt (1970, local time sent as UTC, a clock set
 * in between), the receipt stands in and the quality says why.
 */
export function timeOfLive(deviceTime: Timestamp | undefined, receipt: Receipt): EventTime {
  return timeOf(
    deviceTime,
    receipt,
    (time) => Math.abs(time - receipt.receivedAt) <= EVENT_TIME_ERROR_MAX_ms,
  );
}

/** The same of something that waited in the device's log: it may be old, and not from the future. */
export function timeOfRecorded(deviceTime: Timestamp | undefined, receipt: Receipt): EventTime {
  const time = timeOf(
    deviceTime,
    receipt,
    (corrected) => corrected >= PLAUSIBLE_SINCE && corrected <= receipt.receivedAt + JITTER_MAX_ms,
  );
  return { ...time, eventTime: Math.min(time.eventTime, receipt.receivedAt) };
}

function timeOf(
  deviceTime: Timestamp | undefined,
  { receivedAt, clockOffset_ms }: Receipt,
  isPlausible: (corrected: Timestamp) => boolean,
): EventTime {
  if (deviceTime === undefined) return timeOfReceipt(receivedAt);
  const corrected = deviceTime - clockOffset_ms;
  if (!isPlausible(corrected)) return { eventTime: receivedAt, quality: DEVICE_CLOCK, deviceTime };
  return { eventTime: corrected, quality: GOOD, ...(corrected === deviceTime ? {} : { deviceTime }) };
}

/**
 * The time of something told by a clock that was not measured: a plausible time is the event's. One that is off by just
 * the zone is moved and marked; where there is none the receipt stands in, and where it cannot be true (1970, tomorrow)
 * it does so too: the quality says which.
 */
export function timeAsTold(deviceTime: Timestamp | undefined, { live, receivedAt }: Telling): EventTime {
  if (deviceTime === undefined) return timeOfReceipt(receivedAt);
  const lag_ms = receivedAt - deviceTime;
  const isZone = (zone_ms: number): boolean => Math.abs(lag_ms - zone_ms) <= ZONE_TOLERANCE_ms;
  if (isZone(-ZONE_ms)) return { eventTime: deviceTime - ZONE_ms, quality: DEVICE_CLOCK, deviceTime };
  if (live && isZone(ZONE_ms)) return { eventTime: deviceTime + ZONE_ms, quality: DEVICE_CLOCK, deviceTime };
  if (lag_ms >= -AHEAD_MAX_ms && lag_ms <= LATE_MAX_ms) return { eventTime: deviceTime, quality: GOOD };
  return { eventTime: receivedAt, quality: DEVICE_CLOCK, deviceTime };
}

const timeOfReceipt = (receivedAt: Timestamp): EventTime => ({
  eventTime: receivedAt,
  quality: { status: "uncertain", reason: "no-event-time" },
});
