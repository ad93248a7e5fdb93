/**
 * The outbox's file while it is open: its tables, its dictionary and the counts kept beside them. Everything here is
 * synchronous and happens inside a transaction of the caller's; the counts go back with a transaction that fails.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { OutboxAccount, Run } from "@campus-ops/broker/sparkplug";
import {
  DATA_CLASSES,
  type DataClass,
  DeviceId,
  type Timestamp,
} from "@campus-ops/device-profiles/vocabulary";
import type { RecordMedium } from "../core/outbox-queue.ts";
import type { DeviceCursor, EncodedRecord, NewRecord, OutboxRecord, StoredRow } from "../core/record.ts";
import { mustRetell, NEVER_SET_BACK, recordedAt, type SetBack } from "../core/set-back.ts";
import { Dictionary } from "./dictionary.ts";
import { type KeepLimits, KeptRecords } from "./kept-records.ts";
import { decodeBody, encodeBody } from "./record-body.ts";
import { tableOf } from "./schema.ts";

/** Bytes a record takes beside its body: row id, columns, cell pointer. */
export const RECORD_OVERHEAD_BYTES = 20;

export type { DeviceCursor } from "../core/record.ts";

/** A record in the bytes it will have in the file. */
export interface EncodedBody extends EncodedRecord {
  readonly body: Uint8Array;
}

type Counts = Record<DataClass, number>;

interface ClassStatements {
  readonly insert: StatementSync;
  readonly find: StatementSync;
  readonly remove: StatementSync;
  readonly inOrder: StatementSync;
  readonly oldest: StatementSync;
}

export class RecordFile implements RecordMedium<EncodedBody> {
  readonly dictionary: Dictionary;
  readonly #kept: KeptRecords;
  readonly #database: DatabaseSync;
  readonly #statements: ReadonlyMap<DataClass, ClassStatements>;
  readonly #now: () => Timestamp;
  readonly #meta: StatementSync;
  readonly #setMeta: StatementSync;
  readonly #setCursor: StatementSync;
  #records: Counts;
  #bytes: Counts;
  #waitingSamples: number;
  /** Records of each device, by its number. */
  readonly #waitingOf: Map<number, number>;
  /** How the open transaction changes them. */
  readonly #waitingChanges = new Map<number, number>();
  #epoch: number;
  #setBack: SetBack;
  #next: number;
  #lostSamples: number;
  /** Numbers up to this one may have been sent. */
  #sent: number;
  /** What is inserted is sent at once, so that each commit moves {@link #sent}. */
  #sending = false;

