/** The school calendar as it is written in YAML, and the two that are built in. */
import { CHINA_TIME, fixedZone, type TimeZone, timeZone } from "@campus-ops/device-profiles/vocabulary";
import { checkDocument, type DocumentProblem, InvalidDocumentError, type Locate } from "@campus-ops/service";
import {
  type Calendar,
  cycleCalendar,
  DAY_MS,
  type DayRange,
  type Span,
  schoolCalendar,
  type Windows,
} from "../core/calendar.ts";
import { parseDuration } from "../core/resolve.ts";
import { CalendarFileError } from "./content-lines.ts";
import { importEvents } from "./icalendar.ts";

type SpanTexts = Readonly<Record<string, readonly string[]>>;

export interface CalendarDocument {
  readonly utcOffset?: string;
  readonly schoolDays?: readonly string[];
  readonly terms?: readonly string[];
  readonly holidays?: readonly string[];
  readonly makeUpDays?: readonly string[];
  readonly schoolDay?: SpanTexts;
  readonly offDay?: SpanTexts;
  /** Pupils live here: curfew from lights-out to the morning, unless the windows say otherwise. */
  readonly boarding?: boolean;
  readonly import?: readonly ImportDocument[];
  readonly cycle?: true | { readonly period: string; readonly anchor?: string; readonly windows: SpanTexts };
}

/** The first lesson of a day, where a calendar does not name it itself. */
function withFirstLesson(windows: Windows): Windows {
  const [first] = (windows.lesson ?? []).toSorted(([a], [b]) => a - b);
  return first === undefined || windows["first-lesson"] !== undefined
    ? windows
    : { ...windows, "first-lesson": [first] };
}

/** What an iCalendar file brings: ranges of days, or a window of this name on the days and hours of its events. */
interface ImportDocument {
  readonly file: string;
  readonly as: string;
  readonly containing?: string;
}

/** Reads a file named beside the calendar. Throws what `node:fs` throws. */
export type ReadBeside = (file: string) => string;

const spans = (pattern: string): object => ({
  type: "object",
  additionalProperties: { type: "array", items: { type: "string", pattern } },
});
const DAY = "\\d{4}-\\d{2}-\\d{2}";
const days = { type: "array", items: { type: "string", pattern: `^${DAY}( to ${DAY})?$` } } as const;
const TIMES = "^\\d{2}:\\d{2}-\\d{2}:\\d{2}$";
const OFFSETS = "^\\d+(\\.\\d+)?(ms|s|m|h)?-\\d+(\\.\\d+)?(ms|s|m|h)$";
const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] as const;

export const CALENDAR_SCHEMA = {
  type: "object",
  additionalProperties: false,
  properties: {
    utcOffset: { type: "string", pattern: "^[+-]\\d{2}:\\d{2}$" },
    schoolDays: { type: "array", items: { type: "string", enum: WEEKDAYS } },
    terms: days,
    holidays: days,
    makeUpDays: days,
    schoolDay: spans(TIMES),
    offDay: spans(TIMES),
    boarding: { type: "boolean" },
    import: {
      type: "array",
      items: {
        type: "object",
        additionalProperties: false,
        required: ["file", "as"],
        properties: {
          file: { type: "string", minLength: 1, description: "an iCalendar file, beside this one" },
          as: {
            type: "string",
            pattern: "^[a-z][A-Za-z0-9-]*$",
            description: "holidays, makeUpDays or terms; any other name is a window of that name",
          },
          containing: { type: "string", description: "only events whose summary or category contains this" },
        },
      },
    },
    cycle: {
      anyOf: [
        { type: "boolean", const: true },
        {
          type: "object",
          additionalProperties: false,
          required: ["period", "windows"],
          properties: {
            period: { type: "string", pattern: "^\\d+(s|m|h)$" },
            anchor: { type: "string" },
            windows: spans(OFFSETS),
          },
        },
      ],
    },
  },
} as const;

/** A Chinese day school's week when nobody says otherwise. It is always term: no holiday is known. */
export const DEFAULT_CALENDAR: CalendarDocument = {
  schoolDays: ["mon", "tue", "wed", "thu", "fri"],
  schoolDay: {
    arrival: ["07:00-08:10"],
    lesson: [
      "08:10-08:50",
      "09:00-09:40",
      "10:10-10:50",
      "11:00-11:40",
      "14:00-14:40",
      "14:50-15:30",
      "15:50-16:30",
    ],
    departure: ["16:30-18:00"],
    closed: ["00:00-06:00", "22:00-24:00"],
  },
  offDay: { closed: ["00:00-24:00"] },
};

