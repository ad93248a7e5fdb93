import { fixedZone, timeZone } from "@campus-ops/device-profiles/vocabulary";
import { expect, test } from "vitest";
import { periodOf, piecesOf } from "./periods.ts";
import { SchoolTime } from "./school-time.ts";

const CHINA = timeZone("Asia/Shanghai");
const HOUR = 3_600_000;
const day = (date: string): number => Date.parse(`${date}T00:00:00Z`) / (24 * HOUR);
const midnight = (date: string): number => Date.parse(`${date}T00:00:00+08:00`);

test("a school day begins at the school's own midnight; on a day off and between terms there is none", () => {
  const term = { from: midnight("2026-02-23"), to: midnight("2026-07-11") };
  const school = new SchoolTime(CHINA, [term], [day("2026-03-03")]);
  const eight = midnight("2026-03-02") + 8 * HOUR;
  const monday = { tier: "schoolDay", from: midnight("2026-03-02"), to: midnight("2026-03-03") };
  expect(periodOf("schoolDay", eight, school)).toEqual(monday);
  expect(periodOf("schoolDay", monday.from, school)).toEqual(monday);
  expect(periodOf("schoolDay", eight + 24 * HOUR, school)).toBeUndefined();
  expect(periodOf("term", eight, school)).toEqual({ tier: "term", ...term });
  expect(periodOf("term", term.to, school)).toBeUndefined();
  // Two hours west of Beijing, midnight comes two hours later.
  const west = new SchoolTime(fixedZone(6 * HOUR));
  expect(periodOf("schoolDay", eight, west)?.from).toBe(monday.from + 2 * HOUR);
});

test("a term is made of its school days", () => {
  const term = { from: midnight("2026-03-02"), to: midnight("2026-03-06") };
  const school = new SchoolTime(CHINA, [term], [day("2026-03-03")]);
  const pieces = piecesOf({ tier: "term", ...term }, school);
  expect(pieces.map(({ from }) => from)).toEqual(["2026-03-02", "2026-03-04", "2026-03-05"].map(midnight));
});

test("a calendar decides about the days it speaks of; of all others stays what was told before", () => {
  const last = { from: midnight("2025-09-01"), to: midnight("2026-01-24") };
  const before = new SchoolTime(CHINA, [last], [day("2025-10-01"), day("2026-03-02")]);
  const next = { from: midnight("2026-03-01"), to: midnight("2026-07-11") };
  const after = before.told({
    timeZone: "Asia/Shanghai",
    first: day("2026-03-01"),
    days: "011",
    terms: [next],
  });
  expect(after.off).toEqual([day("2025-10-01"), day("2026-03-01")]);
  expect(after.terms).toEqual([last, next]);
  const days = ["2025-10-01", "2026-03-01", "2026-03-02", "2026-03-03"].map(day);
  expect(before.schoolDaysChanged(after, days)).toEqual(["2026-03-01", "2026-03-02"].map(midnight));
  expect(before.termsChanged(after)).toEqual([next.from]);
  expect(after.termsChanged(after)).toEqual([]);
});

test("where clocks are changed a day has the midnight of its own date, and 23 or 25 hours where it is the day", () => {
  const school = new SchoolTime(timeZone("Europe/Berlin"));
  const dayAt = (iso: string) => periodOf("schoolDay", Date.parse(iso), school);
  // Told in winter or in summer: what is far off is in its own time.
  expect(dayAt("2026-01-15T12:00:00Z")?.from).toBe(Date.parse("2026-01-14T23:00:00Z"));
  expect(dayAt("2026-07-15T12:00:00Z")?.from).toBe(Date.parse("2026-07-14T22:00:00Z"));
  for (const [date, hours] of [
    ["2026-03-29", 23],
    ["2026-10-25", 25],
  ] as const) {
    const period = dayAt(`${date}T12:00:00Z`);
    expect(((period?.to ?? 0) - (period?.from ?? 0)) / HOUR).toBe(hours);
    expect(school.dayOf((period?.to ?? 0) - 1)).toBe(day(date));
    expect(school.dayOf(period?.to ?? 0)).toBe(day(date) + 1);
  }
  const term = { from: school.midnight(day("2026-03-27")), to: school.midnight(day("2026-04-01")) };
  const pieces = piecesOf({ tier: "term", ...term }, new SchoolTime(school.zone, [term]));
  expect(pieces.map(({ from, to }) => (to - from) / HOUR)).toEqual([24, 24, 23, 24, 24]);
  expect(pieces.slice(1).every(({ from }, index) => from === pieces[index]?.to)).toBe(true);
});

test("in another zone each day that was folded is another one, and the terms that are over keep their days", () => {
  const last = { from: midnight("2025-09-01"), to: midnight("2026-01-24") };
  const before = new SchoolTime(CHINA, [last], [day("2026-03-03")]);
  const told = { timeZone: "Asia/Urumqi", first: day("2026-03-01"), days: "110111", terms: [] };
  const after = before.told(told);
  const west = (date: string): number => midnight(date) + 2 * HOUR;
  expect(after.terms).toEqual([{ from: west("2025-09-01"), to: west("2026-01-24") }]);
  expect(before.termsChanged(after)).toEqual([last.from, west("2025-09-01")]);
  // The first two hours of Monday are Sunday's there.
  expect(before.schoolDaysChanged(after, [day("2026-03-02")])).toEqual([
    midnight("2026-03-02"),
    west("2026-03-01"),
    west("2026-03-02"),
  ]);
  // Of summer time that was not known before, half a year is touched and the other half is not.
  const winter = new SchoolTime(fixedZone(HOUR));
  const berlin = winter.told({ ...told, timeZone: "Europe/Berlin", days: "" });
  expect(winter.schoolDaysChanged(berlin, [day("2026-01-15")])).toEqual([]);
  expect(winter.schoolDaysChanged(berlin, [day("2026-07-15")])).toHaveLength(3);
  // A term told when another offset stood for all days begins on the day that it was told for.
  const summer = new SchoolTime(fixedZone(HOUR), [
    { from: Date.parse("2025-05-01T00:00:00+02:00"), to: Date.parse("2025-07-12T00:00:00+02:00") },
  ]);
  expect(summer.told({ ...told, timeZone: "Europe/Berlin", days: "" }).terms).toEqual(summer.terms);
});

test("a zone may be an offset, and one that there is none of is refused", () => {
  const before = new SchoolTime(CHINA);
  const said = { first: 0, days: "", terms: [] };
  expect(before.told({ ...said, timeZone: "+06:00" }).midnight(1)).toBe(18 * HOUR);
  expect(() => before.told({ ...said, timeZone: "Mars/Olympus" })).toThrow(RangeError);
});
