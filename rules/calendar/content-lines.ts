/**
 * The content lines of an iCalendar file (RFC 5545, 3.1), unfolded and checked before they are interpreted: what is wrong is
 * told by the line of the file that it stands in, in the words of whoever has to mend it.
 */
import ICAL from "ical.js";
import { DAY_MS } from "../core/calendar.ts";

/** Of a year's holidays, exams and lessons of a large school there is room for ten times as much. */
export const CALENDAR_CHARACTERS_MAX = 4 * 1024 * 1024;
/** Problems told of one file; the rest is as wrong as the beginning. */
export const CALENDAR_PROBLEMS_MAX = 20;
/** Of a line that is wrong. */
const QUOTED_CHARACTERS_MAX = 80;

export interface CalendarFileProblem {
  /** 1-based; absent for what concerns the whole file. */
  readonly line?: number;
  readonly message: string;
  readonly zh: string;
}

export class CalendarFileError extends Error {
  override readonly name = "CalendarFileError";
  readonly problems: readonly CalendarFileProblem[];
  constructor(problems: readonly CalendarFileProblem[]) {
    super(
      problems
        .map(({ line, message }) => (line === undefined ? message : `line ${line}: ${message}`))
        .join("\n"),
    );
    this.problems = problems;
  }
}

export interface CheckedLines {
  /** As any reader takes it: without folds, blank lines and a byte order mark, and what is only a day said to be one. */
  readonly text: string;
  /** Where each event begins, in their order. */
  readonly events: readonly number[];
  /** Names of time zones that times are given in, and the first line that names each. */
  readonly zones: ReadonlyMap<string, number>;
}

interface ContentLine {
  readonly line: number;
  readonly name: string;
  readonly parameters: readonly (readonly [name: string, value: string])[];
  readonly value: string;
}

type Wrong = (line: number, message: string, zh: string) => void;

/** Throws {@link CalendarFileError} with everything that is wrong. */
export function checkLines(file: string): CheckedLines {
  if (file.length > CALENDAR_CHARACTERS_MAX) {
    const most = `${CALENDAR_CHARACTERS_MAX / 1024 / 1024} MiB`;
    throw new CalendarFileError([
      {
        message: `is larger than ${most}; export the days that matter alone`,
        zh: `超过 ${most}；请只导出需要的日期`,
      },
    ]);
  }
  const problems: CalendarFileProblem[] = [];
  const wrong: Wrong = (line, message, zh) => {
    if (problems.length < CALENDAR_PROBLEMS_MAX) problems.push({ line, message, zh });
  };
  const text: string[] = [];
  const events: number[] = [];
  const zones = new Map<string, number>();
  const open: { readonly name: string; readonly line: number }[] = [];
  for (const [line, raw] of unfolded(file)) {
    const content = contentOf(line, raw);
    if (text.length === 0 && raw.toUpperCase() !== "BEGIN:VCALENDAR") {
      const message = "is no iCalendar file: it does not begin with BEGIN:VCALENDAR";
      throw new CalendarFileError([{ message, zh: "不是 iCalendar 文件：开头不是 BEGIN:VCALENDAR" }]);
    }
    if (content === undefined) {
      wrong(
        line,
        `${quoted(raw)} is no line of a calendar: a name, a colon and a value`,
        `${quoted(raw)} 不是日历的一行：应为名称、冒号、内容`,
      );
      continue;
    }
    const { name, value } = content;
    const component = value.toUpperCase();
    if (name === "BEGIN") {
      if (component === "VEVENT" && open.length === 1) events.push(line);
      open.push({ name: component, line });
    } else if (name === "END") close(component, line, open, wrong);
    text.push(open.at(-1)?.name === "VEVENT" ? eventLine(content, raw, zones, wrong) : raw);
  }
  for (const { line, name } of open)
    wrong(line, `${name} is never ended: the file was cut off`, `${name} 没有结束：文件不完整`);
  if (text.length === 0) {
    const message = "is no iCalendar file: it is empty";
    throw new CalendarFileError([{ message, zh: "不是 iCalendar 文件：内容为空" }]);
  }
  if (problems.length > 0) throw new CalendarFileError(problems);
  return { text: text.join("\r\n"), events, zones };
}

