import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatDuration, lifetime_ms, parseDateTime, parseDuration } from "./iso-time.ts";

const NOON = Date.UTC(2026, 8, 1, 12);

describe("a dateTime", () => {
  test.each([
    ["2026-09-01T12:00:00Z", NOON],
    ["2026-09-01T12:00:00.250Z", NOON + 250],
    ["2026-09-01T12:00:00.2503712345678Z", NOON + 250],
    ["2026-09-01T20:00:00+08:00", NOON],
    ["2026-09-01T20:00:00+0800", NOON],
    ["2026-09-01T08:30:00-03:30", NOON],
    // ONVIF Core, clause 9.10 shows times without an offset; they are UTC.
    ["2026-09-01T12:00:00", NOON],
    ["2026-9-1T12:0:0Z", NOON],
    ["  2026-09-01T12:00:00z\n", NOON],
    ["1970-01-01T00:00:00Z", 0],
  ])("%s is read", (text, time) => {
    expect(parseDateTime(text)).toBe(time);
  });

  test.each([
    "",
    "yesterday",
    "2026-13-01T00:00:00Z",
    "2026-09-01T25:00:00Z",
    "2026-09-01",
    "PT1M",
    "2026-09-01T12:00:00+8",
  ])("%j is none", (text) => {
    expect(parseDateTime(text)).toBeUndefined();
  });

  test("as this platform writes it is read back, whatever the offset", () => {
    const offsets = fc.integer({ min: -14 * 60, max: 14 * 60 });
    const times = fc.date({ min: new Date("1970-01-02"), max: new Date("9999-12-30"), noInvalidDate: true });
    fc.assert(
      fc.property(times, offsets, (time, minutes) => {
        const local = new Date(time.getTime() + minutes * 60_000).toISOString().slice(0, -1);
        const clock = `${Math.floor(Math.abs(minutes) / 60)}`.padStart(2, "0");
        const rest = `${Math.abs(minutes) % 60}`.padStart(2, "0");
        expect(parseDateTime(`${local}${minutes < 0 ? "-" : "+"}${clock}:${rest}`)).toBe(time.getTime());
      }),
    );
  });
});

test("durations of a fixed length are read, the others are not", () => {
  expect(["PT1M", "PT2M30S", "PT0.5S", "P1DT2H", "PT0S"].map(parseDuration)).toEqual([
    60_000, 150_000, 500, 93_600_000, 0,
  ]);
  expect(["P1M", "P1Y", "PT", "P", "60", "-PT1M", ""].map(parseDuration)).toEqual(Array(7).fill(undefined));
  fc.assert(
    fc.property(fc.nat(1e9), (time) => {
      expect(parseDuration(formatDuration(time))).toBe(time);
    }),
  );
});

test("a subscription's lifetime is measured on the camera's own clock, absolute or relative", () => {
  expect(lifetime_ms("1970-01-01T00:02:00Z", "1970-01-01T00:00:00Z")).toBe(120_000);
  expect(lifetime_ms("2026-09-01T20:02:00+08:00", "2026-09-01T12:00:00Z")).toBe(120_000);
  expect(lifetime_ms("PT2M", undefined)).toBe(120_000);
  expect(lifetime_ms(undefined, "2026-09-01T12:00:00Z")).toBeUndefined();
  expect(lifetime_ms("2026-09-01T12:00:00Z", "2026-09-01T12:00:00Z")).toBeUndefined();
  expect(lifetime_ms("soon", "2026-09-01T12:00:00Z")).toBeUndefined();
});
