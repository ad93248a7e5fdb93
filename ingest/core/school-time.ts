/**
 * The school's own time, as it decides about roll-ups: which local days are school days, and when terms are. Told by whoever
 * has the calendar. A calendar speaks of a range of days; of all others stays what was told before, and a day that nobody
 * ever spoke of counts as a school day.
 */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";

const DAY_MS = 86_400_000;

/** As it is told; days are numbers of local days since 1970-01-01. */
export interface ToldSchoolTime {
  readonly utcOffset_ms: number;
  /** The first day that is spoken of. */
  readonly first: number;
  /** From then on, one character a day: `1` is a school day, `0` is none. */
  readonly days: string;
  readonly terms: readonly Term[];
}

/** Both ends at local midnight, the second excluded. */
export interface Term {
  readonly from: Timestamp;
  readonly to: Timestamp;
}

export class SchoolTime {
  readonly utcOffset_ms: number;
  readonly terms: readonly Term[];
  readonly #off: ReadonlySet<number>;

  /** `off`: days that are no school days. */
  constructor(utcOffset_ms: number, terms: readonly Term[] = [], off: Iterable<number> = []) {
    this.utcOffset_ms = utcOffset_ms;
    this.terms = terms;
    this.#off = new Set(off);
  }

  dayOf(time: Timestamp): number {
    return Math.floor((time + this.utcOffset_ms) / DAY_MS);
  }

  midnight(day: number): Timestamp {
    return day * DAY_MS - this.utcOffset_ms;
  }

  isSchoolDay(day: number): boolean {
    return !this.#off.has(day);
  }

  get off(): readonly number[] {
    return [...this.#off].sort((a, b) => a - b);
  }

  /** With what is told now in place of what was told of the same days before. Terms that ended before them stay. */
  told({ utcOffset_ms, first, days, terms }: ToldSchoolTime): SchoolTime {
    const spoken = (day: number): boolean => day >= first && day < first + days.length;
    const off = [...days].flatMap((each, index) => (each === "0" ? [first + index] : []));
    const begin = first * DAY_MS - utcOffset_ms;
    return new SchoolTime(
      utcOffset_ms,
      [...this.terms.filter(({ to }) => to <= begin), ...terms].sort((a, b) => a.from - b.from),
      [...this.off.filter((day) => !spoken(day)), ...off],
    );
  }

  /** Of `days`, those that are school days in one of the two and not in the other. */
  daysChanged(after: SchoolTime, days: readonly number[]): readonly number[] {
    return days.filter((day) => this.isSchoolDay(day) !== after.isSchoolDay(day));
  }

  /** Beginnings of the terms that are not the same in both. */
  termsChanged(after: SchoolTime): readonly Timestamp[] {
    const only = (some: readonly Term[], others: readonly Term[]) =>
      some.filter(({ from, to }) => !others.some((other) => other.from === from && other.to === to));
    const changed = [...only(this.terms, after.terms), ...only(after.terms, this.terms)];
    return [...new Set(changed.map(({ from }) => from))];
  }
}

/** China Standard Time, UTC+8 all over the country and all year (GB/T 7408), until somebody says otherwise. */
export const CHINA_MS = 8 * 3_600_000;