/** `cycle: true`: the demonstration's school day, pressed into four and a half minutes that begin at the Unix epoch. */
export const DEMONSTRATION_CYCLE = {
  period: "270s",
  windows: { arrival: ["0s-50s"], lesson: ["50s-172s"], departure: ["205s-242s"], closed: ["256s-270s"] },
} as const;

/** Durations that fit a day of minutes; for the packs' parameters of the same names. */
export const DEMONSTRATION_PARAMETERS = {
  retestApart: "10s",
  retestWithin: "2m",
  suspectHolds: "60s",
  upheldHolds: "60s",
  doorHeldOpen: "30s",
  deviceUnreachable: "25s",
  projectorLeftOn: "25s",
  co2For: "10s",
  portDown: "10s",
} as const;

/** A calendar in a file of its own. Throws {@link InvalidDocumentError}. */
export function readCalendar(file: string, text: string, read?: ReadBeside, zone?: TimeZone): Calendar {
  const { value, locate } = checkDocument<CalendarDocument>(file, text, CALENDAR_SCHEMA);
  return compileCalendar(value, locate, read, zone);
}

export function compileCalendar(
  document: CalendarDocument,
  locate: Locate,
  read: ReadBeside = () => {
    throw new Error("files cannot be read here");
  },
  zone: TimeZone = timeZone(CHINA_TIME),
): Calendar {
  const problems: DocumentProblem[] = [];
  const wrong: Wrong = (field, message, zh) => void problems.push(locate(field, message, zh));
  const calendar =
    document.cycle === undefined
      ? schoolYear(document, wrong, read, zone)
      : demonstrationCycle(document.cycle, wrong, zone);
  if (problems.length > 0) throw new InvalidDocumentError(problems);
  return calendar;
}

/** What is wrong, in English and in Chinese. */
type Wrong = (field: string, message: string, zh: string) => void;

function demonstrationCycle(
  cycle: NonNullable<CalendarDocument["cycle"]>,
  wrong: Wrong,
  zone: TimeZone,
): Calendar {
  const { period, windows, anchor } = cycle === true ? { ...DEMONSTRATION_CYCLE, anchor: undefined } : cycle;
  const began = anchor === undefined ? 0 : Date.parse(anchor);
  if (Number.isNaN(began)) {
    const example = "2026-09-01T08:00:00+08:00";
    wrong("cycle.anchor", `must be a moment such as ${example}`, `须为时刻，如 ${example}`);
  }
  const period_ms = parseDuration(period) ?? 0;
  return cycleCalendar({
    zone,
    period_ms,
    anchor: began,
    windows: windowsOf(
      windows,
      "cycle.windows",
      wrong,
      (text) => parseDuration(/\d$/.test(text) ? `${text}s` : text),
      period_ms,
    ),
  });
}

/** Where a boarding school's calendar does not say when lights are out. */
const CURFEW: SpanTexts = { curfew: ["00:00-06:00", "22:00-24:00"] };

function offsetOf(text: string): number {
  const [hours = "0", minutes = "0"] = text.slice(1).split(":");
  const ahead = (Number(hours) * 60 + Number(minutes)) * 60_000;
  return text.startsWith("-") ? -ahead : ahead;
}

function schoolYear(
  document: CalendarDocument,
  wrong: Wrong,
  read: ReadBeside,
  siteTime: TimeZone,
): Calendar {
  const { schoolDays = ["mon", "tue", "wed", "thu", "fri"], utcOffset } = document;
  const zone = utcOffset === undefined ? siteTime : fixedZone(offsetOf(utcOffset));
  const ranges = (texts: readonly string[] | undefined, field: string): readonly DayRange[] =>
    (texts ?? []).map((text, index) => {
      const [from = "", to = from] = text.split(" to ");
      const range = [dayOf(from), dayOf(to)] as const;
      if (Number.isNaN(range[0]) || Number.isNaN(range[1]) || range[1] < range[0]) {
        wrong(
          `${field}.${index}`,
          "must be a day, or a day and a later one, such as 2026-10-01 to 2026-10-07",
          "须为一天，或一天至其后的一天，如 2026-10-01 to 2026-10-07",
        );
      }
      return range;
    });
  const day = (texts: SpanTexts | undefined, field: "schoolDay" | "offDay"): Windows =>
    withFirstLesson(
      windowsOf(
        { ...(document.boarding ? CURFEW : {}), ...(texts ?? DEFAULT_CALENDAR[field]) },
        field,
        wrong,
        timeOfDay,
        DAY_MS,
      ),
    );
  const imported = importAll(document.import ?? [], zone, wrong, read);
  return schoolCalendar({
    zone,
    schoolDays: schoolDays.map((name) => (WEEKDAYS as readonly string[]).indexOf(name)),
    terms: [...ranges(document.terms, "terms"), ...imported.ranges.terms],
    holidays: [...ranges(document.holidays, "holidays"), ...imported.ranges.holidays],
    makeUpDays: [...ranges(document.makeUpDays, "makeUpDays"), ...imported.ranges.makeUpDays],
    dated: imported.dated,
    schoolDay: day(document.schoolDay, "schoolDay"),
    offDay: day(document.offDay, "offDay"),
  });
}

