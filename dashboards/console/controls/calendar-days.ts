/**
 * Days as `YYYY-MM-DD`, and what people type for them. Days have no time zone: the arithmetic is that of the calendar, and
 * never passes through this machine's clock.
 */

/** A day, `YYYY-MM-DD`. */
export type Day = string;

const DAY_MS = 86_400_000;
const WEEK_DAYS = 7;
/** A month never needs more. */
const WEEKS_SHOWN = 6;
const YEAR_MAX = 9999;

/** A day as people write it: 2026-11-22, 2026/11/2, 2026.11.2, 20261122, 2026年11月22日. Undefined for what is no day. */
export function readDay(text: string): Day | undefined {
  const written = text.trim().normalize("NFKC");
  const parts =
    /^(\d{4})(\d{2})(\d{2})$/.exec(written) ??
    /^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?$/.exec(written);
  if (parts === null) return undefined;
  const [year, month, day] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
  const read = dayOf(year, month - 1, day);
  const [, found] = partsOf(read);
  return month >= 1 && found === month && Number(read.slice(8)) === day ? read : undefined;
}

/** Minutes of the day in what people write for a time: 8:30, 08:30, 0830, 8点30分. Undefined for what is none. */
export function readTime(text: string): number | undefined {
  const written = text.trim().normalize("NFKC");
  const parts =
    /^(\d{1,2})(\d{2})$/.exec(written) ?? /^(\d{1,2})\s*[:点时]\s*(\d{1,2})?\s*分?$/.exec(written);
  const [hour, minute] = [Number(parts?.[1] ?? Number.NaN), Number(parts?.[2] ?? 0)];
  return hour <= 23 && minute <= 59 ? hour * 60 + minute : undefined;
}

export const timeText = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;

/** So many days later; before the year 0 and after 9999 the calendar ends, and the day stays. */
export function addDays(day: Day, count: number): Day {
  return within(day, new Date(Date.parse(day) + count * DAY_MS));
}

/** The same day of another month, or that month's last. */
export function addMonths(day: Day, count: number): Day {
  const [year, month, date] = partsOf(day);
  const last = new Date(Date.UTC(year, month + count, 0)).getUTCDate();
  const first = new Date(Date.UTC(year, month - 1 + count, 1));
  return within(day, new Date(first.getTime() + (Math.min(date, last) - 1) * DAY_MS));
}

/** Monday to Sunday of the weeks that a month touches; always six, so that nothing jumps from month to month. */
export function weeksOf(day: Day): readonly (readonly Day[])[] {
  const first = startOfWeek(`${day.slice(0, 8)}01`);
  return Array.from({ length: WEEKS_SHOWN }, (_, week) =>
    Array.from({ length: WEEK_DAYS }, (_, at) => addDays(first, week * WEEK_DAYS + at)),
  );
}

export function startOfWeek(day: Day): Day {
  return addDays(day, -weekdayOf(day));
}

/** Monday is 0. */
export function weekdayOf(day: Day): number {
  return (new Date(day).getUTCDay() + WEEK_DAYS - 1) % WEEK_DAYS;
}

export const sameMonth = (a: Day, b: Day): boolean => a.slice(0, 7) === b.slice(0, 7);

/** True where the day may be chosen; an end that is empty is none. */
export function isAllowed(day: Day, min = "", max = ""): boolean {
  return (min === "" || day >= min) && (max === "" || day <= max);
}

const dayOf = (year: number, month: number, day: number): Day => {
  const at = new Date(Date.UTC(2000, month, day));
  at.setUTCFullYear(year, month, day);
  return at.toISOString().slice(0, 10);
};

const partsOf = (day: Day): readonly [year: number, month: number, day: number] => [
  Number(day.slice(0, 4)),
  Number(day.slice(5, 7)),
  Number(day.slice(8, 10)),
];

function within(day: Day, moved: Date): Day {
  const year = moved.getUTCFullYear();
  return year >= 100 && year <= YEAR_MAX ? moved.toISOString().slice(0, 10) : day;
}
