import { describe, expect, test } from "vitest";
import { GOOD } from "../vocabulary/index.ts";
import {
  AHEAD_MAX_ms,
  EVENT_TIME_ERROR_MAX_ms,
  LATE_MAX_ms,
  timeAsTold,
  timeOfLive,
  timeOfRecorded,
} from "./device-time.ts";

const NOW = Date.UTC(2026, 8, 1, 12);
const HOUR_ms = 3_600_000;
const CLOCK = { status: "uncertain", reason: "device-clock" };

describe("a time by a clock that was not measured", () => {
  test.each([0, -AHEAD_MAX_ms, 5 * HOUR_ms, LATE_MAX_ms])(
    "is the event's when it lies %i ms back",
    (lag_ms) => {
      expect(timeAsTold(NOW - lag_ms, { receivedAt: NOW, live: true })).toEqual({
        eventTime: NOW - lag_ms,
        quality: GOOD,
      });
    },
  );

  test.each([8 * HOUR_ms, -8 * HOUR_ms])("is moved when it is off by just the zone: %i ms", (lag_ms) => {
    expect(timeAsTold(NOW - lag_ms + 1_000, { receivedAt: NOW, live: true })).toEqual({
      eventTime: NOW + 1_000,
      quality: CLOCK,
      deviceTime: NOW - lag_ms + 1_000,
    });
  });

  test("eight hours ago is eight hours ago for what waited to be sent", () => {
    expect(timeAsTold(NOW - 8 * HOUR_ms, { receivedAt: NOW, live: false })).toMatchObject({
      quality: GOOD,
    });
  });

  test.each([0, Date.UTC(2000, 0, 1), NOW + 2 * HOUR_ms, NOW - LATE_MAX_ms - 1])(
    "that cannot be true is kept beside the receipt: %i",
    (told) => {
      expect(timeAsTold(told, { receivedAt: NOW, live: true })).toEqual({
        eventTime: NOW,
        quality: CLOCK,
        deviceTime: told,
      });
    },
  );

  test("that is missing is replaced by the receipt, and that is said", () => {
    expect(timeAsTold(undefined, { receivedAt: NOW, live: true })).toEqual({
      eventTime: NOW,
      quality: { status: "uncertain", reason: "no-event-time" },
    });
  });
});

describe("a time by a clock that was measured", () => {
  const ahead = { receivedAt: NOW, clockOffset_ms: HOUR_ms };

  test("is put right by the clock's offset, and what the device said stays beside it", () => {
    for (const timeOf of [timeOfLive, timeOfRecorded]) {
      const deviceTime = NOW + HOUR_ms - 1_000;
      expect(timeOf(deviceTime, ahead)).toEqual({ eventTime: NOW - 1_000, quality: GOOD, deviceTime });
      expect(timeOf(NOW, { receivedAt: NOW, clockOffset_ms: 0 })).toEqual({ eventTime: NOW, quality: GOOD });
    }
  });

  test.each([-1, 1])("is the receipt's when what is just happening lies too far from it: %i", (side) => {
    const right = (lag_ms: number): unknown => timeOfLive(NOW + HOUR_ms + side * lag_ms, ahead).quality;
    expect(right(EVENT_TIME_ERROR_MAX_ms)).toEqual(GOOD);
    expect(right(EVENT_TIME_ERROR_MAX_ms + 1)).toEqual(CLOCK);
  });

  test("of a record may be old, and is never later than its receipt", () => {
    const lastYear = NOW - 365 * 86_400_000;
    expect(timeOfRecorded(lastYear + HOUR_ms, ahead)).toMatchObject({ eventTime: lastYear, quality: GOOD });
    expect(timeOfRecorded(NOW + HOUR_ms + 2_000, ahead)).toMatchObject({ eventTime: NOW, quality: GOOD });
    expect(timeOfRecorded(NOW + HOUR_ms + 2_001, ahead)).toMatchObject({ eventTime: NOW, quality: CLOCK });
    expect(timeOfRecorded(0, ahead)).toEqual({ eventTime: NOW, quality: CLOCK, deviceTime: 0 });
  });

  test("that is missing is replaced by the receipt, and that is said", () => {
    const quality = { status: "uncertain", reason: "no-event-time" };
    expect(timeOfLive(undefined, ahead)).toEqual({ eventTime: NOW, quality });
    expect(timeOfRecorded(undefined, ahead)).toEqual({ eventTime: NOW, quality });
  });
});
