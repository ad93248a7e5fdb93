import { siteZone } from "@campus-ops/device-profiles/vocabulary";
import { InvalidDocumentError } from "@campus-ops/service";
import { describe, expect, test } from "vitest";
import { readCalendar } from "./document.ts";
import { CalendarFileError, importEvents, OCCURRENCES_MAX } from "./icalendar.ts";

const at = (local: string): number => Date.parse(`${local}+08:00`);
const ics = (...events: readonly string[]): string =>
  ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//school//EN", ...events, "END:VCALENDAR", ""].join("\r\n");
const event = (summary: string, ...lines: readonly string[]): string =>
  ["BEGIN:VEVENT", `UID:${summary}-${lines[0]}`, `SUMMARY:${summary}`, ...lines, "END:VEVENT"].join("\r\n");
const allDay = (summary: string, from: string, until: string): string =>
  event(summary, `DTSTART;VALUE=DATE:${from}`, `DTEND;VALUE=DATE:${until}`);

// As Chinese holiday calendars are published: one event a holiday, one a Saturday worked in exchange.
const HOLIDAYS = ics(
  allDay("国庆节 假期", "20261001", "20261008"),
  allDay("国庆节 补班", "20261010", "20261011"),
);
const EXAMS = ics(
  event("期中考试", "DTSTART;TZID=Asia/Shanghai:20261112T080000", "DTEND;TZID=Asia/Shanghai:20261112T100000"),
  event("期末考试", "DTSTART:20270115T010000Z", "DTEND:20270115T030000Z"),
  event("家长会", "DTSTART:20261120T190000", "DTEND:20261120T210000"),
);
const FILES: Readonly<Record<string, string>> = { "holidays.ics": HOLIDAYS, "exams.ics": EXAMS };
const read = (file: string): string => {
  const text = FILES[file];
  if (text === undefined) throw Object.assign(new Error("gone"), { code: "ENOENT" });
  return text;
};
const YAML = `
terms: [2026-09-01 to 2027-01-20]
import:
  - { file: holidays.ics, as: holidays, containing: 假期 }
  - { file: holidays.ics, as: makeUpDays, containing: 补班 }
  - { file: exams.ics, as: exam, containing: 考试 }
schoolDay: { lesson: ['08:10-08:50', '09:00-09:40'], closed: ['00:00-06:00'] }
offDay: { closed: ['00:00-24:00'] }
`;

describe("a school calendar with imported days", () => {
  const calendar = readCalendar("calendar.yaml", YAML, read);
  const cases: readonly (readonly [string, string, string, boolean])[] = [
    ["a holiday", "lesson", "2026-10-01T08:20:00", false],
    ["its last day", "lesson", "2026-10-07T08:20:00", false],
    ["the day after it", "lesson", "2026-10-08T08:20:00", true],
    ["the Saturday worked in exchange", "lesson", "2026-10-10T08:20:00", true],
    ["any other Saturday", "lesson", "2026-10-17T08:20:00", false],
    ["an exam", "exam", "2026-11-12T08:30:00", true],
    ["the exam's end", "exam", "2026-11-12T10:00:00", false],
    ["lessons on the day of the exam", "lesson", "2026-11-12T08:20:00", true],
    ["an exam given in UTC", "exam", "2027-01-15T09:30:00", true],
    ["an evening that is no exam", "exam", "2026-11-20T19:30:00", false],
    ["the first lesson", "first-lesson", "2026-11-13T08:20:00", true],
    ["the second lesson is not the first", "first-lesson", "2026-11-13T09:20:00", false],
  ];
  for (const [what, window, local, open] of cases) {
    test(`${what}: ${open ? "" : "no "}${window}`, () => {
      expect(calendar.isIn(window, at(local))).toBe(open);
    });
  }
  test("knows when an imported window opens", () => {
    expect(calendar.nextChange(at("2026-11-12T07:00:00"))).toBe(at("2026-11-12T08:00:00"));
  });
});

test("a boarding school has a curfew, a day school has none", () => {
  const night = at("2026-09-07T23:00:00");
  expect(readCalendar("c.yaml", "boarding: true\n").isIn("curfew", night)).toBe(true);
  expect(readCalendar("c.yaml", "{}\n").isIn("curfew", night)).toBe(false);
  const own = "boarding: true\nschoolDay: { curfew: ['23:30-24:00'] }\n";
  expect(readCalendar("c.yaml", own).isIn("curfew", night)).toBe(false);
});

describe("what cannot be imported names file, line and field", () => {
  const problemsOf = (yaml: string, reading = read): readonly string[] => {
    try {
      readCalendar("c.yaml", yaml, reading);
      return [];
    } catch (error) {
      if (!(error instanceof InvalidDocumentError)) throw error;
      return error.problems.map(({ line, field, message }) => `${line} ${field}: ${message}`);
    }
  };
  test.each([
    ["{ file: gone.ics, as: holidays }", "gone.ics cannot be read (ENOENT)"],
    [
      "{ file: holidays.ics, as: holidays, containing: 春节 }",
      "holidays.ics has no event that contains 春节",
    ],
    ["{ file: exams.ics, as: holidays }", "exams.ics has events with hours; holidays are whole days"],
  ])("%s", (entry, message) => {
    const [problem] = problemsOf(`import:\n  - ${entry}\n`);
    expect(problem).toContain(message);
    expect(problem).toMatch(/^2 import\.0/);
  });
  test("a file that is something else", () => {
    const [problem] = problemsOf("import:\n  - { file: x.ics, as: exam }\n", () => "<html>");
    expect(problem).toContain("x.ics is no iCalendar file");
  });
});

describe("what recurs", () => {
  const options = { zone: siteZone({}), around: at("2026-11-01T00:00:00") };
  const weekly = (...more: readonly string[]): string =>
    ics(event("晚自习", "DTSTART:20260907T190000", "DTEND:20260907T210000", ...more));
  test("comes round until its end, without the days left out", () => {
    const { spans } = importEvents(weekly("RRULE:FREQ=WEEKLY;COUNT=4", "EXDATE:20260914T190000"), options);
    expect(spans.map(({ day }) => new Date(day * 86_400_000).toISOString().slice(0, 10))).toEqual([
      "2026-09-07",
      "2026-09-21",
      "2026-09-28",
    ]);
    expect(spans[0]?.span).toEqual([19 * 3_600_000, 21 * 3_600_000]);
  });
  test("without an end is followed for two years", () => {
    const { spans } = importEvents(weekly("RRULE:FREQ=WEEKLY"), options);
    expect(spans.length).toBeGreaterThan(100);
    expect(spans.length).toBeLessThan(125);
  });
  test("too often is refused", () => {
    expect(() => importEvents(weekly("RRULE:FREQ=MINUTELY"), options)).toThrow(CalendarFileError);
    expect(OCCURRENCES_MAX).toBe(5_000);
  });
  test("over midnight is a span of each day", () => {
    const night = ics(event("施工", "DTSTART:20261101T220000", "DTEND:20261102T020000"));
    expect(importEvents(night, options).spans.map(({ span }) => span)).toEqual([
      [22 * 3_600_000, 24 * 3_600_000],
      [0, 2 * 3_600_000],
    ]);
  });
});
