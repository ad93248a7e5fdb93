/** The teaching periods of a school, as moments. */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { Calendar } from "../calendar.ts";

export interface Lesson {
  readonly from: Timestamp;
  readonly to: Timestamp;
  /** 1 for the first of its day. */
  readonly period: number;
  /** When its day began. */
  readonly day: Timestamp;
}

/** The calendar's window that holds the teaching periods. */
export const LESSON_WINDOW = "lesson";
/** More days than a school year and its holidays: a range beyond it is a mistake. */
export const DAYS_MAX = 800;
/** The same for a demonstration's days of minutes: two months of them. */
export const TURNS_MAX = 20_000;
const DAY_MS = 86_400_000;

/** Every lesson that begins in [from, to), in order. Throws a RangeError beyond {@link DAYS_MAX} or {@link TURNS_MAX}. */
export function lessonsBetween(calendar: Calendar, from: Timestamp, to: Timestamp): readonly Lesson[] {
  const lessons: Lesson[] = [];
  let [day, next] = calendar.dayOf(from);
  const most = next - day < DAY_MS ? TURNS_MAX : DAYS_MAX;
  for (let count = 0; day < to; count += 1) {
    if (count >= most) throw new RangeError(`lessons of more than ${most} days were asked for`);
    const start = day;
    const spans = calendar.spansOf(LESSON_WINDOW, day);
    spans.forEach(([begin, end], index) => {
      if (begin >= from && begin < to) lessons.push({ from: begin, to: end, period: index + 1, day: start });
    });
    [day, next] = calendar.dayOf(next);
  }
  return lessons;
}
