/** Records of other systems (a JSON object of a webhook, a row of a file) and what they are in the platform's words. */
import { BEIJING_OFFSET_ms } from "../codecs/china-time.ts";
import { parseDateTime, utc } from "../codecs/iso-time.ts";
import {
  DataType,
  type DeviceEvent,
  type EventName,
  eventDefinition,
  type MetricName,
  type Reading,
  type Sample,
  type SampleValue,
  type Timestamp,
} from "../vocabulary/index.ts";
import { type EventTime, timeAsTold } from "./device-time.ts";
import { isObject, type JsonObject } from "./source-message.ts";
import { readValue, type SourceValue } from "./source-value.ts";

/** Names of members from the outside in, with dots between: `data.visit.id`. A CSV column is one name. */
export type RecordPath = string;

/** How times are written: ISO 8601, seconds or milliseconds since 1970, or `2026-09-01 08:00:00` in Beijing. */
export type TimeFormat = "iso" | "epoch-s" | "epoch-ms" | "beijing";

export interface RecordField {
  readonly path: RecordPath;
  /** Theirs and ours; a word that is not here is a bad value. */
  readonly words?: SourceValue["words"];
  readonly scale?: number;
  /** A card's number or another identity: only its pseudonym leaves the box. */
  readonly isIdentity?: boolean;
  readonly time?: TimeFormat;
}

export interface RecordMapping {
  /** The record is of this kind when this member has this value; without it every record is. */
  readonly when?: { readonly path: RecordPath; readonly is: SampleValue };
  /** Names the record for ever; what comes again under it is the same. Required for events. */
  readonly id?: RecordPath;
  readonly time?: { readonly path: RecordPath; readonly format: TimeFormat };
  /** Members that are states; with `*` in a metric's name, one of each `instance`. */
  readonly samples?: Readonly<Record<RecordPath, SourceValue>>;
  /** Which class, room or port the record is about: stands in the metrics for `*`. */
  readonly instance?: RecordPath;
  readonly event?: { readonly name: EventName; readonly fields: Readonly<Record<string, RecordField>> };
}

export interface RecordReceipt {
  readonly receivedAt: Timestamp;
  readonly live: boolean;
  readonly pseudonym: (text: string) => string;
}

