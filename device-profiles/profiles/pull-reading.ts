/** What a file or a list brings: the records that are new, and how far it has been read. */
import { decodeText } from "../codecs/china-text.ts";
import { CsvError, parseCsv } from "../codecs/csv.ts";
import type { DeviceEvent, Reading, Sample } from "../vocabulary/index.ts";
import type { PullProfile } from "./pull-profile.ts";
import { memberOf, type RecordPath, type RecordReceipt, readRecord } from "./record-mapping.ts";
import { isObject, type JsonObject, parseJson, SourceMessageError } from "./source-message.ts";

/** The records of a document. Throws {@link SourceMessageError}. */
export function recordsOfDocument(profile: PullProfile, document: Uint8Array): readonly JsonObject[] {
  // Files in GB18030 come as whatever the server calls them.
  const text = decodeText(document);
  if (text === undefined) throw new SourceMessageError("the document is text in no encoding");
  if (profile.format === "json") return recordsOf(parseJson(text), profile.records);
  try {
    return parseCsv(text);
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new SourceMessageError(`the document is no CSV: ${error.message}`);
  }
}

/** Throws {@link SourceMessageError} when what stands at `path` is neither a record nor a list of them. */
export function recordsOf(document: unknown, path: RecordPath | undefined): readonly JsonObject[] {
  const found = path === undefined ? document : isObject(document) ? memberOf(document, path) : undefined;
  if (isObject(found)) return [found];
  if (!Array.isArray(found) || !found.every(isObject)) {
    throw new SourceMessageError(`there are no records at ${path ?? "the top"} of the document`);
  }
  return found;
}

export interface PulledReading extends Reading {
  /** Records that were of no kind. */
  readonly unknown: number;
}

/**
 * The records after `cursor`, in their order. Where all of a list lies before it the system has begun anew (restored,
 * or its numbers reset), and all of it is news.
 */
export function readRecords(
  { cursor: place, mappings }: PullProfile,
  records: readonly JsonObject[],
  cursor: string | undefined,
  receipt: RecordReceipt,
): PulledReading {
  const placed = records.map((record) => ({
    record,
    at: place === undefined ? undefined : String(memberOf(record, place.path) ?? ""),
  }));
  const newest = placed.reduce<string | undefined>((max, { at }) => (isAfter(at, max) ? at : max), undefined);
  // Asked for later records only, a system answers with none; only a whole list shows that it has begun anew.
  const hasBegunAnew =
    place !== undefined && place.query === undefined && newest !== undefined && isAfter(cursor, newest);
  const news = placed.filter(({ at }) => place === undefined || hasBegunAnew || isAfter(at, cursor));
  const samples: Sample[] = [];
  const events: DeviceEvent[] = [];
  let unknown = 0;
  for (const { record } of news) {
    const reading = readRecord(mappings, record, receipt);
    if (reading === undefined) {
      unknown += 1;
      continue;
    }
    samples.push(...reading.samples);
    events.push(...reading.events);
  }
  const reached = hasBegunAnew ? newest : isAfter(newest, cursor) ? newest : cursor;
  return { samples, events, unknown, ...(reached === undefined ? {} : { cursor: reached }) };
}

/** Numbers by their size, other texts by their letters; nothing is after itself, and everything after nothing. */
function isAfter(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || a === "") return false;
  if (b === undefined || b === "") return true;
  const [left, right] = [Number(a), Number(b)];
  return Number.isFinite(left) && Number.isFinite(right) ? left > right : a > b;
}