function close(name: string, line: number, open: { name: string; line: number }[], wrong: Wrong): void {
  const last = open.pop();
  if (last !== undefined && last.name !== name)
    wrong(
      last.line,
      `${last.name} is not ended before ${name} is, in line ${line}`,
      `${last.name} 尚未结束，第 ${line} 行就结束了 ${name}`,
    );
  if (last === undefined) wrong(line, `${name} ends and never began`, `${name} 没有开始就结束了`);
  // What is left of it would make every later line wrong as well.
  if (last !== undefined && last.name !== name && open.at(-1)?.name === name) open.pop();
}

/** Lines as they were before they were folded, whatever ends them, with the number of the first of each. */
function* unfolded(file: string): Iterable<readonly [line: number, text: string]> {
  let begun: [number, string] | undefined;
  for (const [index, line] of file
    .replace(/^\uFEFF/, "")
    .split(/\r\n|\n|\r/)
    .entries()) {
    if (begun !== undefined && /^[ \t]/.test(line)) {
      begun[1] += line.slice(1);
      continue;
    }
    if (begun !== undefined && begun[1].trim() !== "") yield begun;
    begun = [index + 1, line];
  }
  if (begun !== undefined && begun[1].trim() !== "") yield begun;
}

const PARAMETER = /;([A-Za-z0-9-]+)=((?:"[^"]*"|[^";:,])*(?:,(?:"[^"]*"|[^";:,])*)*)/y;

function contentOf(line: number, text: string): ContentLine | undefined {
  const name = /^[A-Za-z0-9-]+/.exec(text)?.[0];
  if (name === undefined) return undefined;
  const parameters: [string, string][] = [];
  let at = name.length;
  for (;;) {
    PARAMETER.lastIndex = at;
    const found = PARAMETER.exec(text);
    if (found === null) break;
    parameters.push([(found[1] ?? "").toUpperCase(), (found[2] ?? "").replace(/^"(.*)"$/, "$1")]);
    at += found[0].length;
  }
  return text[at] === ":"
    ? { line, name: name.toUpperCase(), parameters, value: text.slice(at + 1) }
    : undefined;
}

const TIMES: readonly string[] = ["DTSTART", "DTEND", "RECURRENCE-ID", "EXDATE", "RDATE"];

/** The line as it may be read. */
function eventLine(content: ContentLine, raw: string, zones: Map<string, number>, wrong: Wrong): string {
  const { line, name, parameters } = content;
  const told = quoted(content.value);
  if (name === "RRULE" && !isReadable(() => ICAL.Recur.fromString(content.value)))
    wrong(line, `${told} is no rule by which an event recurs`, `${told} 不是重复规则`);
  if (name === "DURATION" && !isReadable(() => ICAL.Duration.fromString(content.value)))
    wrong(line, `${told} is no duration, such as PT2H or P3D`, `${told} 不是时长，应如 PT2H 或 P3D`);
  if (!TIMES.includes(name)) return raw;
  const value = content.value.toUpperCase();
  const isPeriod = parameters.some(([each, of]) => each === "VALUE" && of.toUpperCase() === "PERIOD");
  const times = value.split(",").flatMap((each) => each.split("/").slice(0, 1));
  for (const time of times)
    if (kindOf(time) === undefined)
      wrong(
        line,
        `${name} ${quoted(time)} is no day or time that there is; write 20261112 or 20261112T080000`,
        `${name} ${quoted(time)} 不是存在的日期或时间，应如 20261112 或 20261112T080000`,
      );
  const zone = parameters.find(([each]) => each === "TZID")?.[1];
  if (zone !== undefined && !zones.has(zone)) zones.set(zone, line);
  if (isPeriod || kindOf(times[0] ?? "") !== "day") return raw.slice(0, raw.length - value.length) + value;
  // Some programs leave out what tells a day from a time.
  return `${name};VALUE=DATE:${value}`;
}

/** Undefined for what is neither: the 31st of November, or an hour that no clock shows. */
function kindOf(text: string): "day" | "time" | undefined {
  const match = /^(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})Z?)?$/.exec(text.trim());
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1)
    .map((each) => Number(each ?? 0));
  const date = new Date(Date.UTC(year, month - 1, day));
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  if (hour * 3_600_000 >= DAY_MS || minute > 59 || second > 60) return undefined;
  return match[4] === undefined ? "day" : "time";
}

function isReadable(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch {
    return false;
  }
}

const quoted = (text: string): string =>
  `“${text.length <= QUOTED_CHARACTERS_MAX ? text : `${text.slice(0, QUOTED_CHARACTERS_MAX)}…`}”`;
