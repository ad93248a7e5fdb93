/**
 * The school's time: named windows (`lesson`, `closed`, `arrival` …), as data. Either a real calendar, with terms,
 * holidays and days worked in exchange for them, or a school day that is pressed into a few minutes and comes round
 * again, for demonstrations.
 */
import { CHINA_TIME, type Timestamp, type TimeZone, timeZone } from "@campus-ops/device-profiles/vocabulary";

/**
 * Windows that packs may name though a school's calendar has none of them; then they never open. A day school has no
 * curfew.
 */
export const STANDARD_WINDOWS = [
  "arrival",
  "first-lesson",
  "lesson",
  "departure",
  "closed",
  "curfew",
  "exam",
] as const;

export interface Calendar {
  isIn(window: string, at: Timestamp): boolean;
  /** The next moment after `at` at which any window opens or closes; Infinity when there is none. */
  nextChange(at: Timestamp): Timestamp;
  readonly windows: ReadonlySet<string>;
  readonly zone: TimeZone;
  /** The school's day that `at` lies in: local midnight to midnight, or one turn of a demonstration's cycle. */
  dayOf(at: Timestamp): Moments;
  /** When the window is open on the day of `at`, in order. */
  spansOf(window: string, at: Timestamp): readonly Moments[];
  /** What it says of school days and terms, seen from a moment; absent where days are a demonstration's minutes. */
  readonly schoolTime?: (at: Timestamp) => SchoolTimeData;
}

/** Days are numbers of local days since 1970-01-01. */
export interface SchoolTimeData {
  /** IANA name, or `+08:00`. */
  readonly timeZone: string;
  /** The first day that the calendar speaks of. */
  readonly first: number;
  /** From then on, one character a day: `1` is a school day, `0` is none. */
  readonly days: string;
  /** Both ends at local midnight, the second excluded. */
  readonly terms: readonly { readonly from: Timestamp; readonly to: Timestamp }[];
}

/** Days before and after a moment that a calendar speaks of which names no terms. */
const DAYS_BEFORE = 366;
const DAYS_AFTER = 366;

/** From (included) to (excluded), milliseconds since the Unix epoch. */
export type Moments = readonly [from: Timestamp, to: Timestamp];

/** From (included) to (excluded), milliseconds since local midnight, or since the cycle's beginning. */
export type Span = readonly [from: number, to: number];
export type Windows = Readonly<Record<string, readonly Span[]>>;

export interface CycleData {
  /** China's unless said. */
  readonly zone?: TimeZone;
  readonly period_ms: number;
  /** A moment at which a cycle began. */
  readonly anchor: Timestamp;
  readonly windows: Windows;
}

/** Days since 1970-01-01 in local time, both ends included. */
export type DayRange = readonly [from: number, to: number];

export interface SchoolYearData {
  readonly zone: TimeZone;
  /** 0 Sunday … 6 Saturday. */
  readonly schoolDays: readonly number[];
  /** Outside of them every day is off; no terms at all means that it is always term. */
  readonly terms: readonly DayRange[];
  readonly holidays: readonly DayRange[];
  /** School days although they are weekend days or holidays (调休). */
  readonly makeUpDays: readonly DayRange[];
  readonly schoolDay: Windows;
  readonly offDay: Windows;
  /** Windows of single days, beside those of their kind of day: an exam, a parents' evening. */
  readonly dated?: ReadonlyMap<number, Windows>;
}

export const DAY_MS = 86_400_000;
/** A day with an exam is a school day, whatever else it is. */
const EXAM: (typeof STANDARD_WINDOWS)[number] = "exam";

export function cycleCalendar({
  period_ms,
  anchor,
  windows,
  zone = timeZone(CHINA_TIME),
}: CycleData): Calendar {
  const phase = (at: Timestamp): number => modulo(at - anchor, period_ms);
  const edges = edgesOf(windows).filter((edge) => edge < period_ms);
  return {
    zone,
    windows: new Set(Object.keys(windows)),
    isIn: (window, at) => contains(windows[window], phase(at)),
    nextChange: (at) => {
      const now = phase(at);
      const next = edges.find((edge) => edge > now) ?? (edges[0] ?? Number.POSITIVE_INFINITY) + period_ms;
      return at + (next - now);
    },
    dayOf: (at) => [at - phase(at), at - phase(at) + period_ms],
    spansOf: (window, at) => cycleMoments(windows[window], at - phase(at)),
  };
}

