/** Figures of the use of rooms for a range of time, folded from the records that stand behind them. */
import { type AssetPath, ancestorAt, type Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { KindOfRoom } from "../core/told/use.ts";
import {
  addTotals,
  NO_USE,
  type Observed,
  totalsOf,
  type UseRecord,
  useRecords,
  utilisation,
} from "../core/use/class-hours.ts";
import { type Lesson, lessonsBetween } from "../core/use/lessons.ts";
import { foldSessions } from "../core/use/sessions.ts";
import type { RoomUseView } from "./api.ts";
import type { RoomType, UseConfiguration } from "./configuration.ts";
import type { UseStore } from "./use-store.ts";

/** Less than this is known of the planned lessons: whether the threshold is met cannot be said. */
export const COMPLETENESS_MIN = 0.9;

export interface Range {
  readonly from: Timestamp;
  readonly to: Timestamp;
}

export interface RoomObserved extends Observed {
  readonly records: readonly UseRecord[];
}

export interface UseParts {
  readonly type: string;
  readonly records: readonly UseRecord[];
  readonly lessons: readonly Lesson[];
  /** Classes of the campus. */
  readonly classes: number;
}

export class UseFigures {
  readonly #configuration: UseConfiguration;
  readonly #store: UseStore;

  constructor(configuration: UseConfiguration, store: UseStore) {
    this.#configuration = configuration;
    this.#store = store;
  }

  /** Every kind of room of every campus that has some, or of one. */
  figures(range: Range, only?: string): readonly RoomUseView[] {
    const lessons = this.#lessons(range);
    return this.#configuration.types.flatMap((type) =>
      [...type.rooms]
        .filter(([campus]) => only === undefined || campus === only)
        .map(([campus, rooms]) => this.#figure(type, campus, rooms, range, lessons)),
    );
  }

  /** The records of the rooms of one kind on one campus, in order of time. */
  records(campus: string, type: string, range: Range): readonly UseRecord[] {
    const lessons = this.#lessons(range);
    const rooms = this.#configuration.types.find(({ id }) => id === type)?.rooms.get(campus) ?? [];
    return rooms.flatMap((room) => this.#room(room, range, lessons)).sort((a, b) => a.from - b.from);
  }

  /** What there is of a campus in the range, by kind of room: for whoever adds it up by other periods. */
  parts(campus: string, range: Range): readonly UseParts[] {
    const lessons = this.#lessons(range);
    return this.#configuration.types.flatMap(({ id, rooms }) => {
      const own = rooms.get(campus);
      if (own === undefined) return [];
      const records = own.flatMap((room) => this.#room(room, range, lessons));
      return [{ type: id, records, lessons, classes: this.#configuration.classes[campus] ?? 0 }];
    });
  }

  /** Kinds of rooms that a campus has. */
  kinds(campus: string): readonly KindOfRoom[] {
    return this.#configuration.types.flatMap(({ rooms, ...kind }) => {
      const own = rooms.get(campus);
      if (own === undefined) return [];
      return [{ ...kind, rooms: own.length, classes: this.#configuration.classes[campus] ?? 0 }];
    });
  }

  /** The journal has been read up to here. */
  get now(): Timestamp {
    return this.#store.position.now;
  }

  #figure(
    type: RoomType,
    campus: string,
    rooms: readonly AssetPath[],
    range: Range,
    lessons: readonly Lesson[],
  ): RoomUseView {
    const totals = rooms.map((room) => totalsOf(this.#room(room, range, lessons))).reduce(addTotals, NO_USE);
    const classes = this.#configuration.classes[campus] ?? 0;
    const teachingHours = type.teachingHours ?? lessons.length;
    const { ratio, completeness, withoutRecord } = utilisation(totals, classes, teachingHours);
    return {
      campus,
      path: ancestorAt(rooms[0] ?? "", "campus") ?? campus,
      type: type.id,
      title: type.title,
      rooms: rooms.length,
      used: totals.used,
      unplannedUsed: totals.unplannedUsed,
      classes,
      teachingHours,
      ...(ratio === undefined ? {} : { utilisation: ratio }),
      threshold: type.threshold,
      verdict: verdictOf(ratio, type.threshold, completeness, withoutRecord),
      completeness,
      wasted_ms: totals.wasted_ms,
      records: totals.records,
    };
  }

  /** Every room that something with a switch stands in. */
  rooms(): readonly AssetPath[] {
    return this.#store.rooms();
  }

  /** What is known of one room, and the records that follow from it. */
  observe(room: AssetPath, range: Range): RoomObserved {
    return this.#observe(room, range, this.#lessons(range));
  }

  #room(room: AssetPath, range: Range, lessons: readonly Lesson[]): readonly UseRecord[] {
    return this.#observe(room, range, lessons).records;
  }

  #observe(room: AssetPath, { from, to }: Range, lessons: readonly Lesson[]): RoomObserved {
    const { timetable, closesAfter_ms } = this.#configuration;
    const now = Math.min(to, this.#store.position.now);
    const { utterances, since = now, away } = this.#store.room(room, from, to);
    const { sessions, blind } = foldSessions(utterances, now, closesAfter_ms);
    const clipped = sessions.flatMap((session) =>
      (session.to ?? now) <= from ? [] : [{ ...session, from: Math.max(from, session.from) }],
    );
    const observed = { room, sessions: clipped, blind: [...blind, ...away], now, since };
    return { ...observed, records: useRecords(observed, lessons, timetable) };
  }

  #lessons({ from, to }: Range): readonly Lesson[] {
    return lessonsBetween(this.#configuration.calendar, from, to);
  }
}

/** What is known suffices to say “met” once the threshold is reached: what is not known can only add to it. */
export function verdictOf(
  ratio: number | undefined,
  threshold: number,
  completeness: number,
  withoutRecord: boolean,
): RoomUseView["verdict"] {
  if (ratio === undefined) return "not-verified";
  if (!withoutRecord && ratio >= threshold) return "met";
  return completeness >= COMPLETENESS_MIN || withoutRecord ? "not-met" : "not-verified";
}
