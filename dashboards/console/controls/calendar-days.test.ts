import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addDays,
  addMonths,
  isAllowed,
  readDay,
  readTime,
  sameMonth,
  startOfWeek,
  timeText,
  weekdayOf,
  weeksOf,
} from "./calendar-days.ts";

const anyDay = fc
  .date({ min: new Date("1900-01-01"), max: new Date("2199-12-31"), noInvalidDate: true })
  .map((at) => at.toISOString().slice(0, 10));

describe("a day that somebody types", () => {
  test.each([
    ["2026-11-22", "2026-11-22"],
    [" 2026/1/2 ", "2026-01-02"],
    ["2026.1.2", "2026-01-02"],
    ["20261122", "2026-11-22"],
    ["２０２６年１１月２２日", "2026-11-22"],
    ["2024-02-29", "2024-02-29"],
  ])("“%s” is %s", (text, day) => {
    expect(readDay(text)).toBe(day);
  });

  test.each([
    "",
    "2026-02-30",
    "2026-13-01",
    "2026-00-10",
    "2026-11",
    "22.11.2026",
    "11/22/2026",
    "tomorrow",
  ])("“%s” is none", (text) => {
    expect(readDay(text)).toBeUndefined();
  });

  test("reads back whatever day is written", () => {
    fc.assert(fc.property(anyDay, (day) => readDay(day) === day));
  });
});

describe("a time that somebody types", () => {
  test.each([
    ["8:30", "08:30"],
    ["0830", "08:30"],
    ["830", "08:30"],
    ["８：３０", "08:30"],
    ["17点", "17:00"],
    ["23:59", "23:59"],
    ["0:00", "00:00"],
  ])("“%s” is %s", (text, time) => {
    expect(timeText(readTime(text) ?? Number.NaN)).toBe(time);
  });

  test.each(["", "24:00", "8:60", "8", "half past", "12:345"])("“%s” is none", (text) => {
    expect(readTime(text)).toBeUndefined();
  });
});

describe("moving through the calendar", () => {
  test("a month later is the same day, or that month's last", () => {
    expect(addMonths("2026-01-31", 1)).toBe("2026-02-28");
    expect(addMonths("2024-02-29", 12)).toBe("2025-02-28");
    expect(addMonths("2026-11-22", -11)).toBe("2025-12-22");
  });

  test("days go over the ends of months and years, and end with the calendar", () => {
    expect(addDays("2026-12-31", 1)).toBe("2027-01-01");
    expect(addDays("2026-03-01", -1)).toBe("2026-02-28");
    expect(addDays("9999-12-31", 1)).toBe("9999-12-31");
  });

  test("moving on by months always lands in the month that it is meant to", () => {
    fc.assert(
      fc.property(anyDay, fc.integer({ min: -30, max: 30 }), (day, count) => {
        const months = (text: string): number => Number(text.slice(0, 4)) * 12 + Number(text.slice(5, 7));
        return months(addMonths(day, count)) - months(day) === count;
      }),
    );
  });

  test("weeks begin on Monday", () => {
    expect([weekdayOf("2026-11-23"), weekdayOf("2026-11-22")]).toEqual([0, 6]);
    expect(startOfWeek("2026-11-22")).toBe("2026-11-16");
  });

  test("a month is shown whole, each day of it once, in six weeks of seven", () => {
    fc.assert(
      fc.property(anyDay, (day) => {
        const weeks = weeksOf(day);
        const days = weeks.flat();
        expect(weeks.map((week) => week.length)).toEqual([7, 7, 7, 7, 7, 7]);
        expect(new Set(days).size).toBe(42);
        const first = `${day.slice(0, 8)}01`;
        const length = (Date.parse(addMonths(first, 1)) - Date.parse(first)) / 86_400_000;
        expect(days.filter((each) => sameMonth(each, day)).length).toBe(length);
        expect(weekdayOf(days[0] ?? "")).toBe(0);
      }),
    );
  });

  test("what lies outside of the ends may not be chosen", () => {
    expect(isAllowed("2026-11-22", "2026-11-22", "2026-11-22")).toBe(true);
    expect(isAllowed("2026-11-21", "2026-11-22")).toBe(false);
    expect(isAllowed("2026-11-23", "", "2026-11-22")).toBe(false);
  });
});
