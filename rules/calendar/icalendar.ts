/**
 * Days and hours out of an iCalendar file (RFC 5545), as holidays, make-up days, terms and exams are published: whole
 * days become ranges of days, and appointments become spans of a day. What recurs is followed from one year back to
 * two years on.
 */
import type { TimeZone } from "@campus-ops/device-profiles/vocabulary";
import ICAL from "ical.js";
import { DAY_MS, type DayRange, type Span } from "../core/calendar.ts";

/** Occurrences read of one file. */
export const OCCURRENCES_MAX = 5_000;
/** Occurrences looked at to find them: a daily event of fifty years and everything else of a school. */
const STEPS_MAX = 25_000;
const YEARS_BACK_DAYS = 366;
const YEARS_ON_DAYS = 2 * 366;

export interface DatedSpan {
  /** Days since 1970-01-01, local. */
  readonly day: number;
  readonly span: Span;
}

export interface ImportedEvents {
  readonly days: readonly DayRange[];
  readonly spans: readonly DatedSpan[];
}

export class CalendarFileError extends Error {
  override readonly name = "CalendarFileError";
}

export interface ImportOptions {
  /** Only of events whose summary or categories contain this. */
  readonly containing?: string;
  readonly zone: TimeZone;
  /** Recurring events are followed around this moment. */
  readonly around: number;
}

/** Throws {@link CalendarFileError}, saying what is wrong. */
export function importEvents(text: string, options: ImportOptions): ImportedEvents {
  const calendar = parsed(text);
  try {
    return eventsOf(calendar, options);
  } catch (error) {
    if (error instanceof CalendarFileError) throw error;
    // ical.js reads durations, dates and rules when they are asked for.
    throw new CalendarFileError(`has an event that cannot be read: ${reasonOf(error)}`);
  }
}

function eventsOf(calendar: ICAL.Component, options: ImportOptions): ImportedEvents {
  for (const zone of calendar.getAllSubcomponents("vtimezone"))
    ICAL.TimezoneService.register(new ICAL.Timezone(zone));
  const days: DayRange[] = [];
  const spans: DatedSpan[] = [];
  let occurrences = 0;
  const counted = (): void => {
    occurrences += 1;
    if (occurrences > OCCURRENCES_MAX)
      throw new CalendarFileError(
        `has more than ${OCCURRENCES_MAX} events, or days of them, that matter here`,
      );
  };
  let steps = 0;
  const step = (): void => {
    steps += 1;
    if (steps > STEPS_MAX)
      throw new CalendarFileError(
        `has events that recur more than ${STEPS_MAX} times before they matter here`,
      );
  };
  for (const component of calendar.getAllSubcomponents("vevent")) {
    const event = new ICAL.Event(component);
    if (!isWanted(event, component, options.containing)) continue;
    for (const [start, end] of times(event, options, step)) {
      counted();
      if (start.isDate) days.push(dayRange(start, end));
      else
        for (const span of spansOf(start, end, options.zone)) {
          counted();
          spans.push(span);
        }
    }
  }
  return { days, spans };
}

function parsed(text: string): ICAL.Component {
  try {
    const calendar = new ICAL.Component(ICAL.parse(text) as unknown[]);
    if (calendar.name === "vcalendar") return calendar;
  } catch (error) {
    throw new CalendarFileError(`is no iCalendar file: ${reasonOf(error)}`);
  }
  throw new CalendarFileError("is no iCalendar file: it does not begin with BEGIN:VCALENDAR");
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function isWanted(event: ICAL.Event, component: ICAL.Component, containing: string | undefined): boolean {
  if (containing === undefined) return true;
  const categories = component.getAllProperties("categories").flatMap((each) => each.getValues().map(String));
  return [event.summary ?? "", ...categories].some((text) => text.includes(containing));
}

type Times = readonly [start: ICAL.Time, end: ICAL.Time];

/** `step` is called for each occurrence that is looked at. */
function* times(event: ICAL.Event, { around }: ImportOptions, step: () => void): Iterable<Times> {
  if (event.isRecurrenceException()) return;
  // Without one, ical.js begins with the year 1.
  if (!event.component.hasProperty("dtstart")) throw new CalendarFileError("has an event without DTSTART");
  if (!event.isRecurring()) {
    yield [event.startDate, event.endDate];
    return;
  }
  const from = around - YEARS_BACK_DAYS * DAY_MS;
  const to = around + YEARS_ON_DAYS * DAY_MS;
  const iterator = event.iterator();
  for (;;) {
    step();
    const next = iterator.next() as ICAL.Time | undefined;
    if (next === undefined || unix(next) > to) return;
    if (unix(next) < from) continue;
    const { startDate, endDate } = event.getOccurrenceDetails(next);
    yield [startDate, endDate];
  }
}

const unix = (time: ICAL.Time): number => time.toUnixTime() * 1_000;

/** DTEND of a whole day is the day after the last one. */
function dayRange(start: ICAL.Time, end: ICAL.Time): DayRange {
  const from = dayNumber(start);
  return [from, Math.max(from, dayNumber(end) - 1)];
}

function dayNumber({ year, month, day }: ICAL.Time): number {
  return Math.floor(Date.UTC(year, month - 1, day) / DAY_MS);
}

/** One span for each day that the appointment touches. A time without a zone is the school's own. */
function* spansOf(start: ICAL.Time, end: ICAL.Time, zone: TimeZone): Iterable<DatedSpan> {
  const local = (time: ICAL.Time): number =>
    time.zone === ICAL.Timezone.localTimezone
      ? Date.UTC(time.year, time.month - 1, time.day, time.hour, time.minute, time.second)
      : unix(time) + zone.offset(unix(time));
  const [from, to] = [local(start), local(end)];
  for (let day = Math.floor(from / DAY_MS); day * DAY_MS < to; day += 1) {
    const begin = day * DAY_MS;
    yield { day, span: [Math.max(0, from - begin), Math.min(DAY_MS, to - begin)] };
  }
}
