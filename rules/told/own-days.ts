/** Counts the days of this hub's own campuses for the hub above: when it asks, and only those that may have changed. */
import { setImmediate as turn } from "node:timers/promises";
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { Calendar } from "../core/calendar.ts";
import { countIn, dayOf, type ToldDay } from "../core/told/day.ts";
import { USE_DAY, useDayFields } from "../core/told/use.ts";
import type { Range, UseFigures } from "../use/figures.ts";
import type { DayStore } from "./day-store.ts";

/** Between two countings of a campus; a city hears every campus as often. */
export const COUNT_AGAIN_MS = 1_800_000;
/** Days back from now at the first time; and after a start, longer than an edge box holds back what it could not send. */
export const DAYS_AT_FIRST = 400;
export const DAYS_AFTER_START = 31;
/** Days that are counted before alarms and people have their turn. */
const DAYS_AT_ONCE = 31;
/** A session that lasts over an end of what is counted is cut there: beyond the ends, none begins within. */
const SESSION_MS_MAX = 24 * 3_600_000;

export interface OwnDaysParts {
  readonly store: DayStore;
  readonly calendar: Calendar;
  readonly use: Pick<UseFigures, "parts" | "kinds" | "now">;
  /** Titles that people typed may go up. */
  readonly titles: boolean;
  /** Keeps the health of the campus's devices on these days, as it is known by then. */
  readonly health: (campus: string, days: readonly Range[], now: Timestamp) => Promise<void>;
}

export class OwnDays {
  readonly #parts: OwnDaysParts;
  readonly #countedAt = new Map<string, Timestamp>();
  /** By campus, since when something that was counted has changed. */
  readonly #changed = new Map<string, Timestamp>();

  constructor(parts: OwnDaysParts) {
    this.#parts = parts;
  }

  /** Late data: what was counted from then on is no longer so. */
  changed(campus: string, since: Timestamp): void {
    this.#changed.set(campus, Math.min(since, this.#changed.get(campus) ?? since));
  }

  /** Nothing of a campus that a hub below tells. */
  async count(campus: string): Promise<void> {
    const { store, use } = this.#parts;
    const now = use.now;
    const last = this.#countedAt.get(campus);
    if (now === 0 || (last !== undefined && now >= last && now < last + COUNT_AGAIN_MS)) return;
    if (store.isTold(campus)) return;
    const newest = store.newest(campus);
    const first = last ?? this.#back(now, newest === undefined ? DAYS_AT_FIRST : DAYS_AFTER_START);
    const since = Math.min(first, this.#changed.get(campus) ?? first);
    this.#changed.delete(campus);
    this.#countedAt.set(campus, now);
    // A session is told when it is over, on the day it began.
    const days = this.#days(Math.max(this.#back(now, DAYS_AT_FIRST), since - SESSION_MS_MAX), now);
    try {
      for (let at = 0; at < days.length; at += DAYS_AT_ONCE) {
        store.keep(this.#use(campus, days.slice(at, at + DAYS_AT_ONCE), now));
        await turn();
      }
      await this.#parts.health(campus, days, now);
    } catch (error) {
      this.#countedAt.delete(campus);
      this.changed(campus, since);
      throw error;
    }
  }

  #use(campus: string, days: readonly Range[], now: Timestamp): readonly ToldDay[] {
    const { store, titles, use } = this.#parts;
    const from = (days[0]?.from ?? now) - SESSION_MS_MAX;
    const to = (days.at(-1)?.to ?? now) + SESSION_MS_MAX;
    const kinds = use.kinds(campus).map((kind) => (titles ? kind : { ...kind, title: NO_TITLE }));
    const parts = use.parts(campus, { from, to });
    return days.flatMap(({ from: day, to }) => {
      const span = { day, until: Math.min(to, now), counted: now };
      const counted = kinds.flatMap((kind) => {
        const own = parts.find(({ type }) => type === kind.id);
        const fields = useDayFields(kind, span, to, own?.records ?? [], own?.lessons ?? []);
        return dayOf(campus, USE_DAY, fields) ?? [];
      });
      // A kind of room that there is no more takes its sums back.
      const gone = store
        .keys(campus, USE_DAY, day)
        .filter(({ key, fields }) => !kinds.some(({ id }) => id === key) && countIn(fields, "rooms") > 0)
        .flatMap(({ fields }) => dayOf(campus, USE_DAY, emptied(fields, now)) ?? []);
      return [...counted, ...gone];
    });
  }

  #days(from: Timestamp, to: Timestamp): readonly Range[] {
    const days: Range[] = [];
    for (
      let [day, next] = this.#parts.calendar.dayOf(from);
      day < to;
      [day, next] = this.#parts.calendar.dayOf(next)
    )
      days.push({ from: day, to: next });
    return days;
  }

  #back(now: Timestamp, days: number): Timestamp {
    const [day, next] = this.#parts.calendar.dayOf(now);
    return day - days * (next - day);
  }
}

const NO_TITLE = { zh: "", en: "" };

/** Sums of nothing; what the day was and how it is called stays. */
function emptied(fields: ToldDay["fields"], counted: Timestamp): ToldDay["fields"] {
  const kept = new Set(["day", "until", "threshold", "lessons", "classes"]);
  const entries = Object.entries(fields).map(([name, value]) => [
    name,
    typeof value === "number" && !kept.has(name) ? 0 : value,
  ]);
  return { ...Object.fromEntries(entries), teachingHours: fields.teachingHours ?? null, counted };
}
