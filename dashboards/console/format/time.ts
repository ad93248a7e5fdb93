import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { Catalogue } from "../text/zh.ts";

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const NOW_MS = 2 * SECOND_MS;

/** A span in words, with no more precision than a person acts on. Negative spans count as 0. */
export function spanText(span_ms: number, t: Catalogue): string {
  const span = Math.max(0, span_ms);
  if (span < MINUTE_MS) return t.age.seconds(Math.floor(span / SECOND_MS));
  if (span < HOUR_MS) return t.age.minutes(Math.floor(span / MINUTE_MS));
  if (span < 2 * DAY_MS)
    return t.age.hours(Math.floor(span / HOUR_MS), Math.floor((span % HOUR_MS) / MINUTE_MS));
  return t.age.days(Math.floor(span / DAY_MS));
}

/** How long ago; says so when the event's clock runs ahead of this machine's. */
export function agoText(at: Timestamp, now: Timestamp, t: Catalogue): string {
  const age = now - at;
  if (age < -NOW_MS) return t.age.ahead(spanText(-age, t));
  return age < NOW_MS ? t.age.now : t.age.ago(spanText(age, t));
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(locale: string, name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale} ${name}`;
  let found = formats.get(key);
  if (found === undefined) {
    found = new Intl.DateTimeFormat(locale, { hourCycle: "h23", ...options });
    formats.set(key, found);
  }
  return found;
}

const TIME = { hour: "2-digit", minute: "2-digit", second: "2-digit" } as const;

/**
 * Hours, minutes and seconds, in both languages alike. Put together here: each row of the first list has one, and the
 * browser's own formats take a slow machine longer to open than the list.
 */
export function clockText(at: Timestamp): string {
  const time = new Date(at);
  const parts = [time.getHours(), time.getMinutes(), time.getSeconds()];
  return parts.map((part) => String(part).padStart(2, "0")).join(":");
}

export const dateText = (at: Timestamp, locale: string): string =>
  format(locale, "date", { month: "short", day: "numeric", weekday: "short" }).format(at);

/** With the year: for what is a year away, or goes on paper. */
export const fullDateText = (at: Timestamp, locale: string): string =>
  format(locale, "full date", { year: "numeric", month: "short", day: "numeric" }).format(at);

export const dayAndMinuteText = (at: Timestamp, locale: string): string =>
  format(locale, "minute", { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" }).format(at);

/** With milliseconds: evidence is compared by them. */
export const exactText = (at: Timestamp, locale: string): string =>
  format(locale, "exact", { ...TIME, fractionalSecondDigits: 3 }).format(at);

/** The time alone for today, with the day before that. */
export function momentText(at: Timestamp, now: Timestamp, locale: string): string {
  return startOfDay(at) === startOfDay(now)
    ? clockText(at)
    : format(locale, "moment", { month: "short", day: "numeric", ...TIME }).format(at);
}

/** Local midnight, `days` before the day of `at`. */
export function startOfDay(at: Timestamp, days = 0): Timestamp {
  const day = new Date(at);
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() - days).getTime();
}