/** What may stand in a metric's name: a class as the school calls it, and nothing that topics are made of. */
const INSTANCE = /^[^/+#\s\p{Cc}]{1,32}$/u;

/** Undefined for a record that is of no kind, or of nobody where it has to be of somebody. */
export function readRecord(
  mappings: readonly RecordMapping[],
  record: JsonObject,
  receipt: RecordReceipt,
): Reading | undefined {
  const mapping = mappings.find(
    ({ when }) => when === undefined || isSame(memberOf(record, when.path), when.is),
  );
  if (mapping === undefined) return undefined;
  const { event, samples = {}, time } = mapping;
  const instance =
    mapping.instance === undefined ? "" : String(memberOf(record, mapping.instance) ?? "").trim();
  if (mapping.instance !== undefined && !INSTANCE.test(instance)) return undefined;
  const told = timeAsTold(
    time === undefined ? receipt.receivedAt : parseTime(memberOf(record, time.path), time.format),
    receipt,
  );
  const read = Object.entries(samples).flatMap(([path, source]): readonly Sample[] => {
    const theirs = memberOf(record, path);
    if (theirs === undefined) return [];
    const metric = source.metric.replace("*", instance);
    const { quality, value } = readValue({ ...source, metric }, theirs);
    return [{ ...told, metric, value, quality: quality ?? told.quality }];
  });
  return { samples: read, events: event === undefined ? [] : eventOf(mapping, record, told, receipt) };
}

/** None for a record without its id: it could not be told from another. */
function eventOf(
  { event, id, time }: RecordMapping,
  record: JsonObject,
  told: EventTime,
  { pseudonym }: RecordReceipt,
): readonly DeviceEvent[] {
  const identity = id === undefined ? undefined : memberOf(record, id);
  if (event === undefined || identity === undefined || identity === null || identity === "") return [];
  const definition = eventDefinition(event.name);
  let quality = told.quality;
  const fields = Object.fromEntries(
    Object.entries(definition?.fields ?? {}).map(([name, { datatype }]): [string, SampleValue] => {
      const field = event.fields[name];
      const theirs = field === undefined ? undefined : memberOf(record, field.path);
      if (field === undefined || theirs === undefined || theirs === null || theirs === "")
        return [name, null];
      const value = fieldValue(field, theirs, datatype, pseudonym);
      if (value === null) quality = { status: "bad", reason: "out-of-range" };
      return [name, value];
    }),
  );
  // A system that was set up anew counts from the beginning: with its time a number is another record's.
  const at = time === undefined ? undefined : memberOf(record, time.path);
  const once = at === undefined || at === null ? String(identity) : `${String(identity)} ${String(at)}`;
  return [{ event: event.name, id: once, ...told, quality, fields }];
}

/** Null for a value that is none. */
function fieldValue(
  { isIdentity, scale = 1, time, words }: RecordField,
  theirs: unknown,
  datatype: DataType,
  pseudonym: (text: string) => string,
): SampleValue {
  if (isIdentity === true) return pseudonym(String(theirs).trim());
  if (time !== undefined) return parseTime(theirs, time) ?? null;
  if (words !== undefined) return words.find(([each]) => isSame(theirs, each))?.[1] ?? null;
  switch (datatype) {
    case DataType.Boolean:
      return isSame(theirs, true) || isSame(theirs, 1)
        ? true
        : isSame(theirs, false) || isSame(theirs, 0)
          ? false
          : null;
    case DataType.String:
    case DataType.Text:
      return typeof theirs === "object" ? null : String(theirs);
    default: {
      const number = Number(theirs) * scale;
      const isWhole = datatype !== DataType.Double && datatype !== DataType.Float;
      return !Number.isFinite(number) || (isWhole && !Number.isSafeInteger(number)) ? null : number;
    }
  }
}

/** Undefined where the record has no such member. */
export function memberOf(record: JsonObject, path: RecordPath): unknown {
  let at: unknown = record;
  for (const name of path.split(".")) {
    if (!isObject(at) || !Object.hasOwn(at, name)) return undefined;
    at = at[name];
  }
  return at;
}

const isSame = (theirs: unknown, ours: SampleValue): boolean =>
  theirs === ours || String(theirs) === String(ours);

const BEIJING = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})[ T](\d{1,2}):(\d{2})(?::(\d{2}))?$/;

function parseTime(theirs: unknown, format: TimeFormat): Timestamp | undefined {
  switch (format) {
    case "iso":
      return typeof theirs === "string" ? parseDateTime(theirs) : undefined;
    case "epoch-s":
    case "epoch-ms": {
      const number = Number(theirs) * (format === "epoch-s" ? 1_000 : 1);
      return Number.isFinite(number) && theirs !== "" && theirs !== null ? Math.round(number) : undefined;
    }
    case "beijing": {
      const fields = BEIJING.exec(String(theirs).trim())
        ?.slice(1)
        .map((field) => Number(field ?? 0));
      const time = fields === undefined ? undefined : utc(...fields);
      return time === undefined ? undefined : time - BEIJING_OFFSET_ms;
    }
  }
}

export function formatTime(time: Timestamp, format: TimeFormat): string | number {
  switch (format) {
    case "iso":
      return new Date(time).toISOString();
    case "epoch-s":
      return Math.floor(time / 1000);
    case "epoch-ms":
      return time;
    case "beijing":
      return new Date(time + BEIJING_OFFSET_ms).toISOString().slice(0, 19).replace("T", " ");
  }
}

export const recordMetrics = (mappings: readonly RecordMapping[]): readonly MetricName[] =>
  namesIn(mappings).filter((name) => !name.includes("*"));

/** Metrics of which there is one for each class, room or port that a record speaks of. */
export const recordFamilies = (mappings: readonly RecordMapping[]): readonly string[] =>
  namesIn(mappings).filter((name) => name.includes("*"));

const namesIn = (mappings: readonly RecordMapping[]): readonly string[] => [
  ...new Set(mappings.flatMap(({ samples = {} }) => Object.values(samples).map(({ metric }) => metric))),
];

export const recordEvents = (mappings: readonly RecordMapping[]): readonly EventName[] => [
  ...new Set(mappings.flatMap(({ event }) => (event === undefined ? [] : [event.name]))),
];
