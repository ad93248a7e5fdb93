/**
 * From sessions, lessons and a timetable to class-hours: the records first, the figures as a sum over them.
 *
 * Utilisation = class-hours used ÷ (number of classes × teaching class-hours of the term). A lesson counts as used when
 * the room's equipment was in use for at least {@link USED_MS_MIN} of it; each class that was taught together counts.
 * Where nobody could tell, the record says so: it is neither used nor unused, and lowers the completeness.
 */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { Lesson } from "./lessons.ts";
import type { Blind, Session } from "./sessions.ts";
import type { Evidence } from "./signals.ts";
import type { Timetable } from "./timetable.ts";

/** Less of a lesson than this is somebody who looked in. */
export const USED_MS_MIN = 10 * 60_000;
/** The usual lesson, by which use outside of the teaching periods is counted. */
const CLASS_HOUR_MS = 40 * 60_000;

/** used · unused: planned, and the equipment stayed off · unknown: nobody could tell · waste: on, without anybody. */
export type Use = "used" | "unused" | "unknown" | "waste";

export interface UseRecord {
  readonly room: string;
  readonly from: Timestamp;
  readonly to: Timestamp;
  /** Absent outside of the teaching periods. */
  readonly period?: number;
  readonly planned: boolean;
  readonly classes: readonly string[];
  readonly subject?: string;
  readonly use: Use;
  readonly classHours: number;
  /** How long the equipment was on in it. */
  readonly on_ms: number;
  readonly evidence: readonly Evidence[];
}

export interface Observed {
  readonly room: string;
  readonly sessions: readonly Session[];
  readonly blind: readonly Blind[];
  /** Sessions that last are counted up to here. */
  readonly now: Timestamp;
  /** From when on the room is watched: what was before is unknown, and no reproach. */
  readonly since: Timestamp;
}

/** The records of one room, in order of time. */
export function useRecords(
  observed: Observed,
  lessons: readonly Lesson[],
  timetable: Timetable,
): readonly UseRecord[] {
  const inLessons = lessons
    .filter(({ from }) => from < observed.now)
    .flatMap((lesson) => lessonRecord(observed, lesson, timetable) ?? []);
  const outside = observed.sessions.flatMap((session) => outsideRecords(observed, session, lessons));
  return [...inLessons, ...outside].sort((a, b) => a.from - b.from);
}

function lessonRecord(observed: Observed, lesson: Lesson, timetable: Timetable): UseRecord | undefined {
  const { room, sessions, blind, now, since } = observed;
  const plan = timetable.planned(room, lesson);
  const during = sessions.filter(({ from, to = now }) => overlap(from, to, lesson) > 0);
  const on_ms = during.reduce((sum, { from, to = now }) => sum + overlap(from, to, lesson), 0);
  const evidence = [...new Set(during.flatMap((session) => session.evidence))];
  const needed = Math.min(USED_MS_MIN, (lesson.to - lesson.from) / 3);
  const base = {
    room,
    from: lesson.from,
    to: lesson.to,
    period: lesson.period,
    planned: plan !== undefined,
    classes: plan?.classes ?? [],
    ...(plan?.subject === undefined ? {} : { subject: plan.subject }),
    on_ms,
    evidence,
  };
  if (on_ms >= needed) {
    const somebody = plan !== undefined || evidence.some((each) => each !== "power");
    const classHours = somebody ? Math.max(1, plan?.classes.length ?? 1) : 0;
    return { ...base, use: somebody ? "used" : "waste", classHours };
  }
  if (plan === undefined) return undefined;
  const unseen =
    blind.reduce((sum, { from, to }) => sum + overlap(from, to, lesson), 0) +
    overlap(Number.NEGATIVE_INFINITY, since, lesson);
  // What was seen of it may be too little to say that it was not used.
  const couldHide = on_ms + unseen >= needed;
  return { ...base, use: couldHide ? "unknown" : "unused", classHours: 0 };
}

/** What of a session lies before, between and after the lessons. */
function outsideRecords(
  observed: Observed,
  session: Session,
  lessons: readonly Lesson[],
): readonly UseRecord[] {
  const { room, now } = observed;
  const end = session.to ?? now;
  const gaps: [Timestamp, Timestamp][] = [];
  let from = session.from;
  for (const lesson of lessons) {
    if (lesson.to <= from || lesson.from >= end) continue;
    if (lesson.from > from) gaps.push([from, lesson.from]);
    from = Math.max(from, lesson.to);
  }
  if (end > from) gaps.push([from, end]);
  const somebody = session.evidence.some((each) => each !== "power");
  return gaps
    .filter(([begin, finish]) => finish - begin >= USED_MS_MIN)
    .map(([begin, finish]) => ({
      room,
      from: begin,
      to: finish,
      planned: false,
      classes: [],
      use: somebody ? "used" : "waste",
      classHours: somebody ? Math.floor((finish - begin) / CLASS_HOUR_MS) : 0,
      on_ms: finish - begin,
      evidence: session.evidence,
    }));
}

function overlap(from: Timestamp, to: Timestamp, lesson: Lesson): number {
  return Math.max(0, Math.min(to, lesson.to) - Math.max(from, lesson.from));
}

/** What a figure is folded from; sums of these are sums over rooms, campuses, counties. */
export interface UseTotals {
  readonly used: number;
  readonly unplannedUsed: number;
  /** Lessons in the timetable by whether something is known of them. */
  readonly known: number;
  readonly unknown: number;
  readonly wasted_ms: number;
  readonly records: number;
}

export const NO_USE: UseTotals = {
  used: 0,
  unplannedUsed: 0,
  known: 0,
  unknown: 0,
  wasted_ms: 0,
  records: 0,
};

export function totalsOf(records: readonly UseRecord[]): UseTotals {
  return records.map(totalOf).reduce(addTotals, NO_USE);
}

export function addTotals(a: UseTotals, b: UseTotals): UseTotals {
  return {
    used: a.used + b.used,
    unplannedUsed: a.unplannedUsed + b.unplannedUsed,
    known: a.known + b.known,
    unknown: a.unknown + b.unknown,
    wasted_ms: a.wasted_ms + b.wasted_ms,
    records: a.records + b.records,
  };
}

function totalOf({ planned, use, classHours, on_ms }: UseRecord): UseTotals {
  return {
    used: classHours,
    unplannedUsed: planned ? 0 : classHours,
    known: planned && use !== "unknown" ? 1 : 0,
    unknown: use === "unknown" ? 1 : 0,
    wasted_ms: use === "waste" ? on_ms : 0,
    records: use === "used" ? 1 : 0,
  };
}

export interface Utilisation {
  /** Class-hours used ÷ class-hours there were; undefined when there were none. */
  readonly ratio: number | undefined;
  /** Share of the planned lessons of which something is known. */
  readonly completeness: number;
  /** True when there is no record at all: that never meets a standard. */
  readonly withoutRecord: boolean;
}

/** `classes` × `teachingHours` is the whole; see the formula above. */
export function utilisation(totals: UseTotals, classes: number, teachingHours: number): Utilisation {
  const whole = classes * teachingHours;
  const planned = totals.known + totals.unknown;
  return {
    ratio: whole === 0 ? undefined : totals.used / whole,
    completeness: planned === 0 ? 1 : totals.known / planned,
    withoutRecord: totals.records === 0,
  };
}
