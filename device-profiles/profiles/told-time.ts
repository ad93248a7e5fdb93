/** What a time is worth that a device tells without saying what its clock is worth. */
import type { Quality, Timestamp } from "../vocabulary/index.ts";
import { GOOD } from "../vocabulary/index.ts";

/** A device's clock may be ahead of ours by so much and still be right. */
export const AHEAD_MAX_ms = 60_000;
/** Devices keep what they could not send; so long ago a time may lie. */
export const LATE_MAX_ms = 30 * 86_400_000;
/** UTC sent for Beijing time, or the other way round, by a report that has just been made. */
const ZONE_ms = 8 * 3_600_000;
const ZONE_TOLERANCE_ms = 120_000;

export interface ToldTime {
  readonly eventTime: Timestamp;
  readonly quality: Quality;
  /** What the device said, where it is not the event's time. */
  readonly deviceTime?: Timestamp;
}

export interface Telling {
  readonly receivedAt: Timestamp;
  /** True for what was sent as soon as it happened: then a lag of just eight hours is a wrong time zone. */
  readonly live: boolean;
}

const DEVICE_CLOCK: Quality = { status: "uncertain", reason: "device-clock" };

/**
 * A plausible time is the event's. One that is off by just the zone is moved and marked; where there is none the
 * receipt stands in, and where it cannot be true (1970, tomorrow) it does so too: the quality says which.
 */
export function judgeToldTime(told: Timestamp | undefined, { live, receivedAt }: Telling): ToldTime {
  if (told === undefined) {
    return { eventTime: receivedAt, quality: { status: "uncertain", reason: "no-event-time" } };
  }
  const lag_ms = receivedAt - told;
  const isZone = (zone_ms: number): boolean => Math.abs(lag_ms - zone_ms) <= ZONE_TOLERANCE_ms;
  if (isZone(-ZONE_ms)) return { eventTime: told - ZONE_ms, quality: DEVICE_CLOCK, deviceTime: told };
  if (live && isZone(ZONE_ms)) return { eventTime: told + ZONE_ms, quality: DEVICE_CLOCK, deviceTime: told };
  if (lag_ms >= -AHEAD_MAX_ms && lag_ms <= LATE_MAX_ms) return { eventTime: told, quality: GOOD };
  return { eventTime: receivedAt, quality: DEVICE_CLOCK, deviceTime: told };
}
