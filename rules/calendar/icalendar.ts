/**
 * Days and hours out of an iCalendar file (RFC 5545), as holidays, make-up days, terms and exams are published: whole
 * days become ranges of days, and appointments become spans of a day. What recurs is followed from one year back to
 * two years on.
 */
import type { TimeZone } from "@campus-ops/device-profiles/vocabulary";
import ICAL from "ical.js";
import { DAY_MS, type DayRange, type Span } from "../core/calendar.ts";
import { CalendarFileError, checkLines } from "./content-lines.ts";
import { withZones } from "./event-zones.ts";

/** Occurrences read of one file. */
export const OCCURRENCES_MAX = 5_000;
/** Occurrences looked at to find them: a daily event of fifty years and everything else of a school. */
const STEPS_MAX = 25_000;
const YEARS_BACK_DAYS = 366;
const YEARS_ON_DAYS = 2 * 366;
/** Of one event. No term and no holiday is longer: somebody mistyped the year. */
export const EVENT_DAYS_MAX = 2 * 366;

export interface DatedSpan {
  /** Days since 1970-01-01, local. */
  readonly day: number;
  readonly span: Span;
}

export interface ImportedEvents {
  readonly days: readonly DayRange[];
  readonly spans: readonly DatedSpan[];
}

export interface ImportOptions {
  /** Only of events whose summary or categories contain this. */
  readonly containing?: string;
  readonly zone: TimeZone;
  /** Recurring events are followed around this moment. */
  readonly around: number;
}

/** Events that were called off are left out. Throws {@link CalendarFileError}, saying what is wrong and in which line. */
export function importEvents(file: string, options: ImportOptions): ImportedEvents {
  const { events: lines, text, zones } = checkLines(file);
  const calendars = parsed(text);
  return withZones(calendars, zones, () => {
    const components = calendars.flatMap((calendar) => calendar.getAllSubcomponents("vevent"));
    const events = components.map((component, index) => ({ component, line: lines[index] ?? 0 }));
    return eventsOf(events, options);
  });
}

function parsed(text: string): readonly ICAL.Component[] {
  try {
    const roots = ICAL.parse(text) as unknown[];
    const all = typeof roots[0] === "string" ? [roots] : (roots as unknown[][]);
    return all.map((root) => new ICAL.Component(root));
  } catch (error) {
    const reason = reasonOf(error);
    throw new CalendarFileError([
      { message: `is no iCalendar file: ${reason}`, zh: `不是 iCalendar 文件：${reason}` },
    ]);
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

interface LocatedEvent {
  readonly component: ICAL.Component;
  /** Where it begins. */
  readonly line: number;
}

function eventsOf(events: readonly LocatedEvent[], options: ImportOptions): ImportedEvents {
  const days: DayRange[] = [];
  const spans: DatedSpan[] = [];
  let [occurrences, steps] = [0, 0];
  const counted = (): void => {
    occurrences += 1;
    if (occurrences > OCCURRENCES_MAX)
      throw new CalendarFileError([
        {
          message: `has more than ${OCCURRENCES_MAX} events, or days of them, that matter here`,
          zh: `中需要的事件（按天计）超过 ${OCCURRENCES_MAX} 个`,
        },
      ]);
  };
  const masters = new Set(events.filter(isMaster).map(({ component }) => uidOf(component)));
  for (const { component, line } of events) {
    const wrong = (message: string, zh: string): CalendarFileError =>
      new CalendarFileError([{ line, message, zh }]);
    const step = (): void => {
      steps += 1;
      const told = `recurs more than ${STEPS_MAX} times before it matters here`;
      if (steps > STEPS_MAX) throw wrong(told, `重复次数过多（超过 ${STEPS_MAX} 次）才到需要的日期`);
    };
    try {
      const event = new ICAL.Event(component);
      if (isCalledOff(component) || !isWanted(event, component, options.containing)) continue;
      // Another time of an event that recurs is found with that event, where the file has it.
      if (event.isRecurrenceException() && masters.has(uidOf(component))) continue;
      if (!component.hasProperty("dtstart")) throw wrong("has no DTSTART", "没有开始时间（DTSTART）");
      for (const [start, end] of times(event, options, step)) {
        if (unix(end) < unix(start)) throw wrong("ends before it begins", "结束早于开始");
        if (unix(end) - unix(start) > EVENT_DAYS_MAX * DAY_MS)
          throw wrong(`lasts longer than ${EVENT_DAYS_MAX} days`, `持续超过 ${EVENT_DAYS_MAX} 天`);
        counted();
        if (start.isDate) days.push(dayRange(start, end));
        else
          for (const span of spansOf(start, end, options.zone)) {
            counted();
            spans.push(span);
          }
      }
    } catch (error) {
      if (error instanceof CalendarFileError) throw error;
      // ical.js reads some of an event only when it is asked for.
      throw wrong(`cannot be read: ${reasonOf(error)}`, `无法读取：${reasonOf(error)}`);
    }
  }
  return { days, spans };
}

const uidOf = (component: ICAL.Component): string => String(component.getFirstPropertyValue("uid") ?? "");
const isMaster = ({ component }: LocatedEvent): boolean =>
  component.hasProperty("uid") && !component.hasProperty("recurrence-id");
const isCalledOff = (component: ICAL.Component): boolean =>
  String(component.getFirstPropertyValue("status") ?? "").toUpperCase() === "CANCELLED";

function isWanted(event: ICAL.Event, component: ICAL.Component, containing: string | undefined): boolean {
  if (containing === undefined) return true;
  const categories = component.getAllProperties("categories").flatMap((each) => each.getValues().map(String));
  return [event.summary ?? "", ...categories].some((text) => text.includes(containing));
}

type Times = readonly [start: ICAL.Time, end: ICAL.Time];

/** `step` is called for each occurrence that is looked at. */
function* times(event: ICAL.Event, { around }: ImportOptions, step: () => void): Iterable<Times> {
  if (!event.isRecurring() || event.isRecurrenceException()) {
    yield [event.startDate, event.endDate];
    return;
  }
  // Where only further days are listed, ical.js leaves out the first; it counts (RFC 5545, 3.8.5.2).
  if (!event.component.hasProperty("rrule"))
    event.component.addPropertyWithValue("rdate", event.startDate.clone());
  const from = around - YEARS_BACK_DAYS * DAY_MS;
  const to = around + YEARS_ON_DAYS * DAY_MS;
  const iterator = event.iterator();
  for (;;) {
    step();
    const next = iterator.next() as ICAL.Time | undefined;
    if (next === undefined || unix(next) > to) return;
    if (unix(next) < from) continue;
    const { endDate, item, startDate } = event.getOccurrenceDetails(next);
    if (!isCalledOff(item.component)) yield [startDate, endDate];
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
  if (from === to) return;
  for (let day = Math.floor(from / DAY_MS); day * DAY_MS < to; day += 1) {
    const begin = day * DAY_MS;
    yield { day, span: [Math.max(0, from - begin), Math.min(DAY_MS, to - begin)] };
  }
}
