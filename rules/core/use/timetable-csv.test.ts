import fc from "fast-check";
import { expect, test } from "vitest";
import { readTimetable, TIMETABLE_PROBLEMS_MAX } from "./timetable-csv.ts";

const HEAD = "campus,room,weekday,period,classes,subject,from,to";

test("a timetable out of a spreadsheet is read, by the names of its columns", () => {
  const { entries, problems } = readTimetable(
    `\uFEFF校区,星期,节次,教室,班级,科目\r\none,周一,2,a/3/301,"七1、七2","音乐, 合唱"\r\n\r\n`,
  );
  expect(problems).toEqual([]);
  expect(entries).toEqual([
    {
      ...{ campus: "one", room: "a/3/301", weekday: 1, period: 2, line: 2 },
      ...{ classes: ["七1", "七2"], subject: "音乐, 合唱" },
    },
  ]);
});

test("an entry may be for some days of the term only", () => {
  const { entries } = readTimetable(
    `${HEAD}\none,a,fri,1,7-1,,2026-09-01,2026-9-30\none,a,7,1,7-1,,2026-09-01,`,
  );
  expect(entries.map(({ weekday, days }) => [weekday, days])).toEqual([
    [5, [20_697, 20_726]],
    [0, [20_697, Number.MAX_SAFE_INTEGER]],
  ]);
});

test("every line that is wrong is named with what is wrong, the others are read", () => {
  const { entries, problems } = readTimetable(
    [HEAD, "one,a,mon,1,7-1,,,", "one,,mon,1,7-1,,,", "one,a,someday,0,,,2026-02-30,"].join("\n"),
  );
  expect(entries).toHaveLength(1);
  expect(problems.map(({ line, message }) => `${line} ${message}`)).toEqual([
    "3 names no room",
    "4 weekday “someday” must be 1 to 7, mon to sun, or 一 to 日",
    "4 period “0” must be 1 to 20",
    "4 names no class",
    "4 its days must read 2026-09-01, and end after they begin",
  ]);
});

test("what is wrong is told in Chinese as well", () => {
  const { problems } = readTimetable(`${HEAD}\n,,八,0,,,2026-09-02,2026-09-01\n`);
  expect(problems.map(({ zh }) => zh)).toEqual([
    "没有写校区",
    "没有写教室",
    "星期“八”应为一至日、1 至 7 或 mon 至 sun",
    "节次“0”应为 1 至 20",
    "没有写班级",
    "日期应如 2026-09-01，且结束不早于开始",
  ]);
});

test("cells may hold line ends, and be parted as spreadsheets do; lines are counted as an editor shows them", () => {
  const lesson = ["one", "a", "mon", "1", '"7-1\n7-2"', '"音乐\n合唱"', "", ""];
  for (const [between, ends] of [
    [",", "\n"],
    ["\t", "\r\n"],
    [";", "\r"],
  ] as const) {
    const rows = [HEAD.split(","), lesson, ["one", "", "mon", "1", "7-1", "", "", ""]];
    const { entries, problems } = readTimetable(rows.map((row) => row.join(between)).join(ends));
    expect(entries).toMatchObject([{ line: 2, classes: ["7-1", "7-2"], subject: "音乐\n合唱" }]);
    expect(problems).toMatchObject([{ line: 5, message: "names no room" }]);
  }
  const cut = readTimetable(`${HEAD}\none,a,mon,1,"7-1`);
  expect(cut.problems).toMatchObject([{ line: 2, message: "a quotation mark is never closed" }]);
});

test("a file without its columns is refused at once, and much that is wrong is told in part", () => {
  expect(readTimetable("a,b,c\n1,2,3").problems).toEqual([
    {
      line: 1,
      message: expect.stringContaining("lacks the column campus or 校区, room or 教室") as string,
      zh: expect.stringContaining("缺少列：校区 或 campus、教室 或 room") as string,
    },
  ]);
  expect(readTimetable(`${HEAD}\n${"x\n".repeat(1_000)}`).problems).toHaveLength(TIMETABLE_PROBLEMS_MAX);
});

test("whatever the file holds, reading it ends with entries or with problems", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
      const { entries, problems } = readTimetable(`${HEAD}\n${text}`);
      expect(entries.length + problems.length).toBeLessThan(2_000);
    }),
  );
});
