/**
 * Following the log of an access controller that is searched by time: every record becomes events once, however often the stream breaks,
 * the device replays, or its serial numbers start again.
 *
 * The cursor names the last record by its serial number *and* by what was in it. After a factory reset the serial
 * numbers start again; then the record of that number is another one, or the newest is below it.
 */
import type { Timestamp } from "../vocabulary/index.ts";

export interface AccessCursor {
  readonly serial: number;
  /** That record's {@link LogRecord.mark}. */
  readonly mark: string;
  /** On the device's clock. */
  readonly time: Timestamp;
  /** How often the serial numbers have started again. */
  readonly resets: number;
  /** Records that the device overwrote before they could be read. */
  readonly lost: number;
}

/** A record of the log, whatever its device calls its fields. */
export interface LogRecord<Content> {
  readonly serial: number;
  /**
   * A keyed hash of what happened, so that an id gives no card's number away. The time is not in it: a stream and a log
   * round it differently.
   */
  readonly mark: string;
  /** On the device's clock; undefined when the device gave none that can be read. */
  readonly time: Timestamp | undefined;
  readonly content: Content;
}

export interface AccessLogStep<Content> {
  /** Oldest first. */
  readonly fresh: readonly LogRecord<Content>[];
  readonly wasReset: boolean;
  readonly lost: number;
}

/** So far may the time of one record differ between the stream and the log. */
const SAME_TIME_ms = 2_000;

/** Unique for the device for ever: serial numbers repeat after a reset, and the count of resets tells them apart. */
export function eventId({ mark, serial }: LogRecord<unknown>, resets: number): string {
  return resets === 0 ? `${serial}-${mark}` : `${serial}-${mark}-${resets}`;
}

/** The cursor behind a record. */
export function behind(
  { mark, serial, time }: LogRecord<unknown>,
  before: AccessCursor | undefined,
): AccessCursor {
  const { lost = 0, resets = 0 } = before ?? {};
  return { serial, mark, time: time ?? before?.time ?? 0, resets, lost };
}

/** So far is the log read beyond the times that matter, to find the last record known again. */
export const LOG_OVERLAP_ms = 60_000;
/** A log that was never read is read from a day ago: what was before is no news. */
const FIRST_LOOK_ms = 86_400_000;

/** The stretch to read, on the device's clock: it holds the last record known, and all that came since. */
export function logStretch(
  cursor: AccessCursor | undefined,
  deviceNow: Timestamp,
): readonly [Timestamp, Timestamp] {
  const known = cursor?.time ?? deviceNow - FIRST_LOOK_ms;
  return [Math.min(known, deviceNow) - LOG_OVERLAP_ms, Math.max(known, deviceNow) + LOG_OVERLAP_ms];
}

/** What is new of the records of a {@link logStretch}, which come in any order and with repetitions. */
export function followAccessLog<Content>(
  records: readonly LogRecord<Content>[],
  cursor: AccessCursor | undefined,
  deviceNow: Timestamp,
): AccessLogStep<Content> {
  const sorted = [...new Map(records.map((each) => [each.serial, each])).values()].sort(
    (a, b) => a.serial - b.serial,
  );
  if (cursor === undefined) return { fresh: sorted, wasReset: false, lost: 0 };
  const wasSetBack = cursor.time > deviceNow + LOG_OVERLAP_ms;
  if (isReset(sorted, cursor, wasSetBack)) {
    const fresh = sorted.filter(({ time }) => wasSetBack || time === undefined || time >= cursor.time);
    return { fresh, wasReset: true, lost: 0 };
  }
  const fresh = sorted.filter(({ serial }) => serial > cursor.serial);
  const first = fresh[0]?.serial ?? cursor.serial + 1;
  const isThere = sorted.some(({ serial }) => serial === cursor.serial);
  return { fresh, wasReset: false, lost: isThere ? 0 : Math.max(0, first - cursor.serial - 1) };
}

function isReset(sorted: readonly LogRecord<unknown>[], cursor: AccessCursor, wasSetBack: boolean): boolean {
  const known = sorted.find(({ serial }) => serial === cursor.serial);
  if (known !== undefined) {
    const moved = known.time === undefined ? 0 : Math.abs(known.time - cursor.time);
    return known.mark !== cursor.mark || moved > SAME_TIME_ms;
  }
  // The newest may not be in the log yet: lower numbers alone prove nothing, newer records under lower numbers do.
  const newest = sorted.at(-1)?.serial ?? cursor.serial;
  return (
    newest < cursor.serial &&
    sorted.some(({ time }) => wasSetBack || (time !== undefined && time > cursor.time))
  );
}

export const formatAccessCursor = (cursor: AccessCursor): string => JSON.stringify(cursor);

/** Undefined for a text that is no cursor of ours: the log is then read from a day ago. */
export function parseAccessCursor(text: string | undefined): AccessCursor | undefined {
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { serial, mark, time, resets, lost } = value as Partial<Record<keyof AccessCursor, unknown>>;
  const numbers = [serial, time, resets, lost];
  if (!numbers.every((each) => Number.isSafeInteger(each)) || typeof mark !== "string") return undefined;
  return value as AccessCursor;
}
