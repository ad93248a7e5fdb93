/** At what time something is true that a device tells with a time of its own. */
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
  readonly deviceTime?: Timestamp;
}

/** How far a corrected event time may be from its receipt before the device's clock is held to be wrong. */
export const EVENT_TIME_ERROR_MAX_ms = 60_000;
/** Device times before this are a clock that was never set. */
const PLAUSIBLE_SINCE = Date.UTC(2020, 0, 1);
/** A record may seem to come from so far ahead by the jitter of measuring the clock, and no further. */
const AHEAD_MAX_ms = 2_000;

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
    (corrected) => corrected >= PLAUSIBLE_SINCE && corrected <= receipt.receivedAt + AHEAD_MAX_ms,
  );
  return { ...time, eventTime: Math.min(time.eventTime, receipt.receivedAt) };
}

function timeOf(
  deviceTime: Timestamp | undefined,
  { receivedAt, clockOffset_ms }: Receipt,
  isPlausible: (corrected: Timestamp) => boolean,
): EventTime {
  if (deviceTime === undefined) {
    return { eventTime: receivedAt, quality: { status: "uncertain", reason: "no-event-time" } };
  }
  const corrected = deviceTime - clockOffset_ms;
  if (!isPlausible(corrected)) {
    return { eventTime: receivedAt, quality: { status: "uncertain", reason: "device-clock" }, deviceTime };
  }
  return { eventTime: corrected, quality: GOOD, ...(corrected === deviceTime ? {} : { deviceTime }) };
}
