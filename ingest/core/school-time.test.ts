import { expect, test } from "vitest";
import { periodOf, piecesOf } from "./periods.ts";
import { CHINA_MS, SchoolTime } from "./school-time.ts";

const HOUR = 3_600_000;
const day = (date: string): number => Date.parse(`${date}T00:00:00Z`) / (24 * HOUR);
const midnight = (date: string): number => Date.parse(`${date}T00:00:00+08:00`);

test("a school day begins at the school's own midnight; on a day off and between terms there is none", () => {
  const term = { from: midnight("2026-02-23"), to: midnight("2026-07-11") };
  const school = new SchoolTime(CHINA_MS, [term], [day("2026-03-03")]);
  const eight = midnight("2026-03-02") + 8 * HOUR;
  const monday = { tier: "schoolDay", from: midnight("2026-03-02"), to: midnight("2026-03-03") };
  expect(periodOf("schoolDay", eight, school)).toEqual(monday);
  expect(periodOf("schoolDay", monday.from, school)).toEqual(monday);
  expect(periodOf("schoolDay", eight + 24 * HOUR, school)).toBeUndefined();
  expect(periodOf("term", eight, school)).toEqual({ tier: "term", ...term });
  expect(periodOf("term", term.to, school)).toBeUndefined();
  // Two hours west of Beijing, midnight comes two hours later.
  const west = new SchoolTime(6 * HOUR);
  expect(periodOf("schoolDay", eight, west)?.from).toBe(monday.from + 2 * HOUR);
});

test("a term is made of its school days", () => {
  const term = { from: midnight("2026-03-02"), to: midnight("2026-03-06") };
  const school = new SchoolTime(CHINA_MS, [term], [day("2026-03-03")]);
  const pieces = piecesOf({ tier: "term", ...term }, school);
  expect(pieces.map(({ from }) => from)).toEqual(["2026-03-02", "2026-03-04", "2026-03-05"].map(midnight));
});

test("a calendar decides about the days it speaks of; of all others stays what was told before", () => {
  const last = { from: midnight("2025-09-01"), to: midnight("2026-01-24") };
  const before = new SchoolTime(CHINA_MS, [last], [day("2025-10-01"), day("2026-03-02")]);
  const next = { from: midnight("2026-03-01"), to: midnight("2026-07-11") };
  const after = before.told({ utcOffset_ms: CHINA_MS, first: day("2026-03-01"), days: "011", terms: [next] });
  expect(after.off).toEqual([day("2025-10-01"), day("2026-03-01")]);
  expect(after.terms).toEqual([last, next]);
  const days = ["2025-10-01", "2026-03-01", "2026-03-02", "2026-03-03"].map(day);
  expect(before.daysChanged(after, days)).toEqual([day("2026-03-01"), day("2026-03-02")]);
  expect(before.termsChanged(after)).toEqual([next.from]);
  expect(after.termsChanged(after)).toEqual([]);
});
