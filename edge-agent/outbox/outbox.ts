/**
 * The durable queue between the drivers and the network.
 *
 * A record is in it from the moment {@link Outbox.append} resolves until the host has said that its journal holds it.
 * Every commit is on the disk (`synchronous=FULL`) before anybody hears of it; commits are grouped, so that whatever is
 * waiting shares one. Numbers are given in the same transaction as the records they belong to: none is ever used twice,
 * and none is skipped.
 */
import type { Run } from "@campus-ops/broker/sparkplug";
import {
  DATA_CLASSES,
  type DataClass,
  type DeviceId,
  dataClassRank,
  type Timestamp,
} from "@campus-ops/device-profiles/vocabulary";
import { addLoss, type Loss, whoGivesWay } from "../core/outbox-policy.ts";
import type { Alias } from "./dictionary.ts";
import { isDamage, openFile } from "./open.ts";
import type { NewRecord, OutboxRecord } from "./record.ts";
import { type DeviceCursor, type EncodedRecord, RecordFile, type StoredRow } from "./record-file.ts";

/** Alarm and access records are committed at once; the others wait so long for company. */
export const GROUP_MS_MAX = 50;
/** Records waiting for a commit; beyond it (the disk refuses to write) the least precious give way, and are counted. */
export const WAITING_RECORDS_MAX = 20_000;
/** After a failed commit the next attempt waits so long. */
export const COMMIT_RETRY_MS = 1_000;
/** Event times further back than this come from a clock that was never set; they say nothing about age. */
const CREDIBLE_AGE_MS_MAX = 10 * 365 * 86_400_000;
const DAY_MS = 86_400_000;

export interface OutboxOptions {
  readonly file: string;
  /** Records and their overhead; the file itself is a little larger. */
  readonly bytesMax: number;
  readonly daysMax: number;
  readonly now: () => Timestamp;
  /** Turns a loss into the record that tells the hub of it. */
  readonly lossRecord: (loss: Loss, at: Timestamp) => NewRecord;
  /** What an operator must hear of: a damaged file, a disk that refuses to write. */
  readonly onTrouble: (message: string, error?: unknown) => void;
}

export interface OutboxStats {
  readonly records: number;
  readonly bytes: number;
  readonly perClass: Readonly<Record<DataClass, { readonly records: number; readonly bytes: number }>>;
  /** Event time of the oldest record, or undefined when the outbox is empty. */
  readonly oldest: Timestamp | undefined;
  /** Samples given up since the file was begun. */
  readonly lostSamples: number;
  /** Samples numbered since the file was begun. */
  readonly samples: number;
}

/** What an append rejects with when the record was given up before it became durable. The loss is recorded. */
export class RecordGivenUpError extends Error {
  override readonly name = "RecordGivenUpError";
}

interface Waiting {
  readonly encoded: readonly EncodedRecord[];
  readonly cursor: DeviceCursor | undefined;
  readonly resolve: (records: readonly OutboxRecord[]) => void;
  readonly reject: (error: Error) => void;
}

