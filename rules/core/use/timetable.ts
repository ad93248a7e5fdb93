/** Which classes are taught where, and when. */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { Lesson } from "./lessons.ts";

/** One line of a timetable: a lesson that comes every week, or on the days it names. */
export interface TimetableEntry {
  /** Path of the room below its campus. */
  readonly room: string;
  /** 0 Sunday … 6 Saturday. */
  readonly weekday: number;
  readonly period: number;
  /** Classes taught together; each counts. */
  readonly classes: readonly string[];
  readonly subject?: string;
  /** Local days since 1970-01-01, both included; the whole term when absent. */
  readonly days?: readonly [from: number, to: number];
}

export interface PlannedLesson {
  readonly classes: readonly string[];
  readonly subject?: string;
}

export class Timetable {
  readonly #entries = new Map<string, TimetableEntry[]>();
  readonly #localDay: (at: Timestamp) => number;

  /** `localDay`: days since 1970-01-01 in the school's own time. */
  constructor(entries: readonly TimetableEntry[], localDay: (at: Timestamp) => number) {
    this.#localDay = localDay;
    for (const entry of entries) {
      const key = keyOf(entry.room, entry.weekday, entry.period);
      const there = this.#entries.get(key);
      if (there === undefined) this.#entries.set(key, [entry]);
      else there.push(entry);
    }
  }

  /** What is planned in `room` for a lesson: several entries of one moment are one lesson of merged classes. */
  planned(room: string, lesson: Lesson): PlannedLesson | undefined {
    const day = this.#localDay(lesson.from);
    // 1970-01-01 was a Thursday.
    const weekday = (((day + 4) % 7) + 7) % 7;
    const entries = (this.#entries.get(keyOf(room, weekday, lesson.period)) ?? []).filter(
      ({ days }) => days === undefined || (day >= days[0] && day <= days[1]),
    );
    if (entries.length === 0) return undefined;
    const subject = entries.find((entry) => entry.subject !== undefined)?.subject;
    return {
      classes: [...new Set(entries.flatMap(({ classes }) => classes))],
      ...(subject === undefined ? {} : { subject }),
    };
  }
}

const keyOf = (room: string, weekday: number, period: number): string => `${room} ${weekday} ${period}`;