  constructor(database: DatabaseSync, now: () => Timestamp, keep: KeepLimits) {
    this.#database = database;
    this.#now = now;
    this.dictionary = new Dictionary(database);
    this.#kept = new KeptRecords(database, keep);
    this.#statements = new Map(DATA_CLASSES.map((each) => [each, prepare(database, each)]));
    this.#meta = database.prepare("SELECT value FROM meta WHERE key = ?");
    this.#setMeta = database.prepare(
      "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    );
    this.#setCursor = database.prepare("UPDATE device SET cursor = ? WHERE id = ?");
    this.#epoch = this.remembered("epoch") ?? now();
    this.#next = this.remembered("next") ?? 1;
    this.#lostSamples = this.remembered("lost") ?? 0;
    // A file of an older version does not say: then all of it may have been.
    this.#sent = this.remembered("sent") ?? this.#next - 1;
    this.remember("epoch", this.#epoch);
    this.remember("sent", this.#sent);
    this.#setBack = {
      latest: this.remembered("latest") ?? NEVER_SET_BACK.latest,
      before: this.remembered("set back") ?? NEVER_SET_BACK.before,
    };
    const counted = DATA_CLASSES.map((each) => [each, count(database, each)] as const);
    this.#records = fromEntries(counted.map(([each, { records }]) => [each, records]));
    this.#bytes = fromEntries(counted.map(([each, { bytes }]) => [each, bytes]));
    this.#waitingSamples = counted.reduce((sum, [, { samples }]) => sum + samples, 0);
    this.#waitingOf = countByDevice(database);
  }

  /** Milliseconds since the Unix epoch when the file was begun, or was numbered anew. */
  get epoch(): number {
    return this.#epoch;
  }

  account(): OutboxAccount {
    const skipped = this.remembered("skipped") ?? 0;
    const waiting = this.#waitingSamples;
    return { epoch: this.#epoch, sent: this.#sent, next: this.#next, skipped, waiting };
  }

  /** From now on whatever is in the file may be sent; on the disk when this returns. */
  beginSending(): void {
    this.#sent = this.#next - 1;
    this.#sending = true;
    this.remember("sent", this.#sent);
  }

  endSending(): void {
    this.#sending = false;
  }

  /** Inside a transaction: the records keep their numbers, in an epoch in which nothing was ever sent. */
  renew(epoch: number): void {
    this.#kept.clear();
    this.#epoch = epoch;
    this.#sent = 0;
    this.#sending = false;
    this.remember("epoch", epoch);
    this.remember("sent", 0);
    this.remember("skipped", this.#next - 1 - this.#waitingSamples);
  }

  /** Records waiting, by class. */
  get records(): Readonly<Counts> {
    return this.#records;
  }

  /** Bytes of the records waiting, overhead included, by class. */
  get bytes(): Readonly<Counts> {
    return this.#bytes;
  }

  /** What the host has confirmed and is kept for it a while longer. */
  get kept(): KeptRecords["usage"] {
    return this.#kept.usage;
  }

  get samples(): number {
    return this.#next - 1;
  }

  get lostSamples(): number {
    return this.#lostSamples;
  }

  /** All of `work` or nothing of it, on the disk when this returns. */
  transaction(work: () => void): void {
    const before = { records: this.#records, bytes: this.#bytes, next: this.#next, lost: this.#lostSamples };
    const setBack = this.#setBack;
    const kept = this.#kept.usage;
    const identity = { epoch: this.#epoch, sent: this.#sent, waiting: this.#waitingSamples };
    this.#records = { ...before.records };
    this.#bytes = { ...before.bytes };
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      this.#keepSetBack(recordedAt(setBack, this.#now(), this.#next));
      work();
      this.dictionary.write();
      this.remember("next", this.#next);
      this.remember("lost", this.#lostSamples);
      if (this.#sending) {
        this.#sent = this.#next - 1;
        this.remember("sent", this.#sent);
      }
      this.#database.exec("COMMIT");
      this.dictionary.written();
      for (const [device, change] of this.#waitingChanges)
        this.#waitingOf.set(device, (this.#waitingOf.get(device) ?? 0) + change);
    } catch (error) {
      this.#records = before.records;
      this.#bytes = before.bytes;
      this.#next = before.next;
      this.#lostSamples = before.lost;
      this.#setBack = setBack;
      this.#kept.restore(kept);
      this.#epoch = identity.epoch;
      this.#sent = identity.sent;
      this.#waitingSamples = identity.waiting;
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    } finally {
      this.#waitingChanges.clear();
    }
  }

  /** Throws when a metric lacks its name, datatype or event time. */
  encode(record: NewRecord): EncodedBody {
    const { from, to } = timesOf(record);
    return { record, from, to, body: encodeBody(record, from, this.dictionary) };
  }

  insert({ record, body, from, to }: EncodedBody): OutboxRecord {
    const { dataClass, device, metrics } = record;
    const first = this.#next;
    const last = first + metrics.length - 1;
    const number = this.dictionary.deviceNumber(device);
    this.#of(dataClass).insert.run(first, last - first, number, from, to - from, body);
    this.#next = last + 1;
    this.#records[dataClass] += 1;
    this.#countDevice(number, 1);
    this.#waitingSamples += metrics.length;
    this.#bytes[dataClass] += body.length + RECORD_OVERHEAD_BYTES;
    return { ...record, range: { epoch: this.#epoch, first, last }, from, to };
  }

  /** Does nothing when there is no such record. */
  settle(first: number, last: number): void {
    this.#remove(first, last, true);
  }

  recall(runs: readonly Run[]): number {
    const recalled = this.#kept.recall(runs);
    for (const { bytes, dataClass, device, samples } of recalled) {
      this.#records[dataClass] += 1;
      this.#countDevice(device, 1);
      this.#waitingSamples += samples;
      this.#bytes[dataClass] += bytes + RECORD_OVERHEAD_BYTES;
    }
    return recalled.length;
  }

  #remove(first: number, last: number, keep: boolean): void {
    for (const dataClass of DATA_CLASSES) {
      if (this.#records[dataClass] === 0) continue;
      const row = this.#of(dataClass).find.get(first, last - first);
      if (row === undefined) continue;
      const bytes = Number(row.bytes);
      if (keep) this.#kept.take(dataClass, { first, last }, bytes, this.#now());
      this.#of(dataClass).remove.run(first);
      this.#records[dataClass] -= 1;
      this.#countDevice(Number(row.device), -1);
      this.#waitingSamples -= last - first + 1;
      this.#bytes[dataClass] -= bytes + RECORD_OVERHEAD_BYTES;
      return;
    }
  }

  giveUp(_dataClass: DataClass, rows: readonly StoredRow[]): void {
    for (const { first, last } of rows) {
      this.#remove(first, last, false);
      this.#lostSamples += last - first + 1;
    }
  }

  /** Samples lost before they were in the file. */
  countLost(samples: number): void {
    this.#lostSamples += samples;
  }

  /** The records of a class, the oldest first; `read` decodes one, and throws when its bytes make no sense. */
  *inOrder(dataClass: DataClass): Generator<StoredRow & { read(): OutboxRecord }> {
    if (this.#records[dataClass] === 0) return;
    for (const raw of this.#of(dataClass).inOrder.iterate()) {
      const row = storedRow(raw);
      yield { ...row, read: () => this.#decode(dataClass, row, raw) };
    }
  }

  /** The clock was set back, and everything that was recorded before has gone: see `core/set-back`. */
  get mustRetell(): boolean {
    if (this.#setBack.before === 0) return false;
    const lowest = DATA_CLASSES.flatMap((each) => this.#of(each).oldest.get()?.first ?? []).map(Number);
    return mustRetell(this.#setBack, lowest.length === 0 ? undefined : Math.min(...lowest));
  }

  retold(): void {
    this.#keepSetBack({ ...this.#setBack, before: 0 });
  }

  /** Event time of the oldest record. */
  oldest(): Timestamp | undefined {
    const times = DATA_CLASSES.flatMap((each) => this.#of(each).oldest.get()?.at ?? []).map(Number);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Devices of which records are in the file, as of the last transaction. */
  devicesWaiting(): readonly DeviceId[] {
    const names = [...this.#waitingOf]
      .filter(([, records]) => records > 0)
      .map(([number]) => this.dictionary.deviceName(number));
    return names.filter((name) => name !== "").map((name) => DeviceId(name));
  }

  keepCursor({ device, cursor }: DeviceCursor): void {
    const number = this.dictionary.deviceNumber(device);
    this.dictionary.write();
    this.#setCursor.run(cursor, number);
  }

  cursor(device: string): string | undefined {
    const row = this.#database.prepare("SELECT cursor FROM device WHERE name = ?").get(device);
    return typeof row?.cursor === "string" ? row.cursor : undefined;
  }

  remembered(key: string): number | undefined {
    const row = this.#meta.get(key);
    return row === undefined ? undefined : Number(row.value);
  }

  remember(key: string, value: number): void {
    this.#setMeta.run(key, value);
  }

  close(): void {
    this.#database.close();
  }

  #keepSetBack(setBack: SetBack): void {
    this.#setBack = setBack;
    this.remember("latest", setBack.latest);
    this.remember("set back", setBack.before);
  }

  #countDevice(number: number, change: number): void {
    this.#waitingChanges.set(number, (this.#waitingChanges.get(number) ?? 0) + change);
  }

  #decode(
    dataClass: DataClass,
    { first, from, last, to }: StoredRow,
    raw: Record<string, unknown>,
  ): OutboxRecord {
    const device = this.dictionary.deviceName(Number(raw.device));
    if (!(raw.body instanceof Uint8Array)) throw new Error(`record ${first} has no body`);
    const metrics = decodeBody(raw.body, from, this.dictionary);
    return { device, dataClass, metrics, range: { epoch: this.#epoch, first, last }, from, to };
  }

  #of(dataClass: DataClass): ClassStatements {
    const statements = this.#statements.get(dataClass);
    if (statements === undefined) throw new Error(`no table for ${dataClass}`);
    return statements;
  }
}

function storedRow(raw: Record<string, unknown>): StoredRow {
  const [first, from] = [Number(raw.first), Number(raw.at)];
  const bytes = Number(raw.bytes) + RECORD_OVERHEAD_BYTES;
  return { first, last: first + Number(raw.more), from, to: from + Number(raw.span), bytes };
}

function prepare(database: DatabaseSync, dataClass: DataClass): ClassStatements {
  const table = tableOf(dataClass);
  const row = "first, more, device, at, span, length(body) AS bytes";
  return {
    insert: database.prepare(
      `INSERT INTO ${table} (first, more, device, at, span, body) VALUES (?, ?, ?, ?, ?, ?)`,
    ),
    find: database.prepare(`SELECT device, length(body) AS bytes FROM ${table} WHERE first = ? AND more = ?`),
    remove: database.prepare(`DELETE FROM ${table} WHERE first = ?`),
    inOrder: database.prepare(`SELECT ${row}, body FROM ${table} ORDER BY first`),
    oldest: database.prepare(`SELECT ${row} FROM ${table} ORDER BY first`),
  };
}

function count(
  database: DatabaseSync,
  dataClass: DataClass,
): { records: number; samples: number; bytes: number } {
  const counts = "count(*) AS records, coalesce(sum(more + 1), 0) AS samples";
  const sql = `SELECT ${counts}, coalesce(sum(length(body)), 0) AS bytes FROM ${tableOf(dataClass)}`;
  const sums = database.prepare(sql).get();
  const records = Number(sums?.records);
  return {
    records,
    samples: Number(sums?.samples),
    bytes: Number(sums?.bytes) + records * RECORD_OVERHEAD_BYTES,
  };
}

function countByDevice(database: DatabaseSync): Map<number, number> {
  const all = DATA_CLASSES.map((each) => `SELECT device FROM ${tableOf(each)}`).join(" UNION ALL ");
  const rows = database.prepare(`SELECT device, count(*) AS records FROM (${all}) GROUP BY device`).all();
  return new Map(rows.map(({ device, records }) => [Number(device), Number(records)]));
}

function fromEntries(entries: readonly (readonly [DataClass, number])[]): Counts {
  return { alarm: 0, access: 0, state: 0, telemetry: 0, bulk: 0, ...Object.fromEntries(entries) };
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
