/**
 * The durable queue between the drivers and the network.
 *
 * A record is in it from the moment {@link Outbox.append} resolves until the host has said that its journal holds it.
 * Every commit is on the disk (`synchronous=FULL`) before anybody hears of it; commits are grouped, so that whatever is
 * waiting shares one. Numbers are given in the same transaction as the records they belong to: none is ever used twice,
 * and none is skipped.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Run } from "@campus-ops/broker/sparkplug";
import {
  DATA_CLASSES,
  type DataClass,
  type DataType,
  DeviceId,
  dataClassRank,
  type MetricName,
  type Timestamp,
} from "@campus-ops/device-profiles/vocabulary";
import { addLoss, type Loss, type Usage, whoGivesWay } from "../core/outbox-policy.ts";
import { type Alias, Dictionary } from "./dictionary.ts";
import { isDamage, openFile } from "./open.ts";
import type { NewRecord, OutboxRecord } from "./record.ts";
import { decodeBody, encodeBody } from "./record-body.ts";
import { tableOf } from "./schema.ts";

/** Alarm and access records are committed at once; the others wait so long for company. */
export const GROUP_MS_MAX = 50;
/** Records waiting for a commit; beyond it (the disk refuses to write) the least precious give way, and are counted. */
export const WAITING_RECORDS_MAX = 20_000;
/** After a failed commit the next attempt waits so long. */
export const COMMIT_RETRY_MS = 1_000;
/** Bytes a record takes beside its body: row id, columns, cell pointer. Measured; see the test. */
export const RECORD_OVERHEAD_BYTES = 20;
/** Event times further back than this come from a clock that was never set; they say nothing about age. */
const CREDIBLE_AGE_MS_MAX = 10 * 365 * 86_400_000;

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

interface Encoded {
  readonly record: NewRecord;
  readonly body: Uint8Array;
  readonly from: Timestamp;
  readonly to: Timestamp;
}

interface Waiting {
  readonly encoded: readonly Encoded[];
  readonly cursor: DeviceCursor | undefined;
  readonly resolve: (records: readonly OutboxRecord[]) => void;
  readonly reject: (error: Error) => void;
}

/** Where a driver stands in its device's own log; kept in the transaction of what it read there. */
export interface DeviceCursor {
  readonly device: string;
  readonly cursor: string;
}

/** What an append rejects with when the record was given up before it became durable. The loss is recorded. */
export class RecordGivenUpError extends Error {
  override readonly name = "RecordGivenUpError";
}

interface ClassStatements {
  readonly insert: StatementSync;
  readonly remove: StatementSync;
  readonly inOrder: StatementSync;
  readonly oldest: StatementSync;
}

interface OpenedOutbox {
  readonly database: DatabaseSync;
  readonly dictionary: Dictionary;
  readonly statements: Map<DataClass, ClassStatements>;
  readonly setMeta: StatementSync;
  readonly setCursor: StatementSync;
}

export class Outbox {
  readonly #options: OutboxOptions;
  #database: DatabaseSync;
  #dictionary: Dictionary;
  #statements: Map<DataClass, ClassStatements>;
  #setMeta: StatementSync;
  #setCursor: StatementSync;
  #epoch = 0;
  #next = 1;
  #lostSamples = 0;
  #bytes: Record<DataClass, number> = emptyUsage();
  #records: Record<DataClass, number> = emptyUsage();
  #waiting: Waiting[] = [];
  #waitingRecords = 0;
  #losses: readonly Loss[] = [];
  /** Acknowledged and not yet deleted: first number → last. */
  #acknowledged = new Map<number, number>();
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;
  #closed = false;
  #commits = 0;