/** Appended to by {@link importAll}: ranges of days by what they are, and windows of single days. */
interface Imported {
  readonly ranges: { terms: DayRange[]; holidays: DayRange[]; makeUpDays: DayRange[] };
  readonly dated: Map<number, Record<string, Span[]>>;
}

const WHOLE_DAY: Span = [0, DAY_MS];

function importAll(
  imports: readonly ImportDocument[],
  zone: TimeZone,
  wrong: Wrong,
  read: ReadBeside,
): Imported {
  const result: Imported = { ranges: { terms: [], holidays: [], makeUpDays: [] }, dated: new Map() };
  const open = (day: number, window: string, span: Span): void => {
    const windows = result.dated.get(day) ?? {};
    windows[window] = [...(windows[window] ?? []), span];
    result.dated.set(day, windows);
  };
  for (const [index, { file, as, containing }] of imports.entries()) {
    try {
      const events = importEvents(read(file), {
        zone,
        ...(containing === undefined ? {} : { containing }),
        around: Date.now(),
      });
      if (events.days.length + events.spans.length === 0)
        wrong(
          `import.${index}`,
          `${file} has no event that ${containing === undefined ? "says when" : `contains ${containing}`}`,
          containing === undefined
            ? `${file} 中没有带时间的事件`
            : `${file} 中没有标题含“${containing}”的事件`,
        );
      if (as === "terms" || as === "holidays" || as === "makeUpDays") {
        result.ranges[as].push(...events.days);
        if (events.spans.length > 0)
          wrong(
            `import.${index}`,
            `${file} has events with hours; ${as} are whole days`,
            `${file} 中有带钟点的事件；${as} 须为整天`,
          );
      } else {
        for (const [from, to] of events.days)
          for (let day = from; day <= to; day += 1) open(day, as, WHOLE_DAY);
        for (const { day, span } of events.spans) open(day, as, span);
      }
    } catch (error) {
      const field = `import.${index}.file`;
      if (error instanceof CalendarFileError)
        for (const { line, message, zh } of error.problems)
          wrong(
            field,
            line === undefined ? `${file} ${message}` : `${file}, line ${line}: ${message}`,
            line === undefined ? `${file} ${zh}` : `${file} 第 ${line} 行：${zh}`,
          );
      else {
        const { code = String(error) } = error as NodeJS.ErrnoException;
        wrong(field, `${file} cannot be read (${code})`, `${file} 无法读取（${code}）`);
      }
    }
  }
  return result;
}

function windowsOf(
  texts: SpanTexts,
  field: string,
  wrong: Wrong,
  parse: (text: string) => number | undefined,
  limit: number,
): Windows {
  return Object.fromEntries(
    Object.entries(texts).map(([name, list]) => [
      name,
      list.map((text, index): Span => {
        const [from, to] = text.split("-").map(parse);
        if (from === undefined || to === undefined || from >= to || to > limit) {
          wrong(
            `${field}.${name}.${index}`,
            "must end after it begins, and not after the end of the day",
            "结束须晚于开始，且不晚于一天结束",
          );
        }
        return [from ?? 0, to ?? 0];
      }),
    ]),
  );
}

function timeOfDay(text: string): number | undefined {
  const [hours = 0, minutes = 0] = text.split(":").map(Number);
  return hours <= 24 && minutes < 60 ? (hours * 60 + minutes) * 60_000 : undefined;
}

function dayOf(text: string): number {
  return Math.floor(Date.parse(`${text}T00:00:00Z`) / DAY_MS);
}
