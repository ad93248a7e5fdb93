import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CHINA_TIME, fixedZone, localText, siteZone, timeZone } from "./time-zone.ts";

const DAY = 86_400_000;
const HOUR = 3_600_000;
const day = (text: string): number => Date.parse(`${text}T00:00:00Z`) / DAY;

test("China's time is eight hours ahead, and is that of a site that says nothing", () => {
  expect(siteZone({}).name).toBe(CHINA_TIME);
  expect(siteZone({}).offset(Date.parse("2026-07-01T00:00:00Z"))).toBe(8 * HOUR);
  expect(siteZone({ timeZone: "Asia/Urumqi" }).offset(0)).toBe(6 * HOUR);
  expect(localText(siteZone({}), Date.parse("2026-09-01T00:00:00.250Z"))).toBe(
    "2026-09-01 08:00:00.250 +08:00",
  );
});

test("a name that is none is refused", () => {
  expect(() => timeZone("Asia/Nowhere")).toThrow(RangeError);
});

describe("where the clock is changed", () => {
  const berlin = timeZone("Europe/Berlin");

  test("a day has 23 or 25 hours", () => {
    const hours = (text: string): number =>
      (berlin.moment(day(text), DAY) - berlin.moment(day(text), 0)) / HOUR;
    expect(["2026-03-28", "2026-03-29", "2026-10-25", "2026-10-26"].map(hours)).toEqual([24, 23, 25, 24]);
  });

  test("a time that is jumped over comes an hour later, one that is shown twice is the first", () => {
    const at = (text: string, hour: number): string =>
      new Date(berlin.moment(day(text), hour * HOUR)).toISOString();
    expect(at("2026-03-29", 2.5)).toBe("2026-03-29T01:30:00.000Z");
    expect(at("2026-10-25", 2.5)).toBe("2026-10-25T00:30:00.000Z");
    expect(localText(berlin, Date.parse("2026-10-25T01:30:00Z"))).toBe("2026-10-25 02:30:00.000 +01:00");
  });

  test("the change itself is found, to the moment", () => {
    const [from, until] = [Date.parse("2026-03-28T12:00:00Z"), Date.parse("2026-03-29T12:00:00Z")];
    expect(berlin.nextChange(from, until)).toBe(Date.parse("2026-03-29T01:00:00Z"));
    expect(berlin.nextChange(until, until + DAY)).toBeUndefined();
  });

  test("half an hour is a change too", () => {
    const island = timeZone("Australia/Lord_Howe");
    expect((island.moment(day("2026-04-05"), DAY) - island.moment(day("2026-04-05"), 0)) / HOUR).toBe(24.5);
  });
});

test("every moment lies in its local day, whatever the zone", () => {
  const zones = ["Asia/Shanghai", "Europe/Berlin", "America/St_Johns", "Pacific/Apia"].map(timeZone);
  const moment = fc.integer({ min: Date.UTC(2015, 0), max: Date.UTC(2035, 0) });
  fc.assert(
    fc.property(moment, fc.constantFrom(...zones, fixedZone(-9.5 * HOUR)), (at, zone) => {
      const local = zone.dayOf(at);
      expect(zone.moment(local, 0)).toBeLessThanOrEqual(at);
      expect(zone.moment(local, DAY)).toBeGreaterThan(at);
    }),
  );
});
