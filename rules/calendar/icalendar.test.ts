import { siteZone } from "@campus-ops/device-profiles/vocabulary";
import { InvalidDocumentError } from "@campus-ops/service";
import { describe, expect, test } from "vitest";
import { CALENDAR_PROBLEMS_MAX, CalendarFileError } from "./content-lines.ts";
import { readCalendar } from "./document.ts";
import { EVENT_DAYS_MAX, importEvents, OCCURRENCES_MAX } from "./icalendar.ts";

const dayText = (day: number): string => new Date(day * 86_400_000).toISOString().slice(0, 10);
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
  test("a line of the file, in both languages", () => {
    const wrong = ics(event("期中考试", "DTSTART:2026-11-12", "DTEND:20261131T100000"));
    try {
      readCalendar("c.yaml", "import:\n  - { file: x.ics, as: exam }\n", () => wrong);
      expect.unreachable("it was taken");
    } catch (error) {
      const { problems } = error as InvalidDocumentError;
      expect(problems.map(({ zh }) => zh)).toEqual([
        "x.ics 第 7 行：DTSTART “2026-11-12” 不是存在的日期或时间，应如 20261112 或 20261112T080000",
        "x.ics 第 8 行：DTEND “20261131T100000” 不是存在的日期或时间，应如 20261112 或 20261112T080000",
      ]);
      expect(problems[0]?.message).toMatch(/^x\.ics, line 7: DTSTART “2026-11-12” is no day or time/);
    }
  });
});

