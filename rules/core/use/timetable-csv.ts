/**
 * A timetable as schools keep it: one line a lesson, out of a spreadsheet. Columns by their names, in any order, in
 * Chinese or English; every line that is wrong is named, and the timetable is then refused as a whole.
 */
import { DAY_MS } from "../calendar.ts";
import type { TimetableEntry } from "./timetable.ts";

/** Lines of one file; a school of a hundred classes has five thousand lessons a week. */
export const TIMETABLE_LINES_MAX = 50_000;
/** What is told of a broken file: the rest is as wrong as the beginning. */
export const TIMETABLE_PROBLEMS_MAX = 50;

export interface TimetableProblem {
  /** 1 for the line of the column names. */
  readonly line: number;
  readonly message: string;
}

export interface ReadTimetable {
  readonly entries: readonly (TimetableEntry & { readonly campus: string })[];
  readonly problems: readonly TimetableProblem[];
}

const COLUMNS = {
  campus: ["campus", "校区"],
  room: ["room", "教室"],
  weekday: ["weekday", "星期"],
  period: ["period", "节次"],
  classes: ["classes", "班级"],
  subject: ["subject", "科目"],
  from: ["from", "开始日期"],
  to: ["to", "结束日期"],
} as const;
type Column = keyof typeof COLUMNS;
const REQUIRED: readonly Column[] = ["campus", "room", "weekday", "period", "classes"];

const WEEKDAYS: Readonly<Record<string, number>> = Object.fromEntries(
  [
    ["sun", "日", "7", "周日", "星期日"],
    ["mon", "一", "1", "周一", "星期一"],
    ["tue", "二", "2", "周二", "星期二"],
    ["wed", "三", "3", "周三", "星期三"],
    ["thu", "四", "4", "周四", "星期四"],
    ["fri", "五", "5", "周五", "星期五"],
    ["sat", "六", "6", "周六", "星期六"],
  ].flatMap((names, weekday) => names.map((name) => [name, weekday])),
);
const PERIODS_MAX = 20;

export function readTimetable(text: string): ReadTimetable {
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/);
  const problems: TimetableProblem[] = [];
  const wrong = (line: number, message: string): void => {
    if (problems.length < TIMETABLE_PROBLEMS_MAX) problems.push({ line, message });
  };
  if (lines.length > TIMETABLE_LINES_MAX) {
    wrong(TIMETABLE_LINES_MAX, `has more than ${TIMETABLE_LINES_MAX} lines`);
    return { entries: [], problems };
  }
  const places = columnsOf(cells(lines[0] ?? ""));
  const missing = REQUIRED.filter((column) => places[column] === undefined);
  if (missing.length > 0) {
    const names = missing.map((column) => COLUMNS[column].join(" or ")).join(", ");
    wrong(1, `lacks the column ${names}`);
    return { entries: [], problems };
  }
  const entries = lines.slice(1).flatMap((line, index) => {
    if (line.trim() === "") return [];
    const row = cells(line);
    const value = (column: Column): string => row[places[column] ?? -1]?.trim() ?? "";
    const entry = entryOf(value, (message) => wrong(index + 2, message));
    return entry === undefined ? [] : [entry];
  });
  return { entries, problems };
}

function entryOf(
  value: (column: Column) => string,
  wrong: (message: string) => void,
): (TimetableEntry & { readonly campus: string }) | undefined {
  const campus = value("campus");
  const room = value("room");
  const weekday = WEEKDAYS[value("weekday").toLowerCase()];
  const period = Number(value("period"));
  const classes = value("classes")
    .split(/[+、;；/]/)
    .map((each) => each.trim())
    .filter((each) => each !== "");
  const days = daysOf(value("from"), value("to"));
  const problems = [
    campus === "" && "names no campus",
    room === "" && "names no room",
    weekday === undefined && `weekday “${value("weekday")}” must be 1 to 7, mon to sun, or 一 to 日`,
    !(Number.isInteger(period) && period >= 1 && period <= PERIODS_MAX) &&
      `period “${value("period")}” must be 1 to ${PERIODS_MAX}`,
    classes.length === 0 && "names no class",
    days === "wrong" && "its days must read 2026-09-01, and end after they begin",
  ].filter((each) => each !== false);
  for (const problem of problems) wrong(problem);
  if (problems.length > 0 || weekday === undefined || days === "wrong") return undefined;
  const subject = value("subject");
  return {
    campus,
    room,
    weekday,
    period,
    classes,
    ...(subject === "" ? {} : { subject }),
    ...(days === undefined ? {} : { days }),
  };
}

function daysOf(from: string, to: string): readonly [number, number] | undefined | "wrong" {
  if (from === "" && to === "") return undefined;
  const begin = from === "" ? 0 : localDay(from);
  const end = to === "" ? Number.MAX_SAFE_INTEGER : localDay(to);
  return begin === undefined || end === undefined || end < begin ? "wrong" : [begin, end];
}

/** A day that exists: the 30th of February is none. */
function localDay(text: string): number | undefined {
  const match = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})$/.exec(text);
  if (match === null) return undefined;
  const [year, month, day] = match.slice(1).map(Number);
  const at = Date.UTC(year ?? 0, (month ?? 0) - 1, day);
  return new Date(at).getUTCDate() === day ? Math.floor(at / DAY_MS) : undefined;
}

function columnsOf(names: readonly string[]): Partial<Record<Column, number>> {
  const found: Partial<Record<Column, number>> = {};
  names.forEach((name, index) => {
    const wanted = name.trim().toLowerCase();
    for (const [column, all] of Object.entries(COLUMNS) as [Column, readonly string[]][])
      if (all.includes(wanted)) found[column] ??= index;
  });
  return found;
}

/** RFC 4180, clause 2: quotes hold commas, and a doubled quote is one. Line breaks inside quotes are not read. */
function cells(line: string): readonly string[] {
  const found: string[] = [];
  const pattern = /("(?:[^"]|"")*"|[^,]*)(,|$)/gy;
  for (let match = pattern.exec(line); match !== null; match = pattern.exec(line)) {
    const [, cell = "", end] = match;
    found.push(cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell);
    if (end === "") break;
  }
  return found;
}
