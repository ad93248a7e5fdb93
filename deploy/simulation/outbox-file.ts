/** The outbox's file on a simulated disk: numbers, records and counts as the SQLite one keeps them. */

import { DATA_CLASSES, type DataClass, type Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { RecordMedium } from "@campus-ops/edge-agent/core/outbox-queue";
import type { EncodedRecord, NewRecord, OutboxRecord, StoredRow } from "@campus-ops/edge-agent/core/record";
import { mustRetell, NEVER_SET_BACK, recordedAt, type SetBack } from "@campus-ops/edge-agent/core/set-back";
import type { SimulatedDisk, Table } from "./disk.ts";

/** About what a record takes in the real file: row and cell, and a body of so many bytes a metric. */
const RECORD_BYTES = 24;
const METRIC_BYTES = 14;

interface Stored {
  readonly record: OutboxRecord;
  readonly row: StoredRow;
}

/** What one transaction did, told once it is durable. */
export interface OutboxChange {
  readonly inserted: readonly OutboxRecord[];
  /** Deleted because the host said that it holds them. */
  readonly removed: readonly OutboxRecord[];
  readonly givenUp: readonly OutboxRecord[];
}

/** What lies on the disk, whoever has it open. */
export interface OutboxTables {
  readonly records: ReadonlyMap<DataClass, Table<number, Stored>>;
  readonly numbers: Table<string, number>;
}

export function outboxTables(disk: SimulatedDisk): OutboxTables {
  return {
    records: new Map(DATA_CLASSES.map((each) => [each, disk.table<number, Stored>()])),
    numbers: disk.table<string, number>(),
  };
}

export interface OutboxFileOptions {
  readonly disk: SimulatedDisk;
  readonly tables: OutboxTables;
  readonly now: () => Timestamp;
  readonly onDurable: (change: OutboxChange) => void;
  /** The next number, from the one that was stored and the highest that still waits. */
  readonly nextNumber: (stored: number, highestWaiting: number) => number;
}

type Counts = Record<DataClass, number>;

export class SimulatedOutboxFile implements RecordMedium<EncodedRecord> {
  readonly epoch: number;
  readonly #options: OutboxFileOptions;
  #records: Counts;
  #bytes: Counts;
  #next: number;
  #change: { inserted: OutboxRecord[]; removed: OutboxRecord[]; givenUp: OutboxRecord[] } = nothing();

  constructor(options: OutboxFileOptions) {
    this.#options = options;
    const { nextNumber, now, tables } = options;
    this.epoch = tables.numbers.get("epoch") ?? now();
    this.#records = counts((each) => this.#table(each).size);
    this.#bytes = counts((each) =>
      [...this.#table(each).values()].reduce((sum, { row }) => sum + row.bytes, 0),
    );
    const waiting = [...tables.records.values()].flatMap((table) => [...table.values()]);
    const highest = Math.max(0, ...waiting.map(({ row }) => row.last));
    this.#next = nextNumber(tables.numbers.get("next") ?? 1, highest);
    if (tables.numbers.get("epoch") === undefined) this.transaction(() => undefined);
  }

  get records(): Readonly<Counts> {
    return this.#records;
  }

  get bytes(): Readonly<Counts> {
    return this.#bytes;
  }

  remembered(key: string): number | undefined {
    return this.#options.tables.numbers.get(key);
  }

  remember(key: string, value: number): void {
    this.#options.disk.transaction(() => this.#options.tables.numbers.put(key, value));
    this.#options.disk.sync();
  }

  get mustRetell(): boolean {
    const waiting = DATA_CLASSES.flatMap((each) =>
      [...this.#table(each).values()].map(({ row }) => row.first),
    );
    return mustRetell(this.#setBack, waiting.length === 0 ? undefined : Math.min(...waiting));
  }

  retold(): void {
    this.remember("set back", 0);
  }

  get #setBack(): SetBack {
    const { numbers } = this.#options.tables;
    return {
      latest: numbers.get("latest") ?? NEVER_SET_BACK.latest,
      before: numbers.get("set back") ?? NEVER_SET_BACK.before,
    };
  }

  transaction(work: () => void): void {
    const { disk, now, onDurable, tables } = this.#options;
    const before = { records: this.#records, bytes: this.#bytes, next: this.#next };
    this.#records = { ...before.records };
    this.#bytes = { ...before.bytes };
    const change = nothing();
    this.#change = change;
    try {
      disk.transaction(
        () => {
          const { before: first, latest } = recordedAt(this.#setBack, now(), this.#next);
          tables.numbers.put("latest", latest);
          tables.numbers.put("set back", first);
          work();
          tables.numbers.put("next", this.#next);
          tables.numbers.put("epoch", this.epoch);
        },
        () => onDurable(change),
      );
      disk.sync();
    } catch (error) {
      this.#records = before.records;
      this.#bytes = before.bytes;
      this.#next = before.next;
      throw error;
    }
  }

  encode(record: NewRecord): EncodedRecord {
    const times = record.metrics.map(({ timestamp }) => timestamp ?? 0);
    return { record, from: Math.min(...times), to: Math.max(...times) };
  }

  insert({ record, from, to }: EncodedRecord): OutboxRecord {
    const first = this.#next;
    const last = first + record.metrics.length - 1;
    const bytes = RECORD_BYTES + METRIC_BYTES * record.metrics.length;
    const numbered: OutboxRecord = { ...record, range: { epoch: this.epoch, first, last }, from, to };
    this.#table(record.dataClass).put(first, { record: numbered, row: { first, last, from, to, bytes } });
    this.#next = last + 1;
    this.#records[record.dataClass] += 1;
    this.#bytes[record.dataClass] += bytes;
    this.#change.inserted.push(numbered);
    return numbered;
  }

  settle(first: number, last: number): void {
    for (const dataClass of DATA_CLASSES) {
      const stored = this.#table(dataClass).get(first);
      if (stored === undefined || stored.row.last !== last) continue;
      this.#delete(dataClass, stored);
      this.#change.removed.push(stored.record);
      return;
    }
  }

  /** These hubs are never put back from a backup, and nothing is kept for them. */
  recall(): number {
    return 0;
  }

  giveUp(dataClass: DataClass, rows: readonly StoredRow[]): void {
    for (const { first } of rows) {
      const stored = this.#table(dataClass).get(first);
      if (stored === undefined) continue;
      this.#delete(dataClass, stored);
      this.#change.givenUp.push(stored.record);
    }
  }

  countLost(): void {
    // A statistic of the real file; nothing is decided by it.
  }

  keepCursor(): void {
    // The simulated devices have no log of their own.
  }

  *inOrder(dataClass: DataClass): Generator<StoredRow & { read(): OutboxRecord }> {
    for (const { record, row } of this.#table(dataClass).values()) yield { ...row, read: () => record };
  }

  #delete(dataClass: DataClass, { row }: Stored): void {
    this.#table(dataClass).delete(row.first);
    this.#records[dataClass] -= 1;
    this.#bytes[dataClass] -= row.bytes;
  }

  #table(dataClass: DataClass): Table<number, Stored> {
    const table = this.#options.tables.records.get(dataClass);
    if (table === undefined) throw new Error(`no table for ${dataClass}`);
    return table;
  }
}

function nothing() {
  return { inserted: [], removed: [], givenUp: [] };
}

function counts(of: (dataClass: DataClass) => number): Counts {
  return {
    alarm: of("alarm"),
    access: of("access"),
    state: of("state"),
    telemetry: of("telemetry"),
    bulk: of("bulk"),
  };
}