export class Outbox {
  readonly #options: OutboxOptions;
  #file: RecordFile;
  #waiting: Waiting[] = [];
  #waitingRecords = 0;
  /** Not yet told. */
  #losses: readonly Loss[] = [];
  /** Acknowledged and not yet deleted: first number → last. */
  #acknowledged = new Map<number, number>();
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;
  /** The last commit failed, and a timer for the next attempt is set. */
  #failing = false;
  #closed = false;
  #commits = 0;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#file = this.#open();
    this.#commit();
  }

  /** Milliseconds since the Unix epoch when the file was begun; part of every record's identity. */
  get epoch(): number {
    return this.#file.epoch;
  }

  /** Commits made since opening. */
  get commits(): number {
    return this.#commits;
  }

  /** Records neither acknowledged nor given up. */
  get recordCount(): number {
    return sum(this.#file.records) - this.#acknowledged.size;
  }

  /**
   * Takes what one look at a device brought, all of it in one transaction, and resolves once that is on the disk.
   * Rejects with {@link RecordGivenUpError} when it had to give way first; a loss record then stands in its place.
   */
  append(records: readonly NewRecord[], cursor?: DeviceCursor): Promise<readonly OutboxRecord[]> {
    if (this.#closed) return Promise.reject(new Error("the outbox is closed"));
    return new Promise((resolve, reject) => {
      // Encoded here, so that a record that cannot be encoded is refused alone and its group does not suffer.
      const encoded = records.map((record) => this.#file.encode(record));
      this.#waiting.push({ encoded, cursor, resolve, reject });
      this.#waitingRecords += records.length;
      while (this.#waitingRecords > WAITING_RECORDS_MAX && this.#waiting.length > 1) this.#shed();
      // After a failure the timer decides: a disk that refuses is not asked again for every record.
      if (records.some(isUrgent) && !this.#failing) this.#immediate ??= setImmediate(() => this.#commit());
      else this.#commitSoon();
    });
  }

  /** Records something that was lost before it could become a record. It is told with the next commit. */
  lose(loss: Loss): void {
    if (this.#closed) return;
    this.#losses = addLoss(this.#losses, loss);
    this.#commitSoon();
  }

  /** The most precious and, within a class, the oldest first; leaves out records whose first number is excluded. */
  next(
    limit: number,
    excluded: ReadonlyMap<number, unknown>,
    classes: readonly DataClass[] = DATA_CLASSES,
  ): OutboxRecord[] {
    const found: OutboxRecord[] = [];
    for (const dataClass of classes) {
      for (const row of this.#file.inOrder(dataClass)) {
        if (found.length >= limit) return found;
        if (excluded.has(row.first) || this.#acknowledged.has(row.first)) continue;
        const record = this.#readable(dataClass, row);
        if (record !== undefined) found.push(record);
      }
    }
    return found;
  }

  /**
   * Deletes what the host holds, with the next commit. Until then a crash brings it back and it is sent again under the
   * same numbers. Runs that are not records of this outbox are ignored.
   */
  acknowledge(runs: readonly Run[]): void {
    if (this.#closed || runs.length === 0) return;
    for (const { first, last } of runs) this.#acknowledged.set(first, last);
    this.#commitSoon();
  }

  stats(): OutboxStats {
    const { bytes, lostSamples, records, samples } = this.#file;
    const perClass = Object.fromEntries(
      DATA_CLASSES.map((each) => [each, { records: records[each], bytes: bytes[each] }]),
    ) as OutboxStats["perClass"];
    const oldest = this.#file.oldest();
    return { records: sum(records), bytes: sum(bytes), perClass, oldest, lostSamples, samples };
  }

  /** Gives up what is older than the configured days, and tells the hub so. */
  expire(): void {
    if (this.#closed) return;
    const now = this.#options.now();
    const before = now - this.#options.daysMax * DAY_MS;
    const tooOld = ({ from }: StoredRow): boolean => from < before && from > now - CREDIBLE_AGE_MS_MAX;
    try {
      this.#file.transaction(() => {
        let losses = this.#losses;
        for (const dataClass of DATA_CLASSES)
          losses = also(losses, this.#file.giveUp(dataClass, "age", tooOld));
        this.#tell(losses);
      });
      this.#losses = [];
    } catch (error) {
      this.#options.onTrouble("the outbox could not give up what is too old; it tries again later", error);
    }
  }

  /** The cursor that {@link append} kept last for a device. */
  cursor(device: string): string | undefined {
    return this.#file.cursor(device);
  }

  /** Devices whose records wait. */
  devicesWaiting(): readonly DeviceId[] {
    return this.#file.devicesWaiting();
  }

  /** Every metric this outbox has ever carried for a device. */
  metricsOf(device: string): readonly Alias[] {
    return this.#file.dictionary.metricsOf(device);
  }

  /** A small number that must survive a restart, such as the last bdSeq. */
  remembered(key: string): number | undefined {
    return this.#file.remembered(key);
  }

  remember(key: string, value: number): void {
    this.#file.remember(key, value);
  }

  /** Commits what is waiting and closes the file. */
  close(): void {
    if (this.#closed) return;
    this.#commit();
    this.#closed = true;
    this.#unschedule();
    const lost = new RecordGivenUpError("the outbox was closed before the disk took the record");
    for (const { reject } of this.#waiting) reject(lost);
    this.#file.close();
  }

  #open(): RecordFile {
    const { file, now, onTrouble } = this.#options;
    const { database, setAside } = openFile(file, now());
    if (setAside !== undefined) {
      onTrouble(
        `the outbox ${file} is damaged (${setAside.reason}). It was set aside as ${setAside.file} for inspection; ` +
          "what it held and was not acknowledged is not sent. A new one was begun and the loss is reported to the hub",
      );
      const loss = { dataClass: "unknown", count: 0, from: now(), to: now(), reason: "corrupt" } as const;
      this.#losses = addLoss(this.#losses, loss);
    }
    return new RecordFile(database, now());
  }

  #commitSoon(): void {
    this.#timer ??= setTimeout(() => this.#commit(), GROUP_MS_MAX);
  }

  #unschedule(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
    this.#timer = undefined;
    this.#immediate = undefined;
  }

  #commit(): void {
    this.#unschedule();
    const group = this.#waiting;
    const idle = group.length === 0 && this.#losses.length === 0 && this.#acknowledged.size === 0;
    if (this.#closed || idle) return;
    let records: readonly (readonly OutboxRecord[])[] = [];
    try {
      this.#file.transaction(() => {
        records = group.map(({ encoded }) => encoded.map((each) => this.#file.insert(each)));
        for (const [first, last] of this.#acknowledged) this.#file.remove(first, last);
        for (const { cursor } of group) if (cursor !== undefined) this.#file.keepCursor(cursor);
        for (const { count } of this.#losses) this.#file.countLost(count);
        this.#tell(this.#makeRoom(this.#losses));
      });
    } catch (error) {
      this.#afterFailure(error);
      return;
    }
    this.#failing = false;
    this.#waiting = [];
    this.#waitingRecords = 0;
    this.#losses = [];
    this.#acknowledged.clear();
    this.#commits += 1;
    for (const [index, { resolve }] of group.entries()) resolve(records[index] ?? []);
  }

  #afterFailure(error: unknown): void {
    const { onTrouble } = this.#options;
    if (isDamage(error)) {
      onTrouble("the outbox's file was damaged while in use", error);
      this.#file.close();
      this.#acknowledged.clear();
      this.#file = this.#open();
      // The new file has a new dictionary.
      this.#waiting = this.#waiting.map((each) => ({
        ...each,
        encoded: each.encoded.map(({ record }) => this.#file.encode(record)),
      }));
    } else {
      const waiting = `${this.#waitingRecords} records wait in memory and it tries again`;
      onTrouble(`the outbox cannot write; ${waiting}. Is the disk full?`, error);
    }
    this.#failing = true;
    this.#timer = setTimeout(() => this.#commit(), COMMIT_RETRY_MS);
  }

  /** Too many wait for a disk that does not write: the least precious of them goes, and is counted. */
  #shed(): void {
    const best = ({ encoded }: Waiting): number =>
      Math.min(...encoded.map(({ record }) => dataClassRank(record.dataClass)));
    const worst = Math.max(...this.#waiting.map(best).filter(Number.isFinite));
    const index = this.#waiting.findIndex((each) => best(each) === worst);
    const [given] = this.#waiting.splice(Math.max(0, index), 1);
    if (given === undefined) return;
    this.#waitingRecords -= given.encoded.length;
    for (const { record, from, to } of given.encoded) {
      const { dataClass, metrics } = record;
      this.#losses = addLoss(this.#losses, { dataClass, count: metrics.length, from, to, reason: "disk" });
    }
    given.reject(new RecordGivenUpError("too many records were waiting for the disk"));
  }

  /** Back within the budget; returns `losses` and what that costs. */
  #makeRoom(losses: readonly Loss[]): readonly Loss[] {
    let all = losses;
    for (;;) {
      const way = whoGivesWay(this.#file.bytes, this.#options.bytesMax);
      if (way === undefined) return all;
      let freed = 0;
      const loss = this.#file.giveUp(way.dataClass, "budget", ({ bytes }) => {
        const more = freed < way.bytes;
        if (more) freed += bytes;
        return more;
      });
      all = also(all, loss);
    }
  }

  /** Loss records join the transaction of the loss. */
  #tell(losses: readonly Loss[]): void {
    const { lossRecord, now } = this.#options;
    for (const loss of losses) this.#file.insert(this.#file.encode(lossRecord(loss, now())));
  }

  /** A record whose bytes make no sense must not stop the queue: it goes, and is counted as lost. */
  #readable(dataClass: DataClass, row: StoredRow & { read(): OutboxRecord }): OutboxRecord | undefined {
    try {
      return row.read();
    } catch (error) {
      const { first, from, last, to } = row;
      const count = last - first + 1;
      this.#options.onTrouble(
        `record ${first} of the outbox cannot be read; its ${count} samples are lost`,
        error,
      );
      this.acknowledge([{ first, last }]);
      this.lose({ dataClass, count, from, to, reason: "corrupt" });
      return undefined;
    }
  }
}

function isUrgent({ dataClass }: NewRecord): boolean {
  return dataClass === "alarm" || dataClass === "access";
}

function also(losses: readonly Loss[], loss: Loss | undefined): readonly Loss[] {
  return loss === undefined ? losses : addLoss(losses, loss);
}

function sum(counts: Readonly<Record<DataClass, number>>): number {
  return DATA_CLASSES.reduce((total, each) => total + counts[each], 0);
}
