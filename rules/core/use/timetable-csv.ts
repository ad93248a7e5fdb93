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
  readonly zh: string;
}

export interface WrittenEntry extends TimetableEntry {
  readonly campus: string;
  readonly line: number;
}

export interface ReadTimetable {
  readonly entries: readonly WrittenEntry[];
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

/** What is wrong, in English and in Chinese. */
type Wrong = (message: string, zh: string) => void;

export function readTimetable(text: string): ReadTimetable {
  const problems: TimetableProblem[] = [];
  const wrong = (line: number, message: string, zh: string): void => {
    if (problems.length < TIMETABLE_PROBLEMS_MAX) problems.push({ line, message, zh });
  };
  const { rows, endsInQuotes } = rowsOf(text.replace(/^\uFEFF/, ""));
  const [head, ...lessons] = rows;
  if (rows.length > TIMETABLE_LINES_MAX) {
    wrong(
      TIMETABLE_LINES_MAX,
      `has more than ${TIMETABLE_LINES_MAX} lines`,
      `超过 ${TIMETABLE_LINES_MAX} 行`,
    );
    return { entries: [], problems };
  }
  const places = columnsOf(head?.cells ?? []);
  const missing = REQUIRED.filter((column) => places[column] === undefined);
  if (missing.length > 0) {
    const names = missing.map((column) => COLUMNS[column].join(" or ")).join(", ");
    const called = missing.map((column) => COLUMNS[column].toReversed().join(" 或 ")).join("、");
    wrong(1, `lacks the column ${names}`, `缺少列：${called}`);
    return { entries: [], problems };
  }
  const last = rows.at(-1)?.line ?? 1;
  if (endsInQuotes) wrong(last, "a quotation mark is never closed", "引号没有结束");
  const entries = lessons.flatMap(({ cells, line }) => {
    if (cells.every((cell) => cell.trim() === "")) return [];
    const value = (column: Column): string => cells[places[column] ?? -1]?.trim() ?? "";
    const entry = entryOf(value, (message, zh) => wrong(line, message, zh));
    return entry === undefined ? [] : [{ ...entry, line }];
  });
  return { entries, problems };
}

function entryOf(value: (column: Column) => string, wrong: Wrong): Omit<WrittenEntry, "line"> | undefined {
  const campus = value("campus");
  const room = value("room");
  const weekday = WEEKDAYS[value("weekday").toLowerCase()];
  const period = Number(value("period"));
  const classes = value("classes")
    .split(/[+、;；/\n]/)
    .map((each) => each.trim())
    .filter((each) => each !== "");
  const days = daysOf(value("from"), value("to"));
  let isWhole = true;
  const demand = (holds: boolean, message: string, zh: string): void => {
    if (holds) return;
    isWhole = false;
    wrong(message, zh);
  };
  demand(campus !== "", "names no campus", "没有写校区");
  demand(room !== "", "names no room", "没有写教室");
  const day = value("weekday");
  demand(
    weekday !== undefined,
    `weekday “${day}” must be 1 to 7, mon to sun, or 一 to 日`,
    `星期“${day}”应为一至日、1 至 7 或 mon 至 sun`,
  );
  demand(
    Number.isInteger(period) && period >= 1 && period <= PERIODS_MAX,
    `period “${value("period")}” must be 1 to ${PERIODS_MAX}`,
    `节次“${value("period")}”应为 1 至 ${PERIODS_MAX}`,
  );
  demand(classes.length > 0, "names no class", "没有写班级");
  demand(
    days !== "wrong",
    "its days must read 2026-09-01, and end after they begin",
    "日期应如 2026-09-01，且结束不早于开始",
  );
  if (!isWhole || weekday === undefined || days === "wrong") return undefined;
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

interface Row {
  /** Where it begins: a cell in quotes may hold line ends. */
  readonly line: number;
  readonly cells: string[];
}

/**
 * RFC 4180, with the line ends of any system, and with commas, semicolons or tabs between the cells: whichever the first line
 * has, as spreadsheet programs write what they call CSV or Unicode text.
 */
function rowsOf(text: string): { readonly rows: readonly Row[]; readonly endsInQuotes: boolean } {
  const [head = ""] = /^[^\r\n]*/.exec(text) ?? [];
  const separator = [",", "\t", ";"].find((each) => head.includes(each)) ?? ",";
  const rows: Row[] = [];
  let row: Row = { line: 1, cells: [] };
  let [cell, line, isQuoted] = ["", 1, false];
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? "";
    const endsLine = character === "\n" || (character === "\r" && text[at + 1] !== "\n");
    if (endsLine) line += 1;
    if (isQuoted) {
      if (character !== '"') cell += character;
      else if (text[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else isQuoted = false;
    } else if (character === '"' && cell === "") isQuoted = true;
    else if (character === separator || endsLine) {
      row.cells.push(cell);
      cell = "";
      if (endsLine) {
        rows.push(row);
        row = { line, cells: [] };
        // One more tells that there are too many.
        if (rows.length > TIMETABLE_LINES_MAX) return { rows, endsInQuotes: false };
      }
    } else if (character !== "\r") cell += character;
  }
  rows.push({ ...row, cells: [...row.cells, cell] });
  return { rows, endsInQuotes: isQuoted };
}
