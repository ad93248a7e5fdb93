/**
 * Live events and the log of an access controller, brought together: events that follow the last one known are told as
 * they come; a gap, or a serial number that was there before, is looked up in the log.
 */
import {
  type AccessCursor,
  behind,
  eventId,
  followAccessLog,
  formatAccessCursor,
  type LogRecord,
  logStretch,
  parseAccessCursor,
} from "@campus-ops/device-profiles/profiles/access-log";
import { GOOD, type Reading, type Sample, type Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { type DriverEnvironment, DriverError } from "../driver.ts";

/** A stretch of the log with more records is read in halves, the older first. */
export const RECORDS_MAX = 3_000;
const HALVINGS_MAX = 12;
/** Records of one reading. */
const BATCH_RECORDS = 200;
/** Live records that wait while the log is read; what is beyond is found by reading the log once more. */
const WAITING_MAX = 500;
const CHECK_INTERVAL_ms = 60_000;

type Sink = (reading: Reading) => void;

/** How a device's log is asked, and what its records mean. */
export interface AccessLogSource<Content> {
  deviceNow(): Timestamp;
  /**
   * All records between two times of the device's clock, in any order; undefined when there are more than
   * {@link RECORDS_MAX} and the stretch may be halved. Rejects as `unsupported` when the device keeps no log.
   */
  search(
    from: Timestamp,
    to: Timestamp,
    mayBeHalved: boolean,
    signal: AbortSignal,
  ): Promise<readonly LogRecord<Content>[] | undefined>;
  read(content: Content, id: string, live: boolean): Pick<Reading, "samples" | "events">;
}

export class AccessLog<Content> {
  readonly #source: AccessLogSource<Content>;
  readonly #environment: DriverEnvironment;
  #cursor: AccessCursor | undefined;
  readonly #waiting: LogRecord<Content>[] = [];
  #overflow = false;
  /** False for a device that cannot be asked for its log: then the stream is all there is. */
  #hasLog = true;
  #catchingUp: Promise<void> | undefined;
  #sink: Sink | undefined;
  #checkedAt = 0;

  constructor(source: AccessLogSource<Content>, environment: DriverEnvironment) {
    this.#source = source;
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

  /** The next {@link check} reads the log. */
  expire(): void {
    this.#checkedAt = Number.NEGATIVE_INFINITY;
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
  async live(record: LogRecord<Content>, sink: Sink, signal: AbortSignal): Promise<void> {
    const isNext = record.serial === (this.#cursor?.serial ?? Number.NaN) + 1;
    if (this.#catchingUp === undefined && isNext) {
      this.#tell([record], true, sink);
      return;
    }
    const { samples } = this.#source.read(record.content, "", true);
    const isOld = this.#cursor !== undefined && record.serial <= this.#cursor.serial;
    // A replayed record says what was; the log will tell whether it is one.
    if (samples.length > 0 && !isOld) sink({ samples, events: [] });
    if (this.#waiting.length < WAITING_MAX) this.#waiting.push(record);
    else this.#overflow = true;
    while (this.#waiting.length > 0 && !signal.aborted) await this.catchUp(sink, signal);
  }

  /** Nobody listens any more. */
  rest(): void {
    this.#sink = undefined;
    this.#waiting.length = 0;
  }

  async #readLog(sink: Sink, signal: AbortSignal): Promise<void> {
    do {
      this.#overflow = false;
      if (this.#hasLog) await this.#readRecords(sink, signal);
      // What the log does not hold yet, or the device keeps no log of.
      for (const record of this.#waiting.splice(0)) {
        if (!this.#hasLog && this.#startsAgain(record)) this.#account(true, 0, sink);
        if (record.serial > (this.#cursor?.serial ?? -1)) this.#tell([record], true, sink);
      }
    } while (this.#overflow);
  }

  /** Without a log to ask: a lower serial number at a later time is no replay. */
  #startsAgain({ serial, time }: LogRecord<Content>): boolean {
    const cursor = this.#cursor;
    return cursor !== undefined && serial <= cursor.serial && time !== undefined && time > cursor.time;
  }

  async #readRecords(sink: Sink, signal: AbortSignal): Promise<void> {
    const stretch = logStretch(this.#cursor, this.#source.deviceNow());
    try {
      await this.#readBetween(stretch, HALVINGS_MAX, sink, signal);
    } catch (error) {
      if (!(error instanceof DriverError) || error.kind !== "unsupported") throw error;
      this.#hasLog = false;
    }
  }

  async #readBetween(
    [from, to]: readonly [from: Timestamp, to: Timestamp],
    halvings: number,
    sink: Sink,
    signal: AbortSignal,
  ): Promise<void> {
    const records = await this.#source.search(from, to, halvings > 0, signal);
    if (records === undefined) {
      const middle = Math.floor((from + to) / 2);
      await this.#readBetween([from, middle], halvings - 1, sink, signal);
      await this.#readBetween([middle, to], halvings - 1, sink, signal);
      return;
    }
    const { fresh, wasReset, lost } = followAccessLog(records, this.#cursor, this.#source.deviceNow());
    if (wasReset || lost > 0) this.#account(wasReset, lost, sink);
    for (let start = 0; start < fresh.length; start += BATCH_RECORDS) {
      this.#tell(fresh.slice(start, start + BATCH_RECORDS), false, sink);
    }
  }

  #tell(records: readonly LogRecord<Content>[], live: boolean, sink: Sink): void {
    const readings = records.map((record) => {
      this.#cursor = behind(record, this.#cursor);
      return this.#source.read(record.content, eventId(record, this.#cursor.resets), live);
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
