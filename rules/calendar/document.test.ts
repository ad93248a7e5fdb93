import { timeZone } from "@campus-ops/device-profiles/vocabulary";
import { InvalidDocumentError } from "@campus-ops/service";
import { describe, expect, test } from "vitest";
import { readCalendar } from "./document.ts";

const at = (local: string): number => Date.parse(`${local}+08:00`);

const YAML = `
terms: [2026-09-01 to 2027-01-20]
holidays: [2026-10-01 to 2026-10-07]
makeUpDays: [2026-10-10]
schoolDay: { lesson: ['08:00-08:45', '14:00-14:45'], closed: ['00:00-06:00', '22:00-24:00'] }
offDay: { closed: ['00:00-24:00'] }
`;

describe("a school's calendar", () => {
  const calendar = readCalendar("calendar.yaml", YAML);
  const cases: readonly (readonly [string, string, boolean])[] = [
    ["a lesson on a school day", "2026-09-07T08:00:00", true],
    ["the moment it ends", "2026-09-07T08:45:00", false],
    ["the second lesson window of the day", "2026-09-07T14:10:00", true],
    ["a Saturday", "2026-09-12T08:10:00", false],
    ["the National Day holiday", "2026-10-05T08:10:00", false],
    ["a Saturday worked in exchange for it", "2026-10-10T08:10:00", true],
    ["before the term", "2026-08-31T08:10:00", false],
    ["the last day of the term", "2027-01-20T08:10:00", true],
  ];
  for (const [what, local, lesson] of cases) {
    test(`${what}: ${lesson ? "lesson" : "no lesson"}`, () => {
      expect(calendar.isIn("lesson", at(local))).toBe(lesson);
    });
  }
  test("is closed all day when school is off, and at night when it is on", () => {
    expect(calendar.isIn("closed", at("2026-10-05T12:00:00"))).toBe(true);
    expect(calendar.isIn("closed", at("2026-09-07T12:00:00"))).toBe(false);
    expect(calendar.isIn("closed", at("2026-09-07T22:00:00"))).toBe(true);
  });
  test("says when a window opens or closes next, over midnight too", () => {
    expect(calendar.nextChange(at("2026-09-07T08:10:00"))).toBe(at("2026-09-07T08:45:00"));
    expect(calendar.nextChange(at("2026-09-07T22:30:00"))).toBe(at("2026-09-08T00:00:00"));
    expect(calendar.nextChange(at("2026-10-05T12:00:00"))).toBe(at("2026-10-06T00:00:00"));
  });
});

test("a pressed school day comes round again, in both directions from its anchor", () => {
  const calendar = readCalendar(
    "calendar.yaml",
    "cycle: { period: 100s, anchor: '2026-09-07T08:00:00+08:00', windows: { lesson: ['20s-60s'] } }",
  );
  const begin = at("2026-09-07T08:00:00");
  const inLesson = [-80, -41, -40, 20, 59, 60, 120].map((seconds) =>
    calendar.isIn("lesson", begin + seconds * 1_000),
  );
  expect(inLesson).toEqual([true, true, false, true, true, false, true]);
  expect(calendar.nextChange(begin + 60_000)).toBe(begin + 120_000);
});

test("a calendar that makes no sense names line and field", () => {
  const wrong = "holidays: [2026-10-07 to 2026-10-01]\nschoolDay:\n  lesson: ['09:00-08:00']\n";
  let problems: readonly string[] = [];
  try {
    readCalendar("calendar.yaml", wrong);
  } catch (error) {
    if (error instanceof InvalidDocumentError)
      problems = error.problems.map(({ line, field, zh }) => `${line} ${field} ${zh}`);
  }
  expect(problems).toEqual([
    "1 holidays.0 须为一天，或一天至其后的一天，如 2026-10-01 to 2026-10-07",
    "3 schoolDay.lesson.0 结束须晚于开始，且不晚于一天结束",
  ]);
});

test("says of each day whether it is a school day: holidays are none, made-up Saturdays and exam days are", () => {
  const exam =
    "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20260912\nSUMMARY:期中考试\nEND:VEVENT\nEND:VCALENDAR\n";
  const text = `utcOffset: '+06:00'
terms: [2026-09-01 to 2027-01-20]
holidays: [2026-10-01 to 2026-10-07]
makeUpDays: [2026-10-10]
import: [{ file: exams.ics, as: exam }]
`;
  const calendar = readCalendar("calendar.yaml", text, () => exam);
  const day = (date: string): number => Date.parse(`${date}T00:00:00Z`) / 86_400_000;
  const told = calendar.schoolTime?.(Date.parse("2026-11-22T00:00:00Z"));
  expect(told).toMatchObject({ timeZone: "+06:00", first: day("2026-09-01") });
  const of = (date: string) => told?.days[day(date) - day("2026-09-01")];
  expect(["2026-09-01", "2026-09-05", "2026-09-12"].map(of)).toEqual(["1", "0", "1"]);
  expect(["2026-09-30", "2026-10-01", "2026-10-08", "2026-10-10"].map(of)).toEqual(["1", "0", "1", "1"]);
  expect(of("2027-01-21")).toBe("0");
  expect(told?.terms).toEqual([
    { from: Date.parse("2026-09-01T00:00:00+06:00"), to: Date.parse("2027-01-21T00:00:00+06:00") },
  ]);
  expect(readCalendar("calendar.yaml", "cycle: true").schoolTime).toBeUndefined();
});

describe("a school where the clock is changed", () => {
  const berlin = readCalendar("calendar.yaml", YAML, undefined, timeZone("Europe/Berlin"));
  const utc = (text: string): number => Date.parse(`${text}Z`);

  test("has its lessons by the clock on the wall, before and after", () => {
    expect(berlin.isIn("lesson", utc("2026-10-23T06:10:00"))).toBe(true);
    expect(berlin.isIn("lesson", utc("2026-10-26T06:10:00"))).toBe(false);
    expect(berlin.spansOf("lesson", utc("2026-10-26T12:00:00"))[0]).toEqual([
      utc("2026-10-26T07:00:00"),
      utc("2026-10-26T07:45:00"),
    ]);
  });

  test("has a day of 25 hours, in which the next change is looked for where the clock is changed", () => {
    const sunday = utc("2026-10-25T00:30:00");
    expect(berlin.dayOf(sunday)).toEqual([utc("2026-10-24T22:00:00"), utc("2026-10-25T23:00:00")]);
    expect(berlin.nextChange(sunday)).toBe(utc("2026-10-25T01:00:00"));
    expect(berlin.nextChange(utc("2026-10-25T01:00:00"))).toBe(utc("2026-10-25T23:00:00"));
  });
});
