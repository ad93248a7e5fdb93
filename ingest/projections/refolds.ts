/**
 * What a change of the calendar or of the zone makes of school days and terms that were folded before: each of them is folded
 * anew, or emptied where none begins any more. Some at a time, so that years of them do not hold up what comes in.
 */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { SchoolTime } from "../core/school-time.ts";
import { campusOf } from "../core/series-name.ts";
import type { Retention } from "../store/store.ts";
import type { RollupFile } from "./rollup-file.ts";
import type { Turns } from "./turns.ts";

/** Marks that are due: with so many no further period is marked. One period marks every series once. */
export const REFOLD_MARKS_MAX = 2_000;
/** As long as counts of five minutes are kept, of which those of a day are made. */
const COUNTED_MS = 400 * 86_400_000;

export interface Refolding {
  readonly schoolDays: number;
  readonly terms: number;
}

export interface RefoldsOptions {
  readonly file: RollupFile;
  readonly retention: Retention;
  readonly turns: Turns;
  /** Periods are to be folded anew, or all of them are marked. Told once each. */
  readonly onRefolding?: (waiting: Refolding) => void;
}

export class Refolds {
  readonly #options: RefoldsOptions;
  #waiting: number;

  constructor(options: RefoldsOptions) {
    this.#options = options;
    this.#waiting = options.file.refolds();
  }

  /** Periods that are to be marked yet. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Within the transaction that keeps `after`. What nobody can fold any more stays as it is. */
  add(before: SchoolTime, after: SchoolTime, now: Timestamp): void {
    const { file, onRefolding, retention } = this.#options;
    const days = before
      .schoolDaysChanged(after, file.days())
      .filter((start) => start >= now - retention.hour);
    const terms = before.termsChanged(after).filter((start) => start >= now - retention.schoolDay);
    for (const start of days) {
      file.addDay(after.dayOf(start));
      file.addRefold("schoolDay", start);
    }
    for (const start of terms) file.addRefold("term", start);
    if (days.length === 0 && terms.length === 0) return;
    this.#waiting = file.refolds();
    onRefolding?.({ schoolDays: days.length, terms: terms.length });
  }

  /** Marks some of what waits. Within a transaction. */
  async spread(now: Timestamp): Promise<void> {
    if (this.#waiting === 0) return;
    const { file, onRefolding, turns } = this.#options;
    const series = file.allSeries();
    const campuses = [...new Set(series.map(({ device }) => campusOf(device)))];
    for (let marked = file.dueCount(now, REFOLD_MARKS_MAX); marked < REFOLD_MARKS_MAX; ) {
      const next = file.nextRefold();
      if (next === undefined) break;
      const counted = next.start < now - COUNTED_MS ? [] : campuses;
      const own = [...series, ...counted.map((device) => ({ metric: "", device }))];
      for (const { metric, device } of own) {
        file.mark({ ...next, metric, device, due: now });
        if (turns.areOver) await turns.give();
      }
      file.dropRefold(next);
      marked += own.length;
    }
    this.#waiting = file.refolds();
    if (this.#waiting === 0) onRefolding?.({ schoolDays: 0, terms: 0 });
  }

  /** What was not committed is as it was. */
  reload(): void {
    this.#waiting = this.#options.file.refolds();
  }
}