  constructor(options: OutboxOptions) {
    this.#options = options;
    const opened = this.#open();
    this.#database = opened.database;
    this.#dictionary = opened.dictionary;
    this.#statements = opened.statements;
    this.#setMeta = opened.setMeta;
    this.#setCursor = opened.setCursor;
    if (this.#losses.length > 0) this.#commitNow();
  }

  /** Milliseconds since the Unix epoch when the file was begun; part of every record's identity. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Commits made since opening. */
  get commits(): number {
    return this.#commits;
  }

  alias(device: string, name: MetricName, datatype: DataType): number {
    return this.#dictionary.alias(device, name, datatype);
  }

  /**
   * Takes what one look at a device brought, all of it in one transaction, and resolves once that is on the disk.
   * Rejects with {@link RecordGivenUpError} when it had to give way first; a loss record then stands in its place.
   */
  append(records: readonly NewRecord[], cursor?: DeviceCursor): Promise<readonly OutboxRecord[]> {
    if (this.#closed) return Promise.reject(new Error("the outbox is closed"));
    return new Promise((resolve, reject) => {
      // Encoded here, so that a record that cannot be encoded is refused alone and its group does not suffer.
      const encoded = records.map((record) => this.#encode(record));
      this.#waiting.push({ encoded, cursor, resolve, reject });
      this.#waitingRecords += records.length;
      while (this.#waitingRecords > WAITING_RECORDS_MAX && this.#waiting.length > 1) this.#shed();
      if (records.some(isUrgent)) this.#immediate ??= setImmediate(() => this.#commitNow());
      else this.#timer ??= setTimeout(() => this.#commitNow(), GROUP_MS_MAX);
    });
  }

  /** The cursor that {@link append} kept last for a device. */
  cursor(device: string): string | undefined {
    const row = this.#database.prepare("SELECT cursor FROM device WHERE name = ?").get(device);
    return typeof row?.cursor === "string" ? row.cursor : undefined;
  }

  /** Devices whose records wait. */
  devicesWaiting(): readonly DeviceId[] {
    const waiting = DATA_CLASSES.map((each) => `SELECT device FROM ${tableOf(each)}`).join(" UNION ");
    const rows = this.#database
      .prepare(`SELECT name FROM device WHERE name <> '' AND id IN (${waiting})`)
      .all();
    return rows.map(({ name }) => DeviceId(String(name)));
  }

  /** Every metric this outbox has ever carried for a device. */
  metricsOf(device: string): readonly Alias[] {
    return this.#dictionary.metricsOf(device);
  }

  /** Records something that was lost before it could become a record. It is told with the next commit. */
  lose(loss: Loss): void {
    this.#losses = addLoss(this.#losses, loss);
    this.#timer ??= setTimeout(() => this.#commitNow(), GROUP_MS_MAX);
  }

  /** The most precious and, within a class, the oldest first; leaves out the records whose first number is excluded. */
  next(
    limit: number,
    excluded: ReadonlyMap<number, unknown>,
    classes: readonly DataClass[] = DATA_CLASSES,
  ): OutboxRecord[] {
    const found: OutboxRecord[] = [];
    for (const dataClass of classes) {
      if (this.#records[dataClass] === 0) continue;
      for (const row of this.#of(dataClass).inOrder.iterate()) {
        if (found.length >= limit) return found;
        const first = Number(row.first);
        if (excluded.has(first) || this.#acknowledged.has(first)) continue;
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
    if (this.#closed) return;
    for (const { first, last } of runs) this.#acknowledged.set(first, last);
    if (this.#acknowledged.size > 0) this.#timer ??= setTimeout(() => this.#commitNow(), GROUP_MS_MAX);
  }

  /** Records neither acknowledged nor given up. */
  get recordCount(): number {
    return total(this.#records) - this.#acknowledged.size;
  }

  stats(): OutboxStats {
    const perClass = Object.fromEntries(
      DATA_CLASSES.map((each) => [each, { records: this.#records[each], bytes: this.#bytes[each] }]),
    ) as OutboxStats["perClass"];
    return {
      records: total(this.#records),
      bytes: total(this.#bytes),
      perClass,
      oldest: this.#oldest(),
      lostSamples: this.#lostSamples,
      samples: this.#next - 1,
    };
  }

  /** Gives up what is older than the configured days, and tells the hub so. */
  expire(): void {
    const now = this.#options.now();
    const before = now - this.#options.daysMax * 86_400_000;
    this.#transaction(() => {
      for (const dataClass of DATA_CLASSES) {
        this.#giveUp(dataClass, "age", (row) => row.at < before && row.at > now - CREDIBLE_AGE_MS_MAX);
      }
      this.#writeLosses();
    });
  }

  /** A small number that must survive a restart, such as the last bdSeq. */
  remembered(key: string): number | undefined {
    const row = this.#database.prepare("SELECT value FROM meta WHERE key = ?").get(key);
    return row === undefined ? undefined : Number(row.value);
  }

  remember(key: string, value: number): void {
    this.#setMeta.run(key, value);
  }

  /** Commits what is waiting and closes the file. */
  close(): void {
    if (this.#closed) return;
    this.#commitNow();
    this.#closed = true;
    clearTimeout(this.#timer);
    if (this.#immediate !== undefined) clearImmediate(this.#immediate);
    for (const { reject } of this.#waiting)
      reject(new RecordGivenUpError("the outbox was closed before the disk took it"));
    this.#database.close();
  }

  #open(): OpenedOutbox {
    const { file, now, onTrouble } = this.#options;
    const { database, setAside } = openFile(file, now());
    if (setAside !== undefined) {
      onTrouble(
        `the outbox ${file} is damaged (${setAside.reason}). It was set aside as ${setAside.file} for inspection; ` +
          "what it held and was not acknowledged is not sent. A new one was begun and the loss is reported to the hub",
      );
      this.#losses = addLoss(this.#losses, {
        dataClass: "unknown",
        count: 0,
        from: now(),
        to: now(),
        reason: "corrupt",
      });
    }
    const setMeta = database.prepare(
      "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    );
    const meta = new Map(
      database
        .prepare("SELECT key, value FROM meta")
        .all()
        .map((row) => [row.key, Number(row.value)]),
    );
    this.#epoch = meta.get("epoch") ?? now();
    this.#next = meta.get("next") ?? 1;
    this.#lostSamples = meta.get("lost") ?? 0;
    setMeta.run("epoch", this.#epoch);
    for (const dataClass of DATA_CLASSES) {
      const sums = database
        .prepare(
          `SELECT count(*) AS records, coalesce(sum(length(body)), 0) AS bytes FROM ${tableOf(dataClass)}`,
        )
        .get();
      this.#records[dataClass] = Number(sums?.records);
      this.#bytes[dataClass] = Number(sums?.bytes) + this.#records[dataClass] * RECORD_OVERHEAD_BYTES;
    }
    const statements = new Map(DATA_CLASSES.map((each) => [each, prepare(database, each)]));
    const setCursor = database.prepare("UPDATE device SET cursor = ? WHERE id = ?");
    return { database, dictionary: new Dictionary(database), statements, setMeta, setCursor };
  }

  #commitNow(): void {
    clearTimeout(this.#timer);
    if (this.#immediate !== undefined) clearImmediate(this.#immediate);
    this.#timer = undefined;
    this.#immediate = undefined;
    const group = this.#waiting;
    const idle = group.length === 0 && this.#losses.length === 0 && this.#acknowledged.size === 0;
    if (this.#closed || idle) return;
    const before = { next: this.#next, losses: this.#losses };
    let records: (readonly OutboxRecord[])[] = [];
    try {
      this.#transaction(() => {
        records = group.map(({ encoded }) => encoded.map((each) => this.#insert(each)));
        for (const [first, last] of this.#acknowledged) this.#remove(first, last);
        for (const { cursor } of group) if (cursor !== undefined) this.#keep(cursor);
        this.#makeRoom();
        this.#writeLosses();
      });
    } catch (error) {
      this.#next = before.next;
      this.#losses = before.losses;
      this.#afterFailure(error);
      return;
    }
    this.#waiting = [];
    this.#waitingRecords = 0;
    this.#acknowledged.clear();
    this.#commits += 1;
    for (const [index, { resolve }] of group.entries()) resolve(records[index] ?? []);
  }

  #afterFailure(error: unknown): void {
    if (isDamage(error)) {
      this.#options.onTrouble("the outbox's file was damaged while in use", error);
      this.#database.close();
      this.#bytes = emptyUsage();
      this.#records = emptyUsage();
      const opened = this.#open();
      this.#database = opened.database;
      this.#dictionary = opened.dictionary;
      this.#statements = opened.statements;
      this.#setMeta = opened.setMeta;
      this.#setCursor = opened.setCursor;
      // The new file has a new dictionary.
      this.#waiting = this.#waiting.map((each) => ({
        ...each,
        encoded: each.encoded.map(({ record }) => this.#encode(record)),
      }));
    } else {
      this.#options.onTrouble(
        `the outbox cannot write; ${this.#waitingRecords} records wait in memory and it tries again. Is the disk full?`,
        error,
      );
    }
    this.#timer = setTimeout(() => this.#commitNow(), COMMIT_RETRY_MS);
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

  #encode(record: NewRecord): Encoded {
    const { from, to } = timesOf(record);
    return { record, from, to, body: encodeBody(record, from, this.#dictionary) };
  }

  #insert({ record, body, from, to }: Encoded): OutboxRecord {
    const first = this.#next;
    const last = first + record.metrics.length - 1;
    this.#of(record.dataClass).insert.run(
      first,
      last - first,
      this.#dictionary.deviceNumber(record.device),
      from,
      to - from,
      body,
    );
    this.#next = last + 1;
    this.#records[record.dataClass] += 1;
    this.#bytes[record.dataClass] += body.length + RECORD_OVERHEAD_BYTES;
    return { ...record, range: { epoch: this.#epoch, first, last }, from, to };
  }

  #keep({ device, cursor }: DeviceCursor): void {
    const number = this.#dictionary.deviceNumber(device);
    this.#dictionary.write();
    this.#setCursor.run(cursor, number);
  }

  #makeRoom(): void {
    for (;;) {
      const way = whoGivesWay(this.#bytes as Usage, this.#options.bytesMax);
      if (way === undefined) return;
      let freed = 0;
      this.#giveUp(way.dataClass, "budget", (row) => {
        const more = freed < way.bytes;
        if (more) freed += row.bytes;
        return more;
      });
    }
  }

  /** Deletes the oldest records of a class for as long as `goes` says so, and takes note of the loss. */
  #giveUp(
    dataClass: DataClass,
    reason: Loss["reason"],
    goes: (row: { at: number; bytes: number }) => boolean,
  ): void {
    const going: [first: number, more: number][] = [];
    let loss: Loss | undefined;
    for (const row of this.#of(dataClass).oldest.iterate()) {
      const at = Number(row.at);
      const bytes = Number(row.bytes) + RECORD_OVERHEAD_BYTES;
      if (!goes({ at, bytes })) break;
      going.push([Number(row.first), Number(row.more)]);
      this.#records[dataClass] -= 1;
      this.#bytes[dataClass] -= bytes;
      const count = Number(row.more) + 1;
      loss = addLoss(loss === undefined ? [] : [loss], {
        dataClass,
        count,
        from: at,
        to: at + Number(row.span),
        reason,
      })[0];
    }
    for (const [first, more] of going) this.#of(dataClass).remove.run(first, more);
    if (loss !== undefined) this.#losses = addLoss(this.#losses, loss);
  }

  #writeLosses(): void {
    for (const loss of this.#losses) {
      this.#lostSamples += loss.count;
      this.#insert(this.#encode(this.#options.lossRecord(loss, this.#options.now())));
    }
    this.#losses = [];
  }

  #remove(first: number, last: number): void {
    for (const dataClass of DATA_CLASSES) {
      if (this.#records[dataClass] === 0) continue;
      const removed = this.#of(dataClass).remove.get(first, last - first);
      if (removed === undefined) continue;
      this.#records[dataClass] -= 1;
      this.#bytes[dataClass] -= Number(removed.bytes) + RECORD_OVERHEAD_BYTES;
      return;
    }
  }

  /** One transaction; the counters kept in memory go back with it when it fails. */
  #transaction(work: () => void): void {
    const before = { records: { ...this.#records }, bytes: { ...this.#bytes }, lost: this.#lostSamples };
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      work();
      this.#dictionary.write();
      this.#setMeta.run("next", this.#next);
      this.#setMeta.run("lost", this.#lostSamples);
      this.#database.exec("COMMIT");
      this.#dictionary.written();
    } catch (error) {
      this.#records = before.records;
      this.#bytes = before.bytes;
      this.#lostSamples = before.lost;
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  /** A record whose bytes make no sense must not stop the queue: it goes, and is counted as lost. */
  #readable(dataClass: DataClass, row: Record<string, unknown>): OutboxRecord | undefined {
    try {
      return this.#record(dataClass, row);
    } catch (error) {
      const first = Number(row.first);
      const [count, from, to] = [Number(row.more) + 1, Number(row.at), Number(row.at) + Number(row.span)];
      this.#options.onTrouble(
        `record ${first} of the outbox cannot be read; its ${count} samples are lost`,
        error,
      );
      this.acknowledge([{ first, last: first + count - 1 }]);
      this.lose({ dataClass, count, from, to, reason: "corrupt" });
      return undefined;
    }
  }

  #record(dataClass: DataClass, row: Record<string, unknown>): OutboxRecord {
    const first = Number(row.first);
    const from = Number(row.at);
    const device = this.#dictionary.deviceName(Number(row.device));
    const metrics = decodeBody(row.body as Uint8Array, from, this.#dictionary);
    const range = { epoch: this.#epoch, first, last: first + Number(row.more) };
    return { device, dataClass, metrics, range, from, to: from + Number(row.span) };
  }

  #oldest(): Timestamp | undefined {
    let oldest: Timestamp | undefined;
    for (const dataClass of DATA_CLASSES) {
      if (this.#records[dataClass] === 0) continue;
      const at = Number(this.#of(dataClass).oldest.get()?.at);
      if (oldest === undefined || at < oldest) oldest = at;
    }
    return oldest;
  }

  #of(dataClass: DataClass): ClassStatements {
    const statements = this.#statements.get(dataClass);
    if (statements === undefined) throw new Error(`no table for ${dataClass}`);
    return statements;
  }
}

function prepare(database: DatabaseSync, dataClass: DataClass): ClassStatements {
  const table = tableOf(dataClass);
  return {
    insert: database.prepare(
      `INSERT INTO ${table} (first, more, device, at, span, body) VALUES (?, ?, ?, ?, ?, ?)`,
    ),
    remove: database.prepare(
      `DELETE FROM ${table} WHERE first = ? AND more = ? RETURNING length(body) AS bytes`,
    ),
    inOrder: database.prepare(`SELECT first, more, device, at, span, body FROM ${table} ORDER BY first`),
    oldest: database.prepare(
      `SELECT first, more, at, span, length(body) AS bytes FROM ${table} ORDER BY first`,
    ),
  };
}

function isUrgent({ dataClass }: NewRecord): boolean {
  return dataClass === "alarm" || dataClass === "access";
}

function timesOf(record: NewRecord): { from: Timestamp; to: Timestamp } {
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  for (const { timestamp } of record.metrics) {
    if (timestamp === undefined) throw new Error("every metric of a record carries its event time");
    from = Math.min(from, timestamp);
    to = Math.max(to, timestamp);
  }
  if (from > to) throw new Error("a record holds at least one metric");
  return { from, to };
}

function emptyUsage(): Record<DataClass, number> {
  return { alarm: 0, access: 0, state: 0, telemetry: 0, bulk: 0 };
}

function total(usage: Record<DataClass, number>): number {
  return DATA_CLASSES.reduce((sum, each) => sum + usage[each], 0);
}
