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

/** From a midnight that an offset of another season may have put an hour into the day before, into its own day. */
const NOON_MS = 12 * 3_600_000;

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
    // They are of days: in another zone each has another midnight.
    const moved = (midnight: Timestamp): Timestamp => zone.moment(this.dayOf(midnight + NOON_MS), 0);
    const ended = this.terms.filter(({ to }) => this.dayOf(to + NOON_MS) <= first);
    return new SchoolTime(
      zone,
      [...ended.map(({ from, to }) => ({ from: moved(from), to: moved(to) })), ...terms].sort(
        (a, b) => a.from - b.from,
      ),
      [...this.off.filter((day) => !spoken(day)), ...off],
    );
  }

  /**
   * Beginnings of school days that are not the same in both, over the local days `days` of this one: those that were there, and
   * those that are there now in their stead. A day of another zone overlaps two of them.
   */
  schoolDaysChanged(after: SchoolTime, days: readonly number[]): readonly Timestamp[] {
    const changed = new Set<Timestamp>();
    for (const day of days) {
      const [from, to] = [this.midnight(day), this.midnight(day + 1)];
      const moved = after.midnight(day) !== from || after.midnight(day + 1) !== to;
      if (!moved && this.isSchoolDay(day) === after.isSchoolDay(day)) continue;
      changed.add(from);
      for (let other = after.dayOf(from); after.midnight(other) < to; other += 1)
        changed.add(after.midnight(other));
    }
    return [...changed];
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
