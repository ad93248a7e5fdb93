/**
 * Following a device's record log: every record becomes one event, exactly once, however often the device is asked,
 * restarted or reset, and what was overwritten before it could be read is counted.
 *
 * The cursor names the last record by serial number *and* by what was in it. A factory reset starts the serial numbers
 * again, and with enough records since, the number alone would look like progress.
 */
import type { ModbusImage } from "../codecs/modbus-image.ts";
import { uint16, uint32 } from "../codecs/registers.ts";
import {
  type DeviceEvent,
  eventDefinition,
  type Quality,
  type SampleValue,
  type Timestamp,
} from "../vocabulary/index.ts";
import { JITTER_MAX_ms, timeOfRecorded } from "./device-time.ts";
import {
  CLOCK_REGISTERS,
  RECORD_HEADER_REGISTERS,
  type RecordLog,
  recordSpan,
  type Span,
} from "./modbus-profile.ts";
import { decodeField, encodeField } from "./modbus-reading.ts";

/** Where the reader stands. */
export interface LogCursor {
  /** False before the first look: what the ring overwrote before anybody could have read it is no loss. */
  readonly begun: boolean;
  /** Serial number of the last record that became an event; 0 before the first. */
  readonly serial: number;
  /** That record's event id; empty before the first. */
  readonly id: string;
  /** Records overwritten before they were read, since the cursor was first made. */
  readonly lost: number;
  /** True when the log was reset at some time, and nobody knows how many unread records went with it. */
  readonly lostMore: boolean;
  /** Polls in which the next record was not in its slot. */
  readonly waits: number;
}

export const START_OF_LOG: LogCursor = {
  begun: false,
  serial: 0,
  id: "",
  lost: 0,
  lostMore: false,
  waits: 0,
};

/** A record that is not in its slot after so many polls never will be: it is counted as lost. */
export const RECORD_WAITS_MAX = 3;

export interface LogHeader {
  readonly newest: number;
  /** Device's clock minus ours; undefined when the device has no time. */
  readonly clockOffset_ms: number | undefined;
}

/** Reads the log's header out of the image; undefined when it has not been read. */
export function readLogHeader(log: RecordLog, image: ModbusImage, now: Timestamp): LogHeader | undefined {
  const newest = image.read(log.table, log.newestAt, 2);
  const clock = image.read(log.table, log.clockAt, CLOCK_REGISTERS);
  if (newest === undefined || clock === undefined) return undefined;
  const deviceTime = decodeTime(clock);
  return {
    newest: uint32().decode(newest),
    clockOffset_ms: deviceTime === 0 ? undefined : deviceTime - now,
  };
}

/** The records to fetch: those that are new, and the last one known, to see that it is still the same. */
export function recordsToFetch(log: RecordLog, cursor: LogCursor, newest: number): readonly number[] {
  const oldest = Math.max(1, newest - log.capacity + 1);
  const from = Math.max(oldest, cursor.serial);
  return Array.from({ length: Math.max(0, newest - from + 1) }, (_, index) => from + index);
}

export const recordSpans = (log: RecordLog, serials: readonly number[]): readonly Span[] =>
  serials.map((serial) => recordSpan(log, serial));

export interface LogStep {
  readonly events: readonly DeviceEvent[];
  readonly cursor: LogCursor;
}

export interface LogContext {
  readonly now: Timestamp;
  /** Keyed hash; see `DriverEnvironment`. Also makes ids, so that no id gives a card's number away. */
  readonly pseudonym: (text: string) => string;
}

/** One step along the log: the records of {@link recordsToFetch} have been read into `image`. */
export function followLog(
  log: RecordLog,
  cursor: LogCursor,
  header: LogHeader,
  image: ModbusImage,
  context: LogContext,
): LogStep {
  const { newest } = header;
  const oldest = Math.max(1, newest - log.capacity + 1);
  let at: LogCursor = wasReset(log, cursor, newest, image, context)
    ? { ...START_OF_LOG, begun: true, lost: cursor.lost, lostMore: true }
    : cursor;
  if (oldest - 1 > at.serial) {
    const lost = at.begun ? oldest - 1 - at.serial : 0;
    at = { ...at, serial: oldest - 1, id: "", lost: at.lost + lost, waits: 0 };
  }
  at = { ...at, begun: true };
  const events: DeviceEvent[] = [];
  for (let serial = at.serial + 1; serial <= newest; serial += 1) {
    const words = recordWords(log, serial, image);
    // A reset was found, and the records before the last known one have yet to be fetched.
    if (words === undefined) break;
    const found = uint32().decode(words.slice(0, 2));
    if (found < serial) {
      if (at.waits + 1 < RECORD_WAITS_MAX) return { events, cursor: { ...at, waits: at.waits + 1 } };
      at = { ...at, serial, id: "", lost: at.lost + 1, waits: 0 };
    } else if (found > serial) {
      // Overwritten while we were reading.
      at = { ...at, serial, id: "", lost: at.lost + 1, waits: 0 };
    } else {
      const event = decodeRecord(log, words, header.clockOffset_ms, context);
      events.push(event);
      at = { ...at, serial, id: event.id, waits: 0 };
    }
  }
  return { events, cursor: at };
}

