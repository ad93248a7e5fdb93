/**
 * Live events and the device's log, brought together: events that follow the last one known are told as they come; a
 * gap, or a serial number that was there before, is looked up in the log.
 */
import {
  type AccessRecord,
  acsEventSearch,
  formatDeviceTime,
  ISAPI_PATHS,
  parseAcsEvents,
  parseDeviceTime,
} from "@campus-ops/device-profiles/codecs/isapi";
import { readAccessRecord } from "@campus-ops/device-profiles/profiles/isapi-access";
import {
  type AccessCursor,
  behind,
  eventId,
  followAccessLog,
  formatAccessCursor,
  logStretch,
  markOf,
  parseAccessCursor,
  type TimedRecord,
} from "@campus-ops/device-profiles/profiles/isapi-access-log";
import type { IsapiAccess } from "@campus-ops/device-profiles/profiles/isapi-profile";
import { GOOD, type Reading, type Sample, type Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { type DriverEnvironment, DriverError } from "../driver.ts";
import type { IsapiDevice } from "./device.ts";

const PAGE_RECORDS = 30;
/** A stretch of the log with more records is read in halves, the older first. */
const RECORDS_MAX = 3_000;
const HALVINGS_MAX = 12;
/** Records of one reading. */
const BATCH_RECORDS = 200;
/** Live records that wait while the log is read; what is beyond is found by reading the log once more. */
const WAITING_MAX = 500;

const CHECK_INTERVAL_ms = 60_000;

type Sink = (reading: Reading) => void;

export class AccessLog {
  readonly #device: IsapiDevice;
  readonly #access: IsapiAccess;
  readonly #door: number;
  readonly #environment: DriverEnvironment;
  #cursor: AccessCursor | undefined;
  readonly #waiting: AccessRecord[] = [];
  #overflow = false;
  /** False for a device that cannot be asked for its log: then the stream is all there is. */
  #hasLog = true;
  #catchingUp: Promise<void> | undefined;
  #sink: Sink | undefined;
  #checkedAt = 0;

  constructor(device: IsapiDevice, access: IsapiAccess, door: number, environment: DriverEnvironment) {
    this.#device = device;
    this.#access = access;
    this.#door = door;
    this.#environment = environment;
    this.#cursor = parseAccessCursor(environment.cursor);
  }

  /**
   * Reads the log once in a while although the stream stands: a device that forgot its subscriber goes on with the
   * heartbeat and says nothing else.
   */
  async check(signal: AbortSignal): Promise<void> {
    const sink = this.#sink;
    if (sink === undefined || this.#environment.now() - this.#checkedAt < CHECK_INTERVAL_ms) return;
    await this.catchUp(sink, signal);
  }

  /** Tells what is in the log and not yet told, then what came meanwhile. Rejects when the log cannot be read. */
  catchUp(sink: Sink, signal: AbortSignal): Promise<void> {
    this.#sink = sink;
    this.#checkedAt = this.#environment.now();
    this.#catchingUp ??= this.#readLog(sink, signal).finally(() => {
      this.#catchingUp = undefined;
    });
    return this.#catchingUp;
  }

  /**
   * Something that happens now. What it says of the door is told at once; who it was, in its turn. Resolves when it is
   * told, rejects when the log had to be asked and cannot be read.
   */
  async live(record: AccessRecord, sink: Sink, signal: AbortSignal): Promise<void> {
    const isNext = record.serial === (this.#cursor?.serial ?? Number.NaN) + 1;
    if (this.#catchingUp === undefined && isNext) {
      this.#tell([this.#timed(record)], true, sink);
      return;
    }
    const { samples } = this.#read(record, "", true);
    const isOld = this.#cursor !== undefined && record.serial <= this.#cursor.serial;
    // A replayed record says what was; the log will tell whether it is one.
    if (samples.length > 0 && !isOld) sink({ samples, events: [] });
    if (this.#waiting.length < WAITING_MAX) this.#waiting.push(record);
    else this.#overflow = true;
    while (this.#waiting.length > 0 && !signal.aborted) await this.catchUp(sink, signal);
  }

  async #readLog(sink: Sink, signal: AbortSignal): Promise<void> {
    do {
      this.#overflow = false;
      if (this.#hasLog) await this.#readRecords(sink, signal);
      // What the log does not hold yet, or the device keeps no log of.
      for (const record of this.#waiting.splice(0)) {
        const timed = this.#timed(record);
        if (!this.#hasLog && this.#startsAgain(timed)) this.#account(true, 0, sink);
        if (record.serial > (this.#cursor?.serial ?? -1)) this.#tell([timed], true, sink);
      }
    } while (this.#overflow);
  }

  /** Without a log to ask: a lower serial number at a later time is no replay. */
  #startsAgain({ record, time }: TimedRecord): boolean {
    const cursor = this.#cursor;
    return cursor !== undefined && record.serial <= cursor.serial && time !== undefined && time > cursor.time;
  }

  async #readRecords(sink: Sink, signal: AbortSignal): Promise<void> {
    try {
      await this.#readBetween(logStretch(this.#cursor, this.#deviceNow()), HALVINGS_MAX, sink, signal);
    } catch (error) {
      if (!(error instanceof DriverError) || error.kind !== "unsupported") throw error;
      this.#hasLog = false;
    }
  }

  async #readBetween(
    between: readonly [from: Timestamp, to: Timestamp],
    halvings: number,
    sink: Sink,
    signal: AbortSignal,
  ): Promise<void> {
    const [from, to] = between;
    const records = await this.#search(from, to, halvings > 0, signal);
    if (records === undefined) {
      const middle = Math.floor((from + to) / 2);
      await this.#readBetween([from, middle], halvings - 1, sink, signal);
      await this.#readBetween([middle, to], halvings - 1, sink, signal);
      return;
    }
    const { fresh, wasReset, lost } = followAccessLog(
      records,
      this.#cursor,
      this.#deviceNow(),
      this.#environment.pseudonym,
    );
    if (wasReset || lost > 0) this.#account(wasReset, lost, sink);
    for (let start = 0; start < fresh.length; start += BATCH_RECORDS) {
      this.#tell(fresh.slice(start, start + BATCH_RECORDS), false, sink);
    }
  }

  /** All records of a stretch; undefined when there are too many to be read at once and it may be halved. */
  async #search(
    from: Timestamp,
    to: Timestamp,
    mayBeHalved: boolean,
    signal: AbortSignal,
  ): Promise<readonly TimedRecord[] | undefined> {
    const zone = this.#device.zone_minutes;
    const times = [formatDeviceTime(from, zone), formatDeviceTime(to, zone)] as const;
    const records: TimedRecord[] = [];
    for (let position = 0; ; ) {
      const body = acsEventSearch("campus-ops", position, PAGE_RECORDS, ...times);
      const page = parseAcsEvents(await this.#device.send("POST", ISAPI_PATHS.acsEvent, body, signal));
      if (page === undefined)
        throw this.#device.client.garbage("answers a search of its log with something else");
      if (mayBeHalved && page.totalMatches > RECORDS_MAX) return undefined;
      records.push(...page.records.map((record) => this.#timed(record)));
      position += page.entries;
      if (!page.more || page.entries === 0 || position > 2 * RECORDS_MAX) return records;
    }
  }

  /** Nobody listens any more. */
  rest(): void {
    this.#sink = undefined;
    this.#waiting.length = 0;
  }

  #deviceNow(): Timestamp {
    return this.#environment.now() + this.#device.clockOffset_ms;
  }

  #timed(record: AccessRecord): TimedRecord {
    return { record, time: parseDeviceTime(record.time, this.#device.zone_minutes) };
  }

  #read(record: AccessRecord, id: string, live: boolean): Pick<Reading, "samples" | "events"> {
    return readAccessRecord(record, id, {
      access: this.#access,
      door: this.#door,
      zone_minutes: this.#device.zone_minutes,
      live,
      receivedAt: this.#environment.now(),
      clockOffset_ms: this.#device.eventOffset_ms,
      pseudonym: this.#environment.pseudonym,
    });
  }

  #tell(records: readonly TimedRecord[], live: boolean, sink: Sink): void {
    const readings = records.map((each) => {
      const mark = markOf(each.record, this.#environment.pseudonym);
      const resets = this.#cursor?.resets ?? 0;
      this.#cursor = behind(each, this.#cursor, mark);
      return this.#read(each.record, eventId(each.record, mark, resets), live);
    });
    if (this.#cursor === undefined) return;
    sink({
      samples: readings.flatMap(({ samples }) => samples),
      events: readings.flatMap(({ events }) => events),
      cursor: formatAccessCursor(this.#cursor),
    });
  }

  #account(wasReset: boolean, lost: number, sink: Sink): void {
    if (this.#cursor === undefined) return;
    const { resets } = this.#cursor;
    this.#cursor = {
      ...this.#cursor,
      ...(wasReset ? { serial: -1, mark: "", resets: resets + 1 } : {}),
      lost: this.#cursor.lost + lost,
    };
    const sample: Sample = {
      metric: "Connectivity/LostRecords",
      value: this.#cursor.lost,
      quality: this.#cursor.resets > 0 ? { status: "uncertain", reason: "log-reset" } : GOOD,
      eventTime: this.#environment.now(),
    };
    sink({ samples: [sample], events: [] });
  }
}
