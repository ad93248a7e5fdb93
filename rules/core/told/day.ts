/**
 * One day of a campus as its hub tells it to the hub above: sums that add, by kind of room or model of device. A day is told
 * again when it changes; the newest telling counts, in whatever order they arrive.
 */
import {
  type AssetPath,
  DataType,
  type EventName,
  eventDefinition,
  type Timestamp,
} from "@campus-ops/device-profiles/vocabulary";

/** Fields of an event `HubDay/…`. */
export type DayFields = Readonly<Record<string, number | string | null>>;

export interface ToldDay {
  readonly campus: string;
  readonly event: EventName;
  /** When the day begins, by the campus's own calendar. */
  readonly day: Timestamp;
  /** What tells one from another on the same day. */
  readonly key: string;
  /** The campus's journal had been read up to then when it was counted. */
  readonly counted: Timestamp;
  readonly fields: DayFields;
}

/** By which fields days of each event are told apart; the first of them is never empty. */
const KEYS: ReadonlyMap<EventName, readonly [string, ...string[]]> = new Map([
  ["HubDay/Use", ["kind"]],
  ["HubDay/Health", ["class", "model"]],
]);

/** More is no name of anything. */
const WORD_CHARACTERS_MAX = 200;

/** Of an event with fields as the dictionary declares them; undefined for one that tells of no day. */
export function dayOf(campus: string, event: EventName, fields: DayFields): ToldDay | undefined {
  const declared = eventDefinition(event)?.fields;
  const names = KEYS.get(event);
  if (declared === undefined || names === undefined) return undefined;
  const taken: Record<string, number | string | null> = {};
  for (const [field, { datatype }] of Object.entries(declared)) {
    const value = fields[field] ?? null;
    if (value !== null && !isOf(datatype, value)) return undefined;
    taken[field] = value;
  }
  const { day, counted } = taken;
  if (typeof day !== "number" || typeof counted !== "number" || wordIn(taken, names[0]) === "")
    return undefined;
  const key = names.map((name) => wordIn(taken, name)).join(" ");
  return { campus, event, day, key, counted, fields: taken };
}

/**
 * Reads the event of a hub's device `group/node/campus`. A hub tells of campuses that are its own: of one that it is named
 * after, or one that lies in the county or city that it is named after.
 */
export function readDay(
  { event, fields }: { readonly event: EventName; readonly fields: Readonly<Record<string, unknown>> },
  { group, campus }: { readonly group: string; readonly campus: string },
  campusPath: (campus: string) => AssetPath,
): ToldDay | undefined {
  if (group !== campus && !campusPath(campus).split("/").includes(group)) return undefined;
  const plain = Object.entries(fields).map(([name, value]) => [
    name,
    typeof value === "bigint" ? Number(value) : value,
  ]);
  return dayOf(campus, event, Object.fromEntries(plain) as DayFields);
}

const isOf = (datatype: DataType, value: number | string): boolean =>
  datatype === DataType.String
    ? typeof value === "string" && value.length <= WORD_CHARACTERS_MAX
    : typeof value === "number" && Number.isFinite(value) && value >= 0;

/** A count that is not there is zero. */
export function countIn(fields: DayFields, name: string): number {
  const value = fields[name];
  return typeof value === "number" ? value : 0;
}

export function wordIn(fields: DayFields, name: string): string {
  const value = fields[name];
  return typeof value === "string" ? value : "";
}

export const isNewer = (told: ToldDay, known: Pick<ToldDay, "counted">): boolean =>
  told.counted >= known.counted;