function wasReset(
  log: RecordLog,
  cursor: LogCursor,
  newest: number,
  image: ModbusImage,
  context: LogContext,
): boolean {
  if (cursor.serial === 0) return false;
  if (newest < cursor.serial) return true;
  if (cursor.id === "" || newest - cursor.serial >= log.capacity) return false;
  const words = recordWords(log, cursor.serial, image);
  return words !== undefined && recordId(words, context) !== cursor.id && !isNewer(words, cursor.serial);
}

const isNewer = (words: readonly number[], serial: number): boolean =>
  uint32().decode(words.slice(0, 2)) > serial;

function recordWords(log: RecordLog, serial: number, image: ModbusImage): readonly number[] | undefined {
  const span = recordSpan(log, serial);
  return image.read(span.table, span.pduAddress, span.quantity);
}

/** Serial number, then a keyed hash of the whole record: it never repeats, even where the serial number does. */
function recordId(words: readonly number[], context: LogContext): string {
  const hex = words.map((word) => word.toString(16).padStart(4, "0")).join("");
  return `${uint32().decode(words.slice(0, 2))}-${context.pseudonym(hex)}`;
}

export function decodeRecord(
  log: RecordLog,
  words: readonly number[],
  clockOffset_ms: number | undefined,
  context: LogContext,
): DeviceEvent {
  const definition = eventDefinition(log.event);
  const fields: Record<string, SampleValue> = {};
  const deviceTime = decodeTime(words.slice(2, RECORD_HEADER_REGISTERS));
  const hasTime = deviceTime !== 0 && clockOffset_ms !== undefined;
  const receipt = { receivedAt: context.now, clockOffset_ms: clockOffset_ms ?? 0 };
  const time = timeOfRecorded(hasTime ? deviceTime : undefined, receipt);
  let { quality } = time;
  for (const [name, field] of Object.entries(definition?.fields ?? {})) {
    const layout = log.fields[name];
    if (name === "serial") fields[name] = uint32().decode(words.slice(0, 2));
    else if (layout === undefined) fields[name] = null;
    else {
      const part = words.slice(layout.offset, layout.offset + layout.codec.registers);
      const decoded = decodeField(layout, part, field.plausible);
      const hidden = layout.pseudonymous === true && typeof decoded.value === "string";
      fields[name] = hidden ? context.pseudonym(String(decoded.value)) : decoded.value;
      quality = worse(quality, decoded.quality);
    }
  }
  const { eventTime } = time;
  const event = { event: log.event, id: recordId(words, context), eventTime, quality, fields };
  return isCorrection(deviceTime, eventTime) ? { ...event, deviceTime } : event;
}

/** The device's own time is told where it was put right by more than the jitter of measuring its clock. */
function isCorrection(deviceTime: Timestamp, eventTime: Timestamp): boolean {
  return deviceTime !== 0 && Math.abs(deviceTime - eventTime) > JITTER_MAX_ms;
}

const SEVERITY = { good: 0, uncertain: 1, bad: 2 } as const;
const worse = (a: Quality, b: Quality): Quality => (SEVERITY[b.status] > SEVERITY[a.status] ? b : a);

function decodeTime(words: readonly number[]): Timestamp {
  return uint32().decode(words.slice(0, 2)) * 1000 + (words[2] ?? 0);
}

/** Seconds and milliseconds as {@link RecordLog} lays them out. */
export function encodeTime(time: Timestamp): readonly number[] {
  return [...uint32().encode(Math.floor(time / 1000)), ...uint16().encode(time % 1000)];
}

/** The words of a record, the reverse of {@link decodeRecord}; fields that are not given are said to be unknown. */
export function encodeRecord(
  log: RecordLog,
  serial: number,
  time: Timestamp,
  fields: Readonly<Record<string, SampleValue>>,
): readonly number[] {
  const words = Array.from({ length: log.recordRegisters }, () => 0);
  words.splice(0, RECORD_HEADER_REGISTERS, ...uint32().encode(serial), ...encodeTime(time));
  for (const [name, field] of Object.entries(log.fields)) {
    words.splice(field.offset, field.codec.registers, ...encodeField(field, fields[name] ?? null));
  }
  return words;
}
