import { expect, test } from "vitest";
import { rangeOf, rangeText, readDays, readWindows, windowsText, withDays, withFile } from "./draft.ts";

test("a table of days is read in Chinese or English, with days as spreadsheets write them", () => {
  const csv =
    "\uFEFF类别,开始,结束\r\n学期,2026/9/1,2027-01-20\r\n放假，2026年10月1日，2026年10月7日\nmake-up,2026-10-10,\n\n";
  expect(readDays(csv)).toEqual({
    rows: 3,
    problems: [],
    days: {
      terms: ["2026-09-01 to 2027-01-20"],
      holidays: ["2026-10-01 to 2026-10-07"],
      makeUpDays: ["2026-10-10"],
    },
  });
});

test("each wrong row is told by its number and what is wrong with it", () => {
  const { problems } = readDays(
    "kind,from,to\nparty,2026-10-01,\nterm,2026-02-30,\nterm,2026-10-02,2026-10-01\n",
  );
  expect(problems).toEqual([
    { row: 2, what: "kind" },
    { row: 3, what: "from" },
    { row: 4, what: "order" },
  ]);
});

test("what is brought stands beside what is there, each day once", () => {
  const days = { terms: [], holidays: ["2026-10-01 to 2026-10-07", "2026-09-25"], makeUpDays: [] };
  expect(withDays({ holidays: ["2026-10-01 to 2026-10-07"], boarding: true }, days)).toEqual({
    terms: [],
    holidays: ["2026-09-25", "2026-10-01 to 2026-10-07"],
    makeUpDays: [],
    boarding: true,
  });
});

test("an iCalendar file comes along under a plain name", () => {
  const { draft, files } = withFile({}, "考试 Exams 2026.ICS", "BEGIN:VCALENDAR", "exam", "期中");
  expect(draft.import).toEqual([{ file: "settings:exams-2026.ics", as: "exam", containing: "期中" }]);
  expect(files).toEqual({ "settings:exams-2026.ics": "BEGIN:VCALENDAR" });
  expect(withFile({}, "考试.ics", "x", "exam", "").draft.import).toEqual([
    { file: "settings:calendar.ics", as: "exam" },
  ]);
});

test("hours are written a line a window, and come back as they were", () => {
  const windows = { lesson: ["08:00-08:45", "09:00-09:45"], closed: ["22:00-24:00"] };
  expect(readWindows(windowsText(windows))).toEqual(windows);
  expect(readWindows("lesson　08：00～08：45、09:00-09:45")).toEqual({
    lesson: ["08:00-08:45", "09:00-09:45"],
  });
  expect(rangeText(rangeOf("2026-10-01"))).toBe("2026-10-01");
});