export function schoolCalendar(data: SchoolYearData): Calendar {
  const weekdays = new Set(data.schoolDays);
  const inAny = (ranges: readonly DayRange[], day: number): boolean =>
    ranges.some(([from, to]) => day >= from && day <= to);
  const kindOf = (day: number): Windows => {
    if (inAny(data.makeUpDays, day)) return data.schoolDay;
    // 1970-01-01 was a Thursday.
    const weekday = modulo(day + 4, 7);
    const inTerm = data.terms.length === 0 || inAny(data.terms, day);
    return inTerm && weekdays.has(weekday) && !inAny(data.holidays, day) ? data.schoolDay : data.offDay;
  };
  const dated = new Map(
    [...(data.dated ?? [])].map(([day, windows]) => [day, together(kindOf(day), windows)]),
  );
  const windowsOf = (day: number): Windows => dated.get(day) ?? kindOf(day);
  const edges = new Map<Windows, readonly number[]>(
    [data.schoolDay, data.offDay, ...dated.values()].map((windows) => [windows, edgesOf(windows)]),
  );
  const { zone } = data;
  const split = (at: Timestamp): { day: number; time: number } => {
    const local = at + zone.offset(at);
    const day = Math.floor(local / DAY_MS);
    return { day, time: local - day * DAY_MS };
  };
  const momentsOf = (spans: readonly Span[] | undefined, day: number): readonly Moments[] =>
    (spans ?? [])
      .toSorted(([a], [b]) => a - b)
      .map(([from, to]) => [zone.moment(day, from), zone.moment(day, to)]);
  return {
    zone,
    windows: new Set([...edges.keys()].flatMap((windows) => Object.keys(windows))),
    isIn: (window, at) => {
      const { day, time } = split(at);
      return contains(windowsOf(day)[window], time);
    },
    nextChange: (at) => {
      const { day, time } = split(at);
      // Midnight counts as a change: the next day may be of the other kind.
      const next = edges.get(windowsOf(day))?.find((edge) => edge > time && edge < DAY_MS) ?? DAY_MS;
      const moment = zone.moment(day, next);
      // Where the clock is changed in between, it may show a time of another window.
      return zone.nextChange(at, moment) ?? moment;
    },
    dayOf: (at) => [zone.moment(split(at).day, 0), zone.moment(split(at).day, DAY_MS)],
    spansOf: (window, at) => momentsOf(windowsOf(split(at).day)[window], split(at).day),
    schoolTime: (at) => {
      const today = split(at).day;
      const begun = data.terms.map(([from]) => from);
      // Of the years before its first term a calendar says nothing.
      const first = begun.length === 0 ? today - DAYS_BEFORE : Math.min(...begun, today);
      const last = Math.max(today + DAYS_AFTER, ...data.terms.map(([, to]) => to));
      const isSchoolDay = (day: number): boolean =>
        kindOf(day) === data.schoolDay || (data.dated?.get(day)?.[EXAM] ?? []).length > 0;
      return {
        timeZone: zone.name,
        first,
        days: Array.from({ length: last - first + 1 }, (_, index) =>
          isSchoolDay(first + index) ? "1" : "0",
        ).join(""),
        terms: data.terms.map(([from, to]) => ({ from: zone.moment(from, 0), to: zone.moment(to + 1, 0) })),
      };
    },
  };
}

function cycleMoments(spans: readonly Span[] | undefined, day: Timestamp): readonly Moments[] {
  return (spans ?? []).toSorted(([a], [b]) => a - b).map(([from, to]) => [day + from, day + to]);
}

function together(a: Windows, b: Windows): Windows {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Object.fromEntries([...names].map((name) => [name, [...(a[name] ?? []), ...(b[name] ?? [])]]));
}

function contains(spans: readonly Span[] | undefined, time: number): boolean {
  return spans?.some(([from, to]) => time >= from && time < to) ?? false;
}

function edgesOf(windows: Windows): readonly number[] {
  return [...new Set(Object.values(windows).flat(2))].sort((a, b) => a - b);
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}