describe("an iCalendar file", () => {
  const options = { zone: siteZone({}), around: at("2026-11-01T00:00:00") };
  const days = (text: string) =>
    importEvents(text, options).days.map(([from, to]) => [dayText(from), dayText(to)]);
  const hours = (text: string) =>
    importEvents(text, options).spans.map(({ day, span: [from, to] }) => [
      dayText(day),
      from / 3_600_000,
      to / 3_600_000,
    ]);
  const exam = (...lines: readonly string[]): string => ics(event("考试", ...lines));
  const one = [["2026-11-12", 8, 10]];

  test("is read whatever ends its lines, folded, with a byte order mark, in small letters and in two calendars", () => {
    const text = exam("DTSTART:20261112T080000", "DTEND:20261112T100000");
    for (const each of [
      text,
      text.replaceAll("\r\n", "\n"),
      text.replaceAll("\r\n", "\r"),
      text.replaceAll("\r\n", "\n\n"),
      `\uFEFF${text}`,
      text.toLowerCase(),
      text.replace("20261112T080000", "2026\r\n 1112T08\r\n\t0000"),
    ])
      expect(hours(each)).toEqual(one);
    expect(hours(text + text)).toEqual([...one, ...one]);
    const folded = exam("DTSTART;VALUE=DATE:20261112").replace("考试", "考\r\n 试");
    expect(importEvents(folded, { ...options, containing: "考试" }).days).toHaveLength(1);
  });

  test.each([
    ["without an end, one day", ["DTSTART;VALUE=DATE:20261112"], "2026-11-12", "2026-11-12"],
    ["for three days", ["DTSTART;VALUE=DATE:20261112", "DURATION:P3D"], "2026-11-12", "2026-11-14"],
    ["not said to be a day", ["DTSTART:20261112", "DTEND:20261114"], "2026-11-12", "2026-11-13"],
  ] as const)("has whole days: %s", (_, lines, from, to) => {
    expect(days(exam(...lines))).toEqual([[from, to]]);
  });

  test.each([
    ["a name of the IANA", "Asia/Tokyo", [["2026-11-12", 7, 9]]],
    ["a name with a prefix", "/example.org/Asia/Tokyo", [["2026-11-12", 7, 9]]],
    ["a name that Windows gives", "Tokyo Standard Time", [["2026-11-12", 7, 9]]],
    ["the school's own", "China Standard Time", one],
  ])("may name its zone without describing it: %s", (_, tzid, expected) => {
    const zone = `;TZID="${tzid}"`;
    expect(hours(exam(`DTSTART${zone}:20261112T080000`, `DTEND${zone}:20261112T100000`))).toEqual(expected);
  });

  test("has zones that change their clocks: an event of every week stays at its hour there", () => {
    const weekly = [
      "DTSTART;TZID=Europe/Berlin:20261019T080000",
      "DTEND;TZID=Europe/Berlin:20261019T090000",
      "RRULE:FREQ=WEEKLY;COUNT=2",
    ];
    expect(hours(exam(...weekly))).toEqual([
      ["2026-10-19", 14, 15],
      ["2026-10-26", 15, 16],
    ]);
  });

  test("describes a zone for itself alone: another file that names it is told that nobody knows it", () => {
    const zone = [
      ...["BEGIN:VTIMEZONE", "TZID:Here", "BEGIN:STANDARD", "DTSTART:19700101T000000"],
      ...["TZOFFSETFROM:+0900", "TZOFFSETTO:+0900", "END:STANDARD", "END:VTIMEZONE"],
    ];
    const times = ["DTSTART;TZID=Here:20261112T090000", "DTEND;TZID=Here:20261112T110000"];
    expect(hours(ics(...zone, event("考试", ...times)))).toEqual(one);
    expect(() => importEvents(exam(...times), options)).toThrow("line 7: “Here” is no time zone");
  });

  test("has events that were called off, whole or once, and another time of one: what takes place counts", () => {
    const weekly = event(
      "补课",
      "DTSTART:20261107T080000",
      "DTEND:20261107T100000",
      "RRULE:FREQ=WEEKLY;COUNT=3",
    );
    const instead = (...lines: readonly string[]): string =>
      weekly.replace(/\r\nDTSTART(.|\r\n)*COUNT=3/, ["", ...lines].join("\r\n"));
    const off = instead("RECURRENCE-ID:20261114T080000", "DTSTART:20261114T080000", "STATUS:CANCELLED");
    const moved = instead(
      "RECURRENCE-ID:20261114T080000",
      "DTSTART:20261115T090000",
      "DTEND:20261115T110000",
    );
    const [first, last] = [
      ["2026-11-07", 8, 10],
      ["2026-11-21", 8, 10],
    ];
    expect(hours(ics(weekly, off))).toEqual([first, last]);
    expect(hours(ics(weekly, moved))).toEqual([first, ["2026-11-15", 9, 11], last]);
    expect(hours(ics(moved))).toEqual([["2026-11-15", 9, 11]]);
    expect(hours(exam("DTSTART:20261112T080000", "DTEND:20261112T100000", "STATUS:CANCELLED"))).toEqual([]);
  });

  test("lists days that are left out and further ones, as days or as moments of any zone; the first one counts", () => {
    const weekly = [
      "DTSTART;TZID=Asia/Shanghai:20261112T080000",
      "DTEND;TZID=Asia/Shanghai:20261112T100000",
      "RRULE:FREQ=WEEKLY;UNTIL=20261126T160000Z",
    ];
    const without = (line: string) => hours(exam(...weekly, line)).map(([day]) => day);
    expect(without("EXDATE:20261119T000000Z")).toEqual(["2026-11-12", "2026-11-26"]);
    expect(without("EXDATE;VALUE=DATE:20261119")).toEqual(["2026-11-12", "2026-11-26"]);
    expect(days(exam("DTSTART;VALUE=DATE:20261112", "RDATE;VALUE=DATE:20261114,20261121"))).toEqual([
      ["2026-11-12", "2026-11-12"],
      ["2026-11-14", "2026-11-14"],
      ["2026-11-21", "2026-11-21"],
    ]);
  });

  test.each([
    [
      "a line that is none",
      ["DTSTART:20261112T080000", "考试地点"],
      "line 8: “考试地点” is no line of a calendar",
    ],
    ["an hour that no clock shows", ["DTSTART:20261112T250000"], "line 7: DTSTART “20261112T250000”"],
    ["a day that there is not", ["DTSTART;VALUE=DATE:20261131"], "line 7: DTSTART “20261131”"],
    ["a rule that is none", ["DTSTART:20261112T080000", "RRULE:FREQ=SOMETIMES"], "line 8: “FREQ=SOMETIMES”"],
    ["a duration that is none", ["DTSTART:20261112T080000", "DURATION:2h"], "line 8: “2h” is no duration"],
    ["no beginning", ["DTEND:20261112T080000"], "line 4: has no DTSTART"],
    ["its end first", ["DTSTART:20261112T080000", "DTEND:20261112T070000"], "line 4: ends before it begins"],
    ["a year mistyped", ["DTSTART;VALUE=DATE:20261112", "DTEND;VALUE=DATE:22261113"], "line 4: lasts longer"],
  ])("is refused with the line: %s", (_, lines, message) => {
    expect(() => importEvents(exam(...lines), options)).toThrow(message);
    expect(EVENT_DAYS_MAX).toBe(732);
  });

  test("that was cut off says what is not ended, and much that is wrong is told in part", () => {
    const cut = exam("DTSTART:20261112T080000").split("END:VEVENT")[0] ?? "";
    expect(() => importEvents(cut, options)).toThrow("line 4: VEVENT is never ended: the file was cut off");
    expect(() => importEvents(cut.concat("END:VCALENDAR"), options)).toThrow(
      "line 4: VEVENT is not ended before VCALENDAR is, in line 8",
    );
    try {
      importEvents(ics(..."x".repeat(50).split("")), options);
      expect.unreachable("it was taken");
    } catch (error) {
      expect((error as CalendarFileError).problems).toHaveLength(CALENDAR_PROBLEMS_MAX);
    }
  });
});

describe("what recurs", () => {
  const options = { zone: siteZone({}), around: at("2026-11-01T00:00:00") };
  const weekly = (...more: readonly string[]): string =>
    ics(event("晚自习", "DTSTART:20260907T190000", "DTEND:20260907T210000", ...more));
  test("comes round until its end, without the days left out", () => {
    const { spans } = importEvents(weekly("RRULE:FREQ=WEEKLY;COUNT=4", "EXDATE:20260914T190000"), options);
    expect(spans.map(({ day }) => dayText(day))).toEqual(["2026-09-07", "2026-09-21", "2026-09-28"]);
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
