/** The use of special rooms of a campus that has a hub of its own, from the days that it told. */
import type { LocalText, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { addTotals, NO_USE, totalsOf, type UseRecord, type UseTotals } from "../use/class-hours.ts";
import type { Lesson } from "../use/lessons.ts";
import { countIn, type DayFields, type ToldDay, wordIn } from "./day.ts";

export const USE_DAY = "HubDay/Use";

/** One kind of room of a campus, as it is set up there. */
export interface KindOfRoom {
  readonly id: string;
  readonly title: LocalText;
  readonly threshold: number;
  readonly teachingHours?: number;
  readonly rooms: number;
  readonly classes: number;
}

export interface DaySpan {
  readonly day: Timestamp;
  /** When the day ends, or how far it is known while it lasts. */
  readonly until: Timestamp;
  readonly counted: Timestamp;
}

/** `records` and `lessons` of any time: those that begin on the day count for it. */
export function useDayFields(
  kind: KindOfRoom,
  { day, until, counted }: DaySpan,
  end: Timestamp,
  records: readonly UseRecord[],
  lessons: readonly Lesson[],
): DayFields {
  const isOfDay = ({ from }: { readonly from: Timestamp }): boolean => from >= day && from < end;
  const { wasted_ms, ...sums } = totalsOf(records.filter(isOfDay));
  return {
    day,
    until,
    counted,
    kind: kind.id,
    titleZh: kind.title.zh,
    titleEn: kind.title.en,
    threshold: kind.threshold,
    rooms: kind.rooms,
    classes: kind.classes,
    lessons: lessons.filter(isOfDay).length,
    teachingHours: kind.teachingHours ?? null,
    ...sums,
    wasted: wasted_ms,
  };
}

export interface ToldUse {
  readonly kind: KindOfRoom;
  readonly totals: UseTotals;
  /** Class-hours of one class in the range; and those of all of its classes. */
  readonly teachingHours: number;
  readonly possible: number;
  /** Of the lessons of the range that have begun, the share that lies in what was told. */
  readonly covered: number;
  /** What was told of the range reaches up to here. */
  readonly until: Timestamp;
}

/**
 * `days` of one kind of room, in whatever order, that begin in the range; undefined without any. `lessons` of the range are by this
 * hub's own calendar: they stand for days that nobody has told, among them those to come.
 */
export function foldUseDays(
  days: readonly ToldDay[],
  lessons: readonly Lesson[],
  now: Timestamp,
): ToldUse | undefined {
  const inOrder = days.toSorted((a, b) => a.day - b.day);
  const newest = inOrder.at(-1)?.fields;
  if (newest === undefined) return undefined;
  const kind = kindIn(newest);
  const sum = (pick: (fields: DayFields) => number): number =>
    inOrder.reduce((all, { fields }) => all + pick(fields), 0);
  const ends = new Map(inOrder.map(({ day, fields }) => [day, countIn(fields, "until")]));
  const untold = lessons.filter(({ day }) => !ends.has(day)).length;
  const begun = lessons.filter(({ from }) => from < now);
  const seen = begun.filter(({ day, from }) => from < (ends.get(day) ?? from));
  const teachingHours = kind.teachingHours ?? sum((fields) => countIn(fields, "lessons")) + untold;
  return {
    kind,
    totals: inOrder.map(({ fields }) => totalsIn(fields)).reduce(addTotals, NO_USE),
    teachingHours,
    possible:
      kind.teachingHours === undefined
        ? sum((fields) => countIn(fields, "lessons") * countIn(fields, "classes")) + untold * kind.classes
        : kind.teachingHours * kind.classes,
    covered: begun.length === 0 ? 1 : seen.length / begun.length,
    until: countIn(newest, "until"),
  };
}

function kindIn(fields: DayFields): KindOfRoom {
  const { teachingHours } = fields;
  return {
    id: wordIn(fields, "kind"),
    title: { zh: wordIn(fields, "titleZh"), en: wordIn(fields, "titleEn") },
    threshold: countIn(fields, "threshold"),
    ...(typeof teachingHours === "number" ? { teachingHours } : {}),
    rooms: countIn(fields, "rooms"),
    classes: countIn(fields, "classes"),
  };
}

const totalsIn = (fields: DayFields): UseTotals => ({
  used: countIn(fields, "used"),
  unplannedUsed: countIn(fields, "unplannedUsed"),
  known: countIn(fields, "known"),
  unknown: countIn(fields, "unknown"),
  wasted_ms: countIn(fields, "wasted"),
  records: countIn(fields, "records"),
});
