/**
 * The school's own time, as it decides about roll-ups: which local days are school days, and when terms are. Told by whoever
 * has the calendar. A calendar speaks of a range of days; of all others stays what was told before, and a day that nobody
 * ever spoke of counts as a school day.
 */
import { CHINA_TIME, type Timestamp, type TimeZone, timeZone } from "@campus-ops/device-profiles/vocabulary";

/** As it is told; days are numbers of local days since 1970-01-01. */
export interface ToldSchoolTime {
  /** IANA name, or `+08:00`: a day has the offset from UTC that its own date had, or will have. */
  readonly timeZone: string;
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
  readonly zone: TimeZone;
  readonly terms: readonly Term[];
  readonly #off: ReadonlySet<number>;

  /** `off`: days that are no school days. */
  constructor(zone: TimeZone, terms: readonly Term[] = [], off: Iterable<number> = []) {
    this.zone = zone;
    this.terms = terms;
    this.#off = new Set(off);
  }

  dayOf(time: Timestamp): number {
    return this.zone.dayOf(time);
  }

  midnight(day: number): Timestamp {
    return this.zone.moment(day, 0);
  }

  isSchoolDay(day: number): boolean {
    return !this.#off.has(day);
  }

  get off(): readonly number[] {
    return [...this.#off].sort((a, b) => a - b);
  }

  /**
   * With what is told now in place of what was told of the same days before. Terms that ended before them stay. Throws a
   * RangeError for a zone that there is none of.
   */
  told({ timeZone: name, first, days, terms }: ToldSchoolTime): SchoolTime {
    const zone = name === this.zone.name ? this.zone : timeZone(name);
    const spoken = (day: number): boolean => day >= first && day < first + days.length;
    const off = [...days].flatMap((each, index) => (each === "0" ? [first + index] : []));
    const begin = zone.moment(first, 0);
    return new SchoolTime(
      zone,
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

/** Until somebody says otherwise. */
export const CHINA_SCHOOL = new SchoolTime(timeZone(CHINA_TIME));
