import { describe, expect, test } from "vitest";
import { GOOD } from "../vocabulary/index.ts";
import { AHEAD_MAX_ms, judgeToldTime, LATE_MAX_ms } from "./told-time.ts";

const NOW = Date.UTC(2026, 8, 1, 12);
const HOUR_ms = 3_600_000;
const CLOCK = { status: "uncertain", reason: "device-clock" };

describe("a time that a device tells", () => {
  test.each([0, -AHEAD_MAX_ms, 5 * HOUR_ms, LATE_MAX_ms])(
    "is the event's when it lies %i ms back",
    (lag_ms) => {
      expect(judgeToldTime(NOW - lag_ms, { receivedAt: NOW, live: true })).toEqual({
        eventTime: NOW - lag_ms,
        quality: GOOD,
      });
    },
  );

  test.each([8 * HOUR_ms, -8 * HOUR_ms])("is moved when it is off by just the zone: %i ms", (lag_ms) => {
    expect(judgeToldTime(NOW - lag_ms + 1_000, { receivedAt: NOW, live: true })).toEqual({
      eventTime: NOW + 1_000,
      quality: CLOCK,
      deviceTime: NOW - lag_ms + 1_000,
    });
  });

  test("eight hours ago is eight hours ago for what waited to be sent", () => {
    expect(judgeToldTime(NOW - 8 * HOUR_ms, { receivedAt: NOW, live: false })).toMatchObject({
      quality: GOOD,
    });
  });

  test.each([0, Date.UTC(2000, 0, 1), NOW + 2 * HOUR_ms, NOW - LATE_MAX_ms - 1])(
    "that cannot be true is kept beside the receipt: %i",
    (told) => {
      expect(judgeToldTime(told, { receivedAt: NOW, live: true })).toEqual({
        eventTime: NOW,
        quality: CLOCK,
        deviceTime: told,
      });
    },
  );

  test("that is missing is replaced by the receipt, and that is said", () => {
    expect(judgeToldTime(undefined, { receivedAt: NOW, live: true })).toEqual({
      eventTime: NOW,
      quality: { status: "uncertain", reason: "no-event-time" },
    });
  });
});
