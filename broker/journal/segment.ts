/**
 * One segment of the embedded journal: an SQLite file named by the number of its first entry.
 *
 * A segment stands by itself. It begins with the births that were current and the runs that were received when it was
 * begun, so retention can drop every older file and nothing that is left becomes unreadable.
 */
import { existsSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { type Address, CampusId, DeviceId, NodeId } from "@campus-ops/device-profiles/vocabulary";
import type { EntryKind, JournalEntry, NewEntry } from "./journal.ts";
import type { ReceivedRun } from "./received-ranges.ts";

const FORMAT = 1;
const NAME = /^(\d{15})\.sqlite$/;

/** Position in this list is what the file stores: append to it, never reorder. */
const KINDS = ["NBIRTH", "NDEATH", "DBIRTH", "DDEATH", "NDATA", "DDATA", "CLOCK"] as const;
const KIND_NUMBER = new Map<EntryKind, number>(KINDS.map((kind, index) => [kind, index]));

const SCHEMA = `
  CREATE TABLE segment (format INTEGER NOT NULL, first INTEGER NOT NULL) STRICT;
  CREATE TABLE births (
    seq INTEGER PRIMARY KEY, received_at INTEGER NOT NULL, kind INTEGER NOT NULL,
    campus TEXT, node TEXT, device TEXT, payload BLOB NOT NULL
  ) STRICT;
  CREATE TABLE received (
    node TEXT NOT NULL, epoch INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE entries (
    seq INTEGER PRIMARY KEY, received_at INTEGER NOT NULL, kind INTEGER NOT NULL,
    campus TEXT, node TEXT, device TEXT, payload BLOB NOT NULL,
    epoch INTEGER, first INTEGER, last INTEGER
  ) STRICT;
  CREATE INDEX entries_births ON entries (seq) WHERE kind IN (0, 2);
`;

export interface SegmentFile {
  readonly first: number;
  readonly path: string;
}

/** The segments in a folder, oldest first. */
export function listSegments(folder: string): SegmentFile[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .flatMap((name) => {
      const first = NAME.exec(name)?.[1];
      return first === undefined ? [] : [{ first: Number(first), path: join(folder, name) }];
    })
    .sort((a, b) => a.first - b.first);
}

export function segmentPath(folder: string, first: number): string {
  return join(folder, `${String(first).padStart(15, "0")}.sqlite`);
}

/** Bytes on disk, write-ahead log included. */
export function segmentBytes(path: string): number {
  return [path, `${path}-wal`].reduce((sum, file) => sum + (existsSync(file) ? statSync(file).size : 0), 0);
}

const COMPANIONS = ["", "-wal", "-shm"] as const;

export function deleteSegment(path: string): void {
  for (const suffix of COMPANIONS) rmSync(path + suffix, { force: true });
}

/** Moves a damaged segment out of the way, whole, for inspection. Returns its new path. */
export function setSegmentAside(path: string, stamp: number): string {
  const aside = `${path}.damaged-${stamp}`;
  for (const suffix of COMPANIONS) if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
  return aside;
}

interface Row {
  seq: number;
  received_at: number;
  kind: number;
  campus: string | null;
  node: string | null;
  device: string | null;
  payload: Uint8Array;
}

function toEntry(row: Row): JournalEntry {
  const kind = KINDS[row.kind];
  if (kind === undefined)
    throw new Error(`entry ${row.seq} is of kind ${row.kind}, which this version does not know`);
  const entry = { seq: row.seq, receivedAt: row.received_at, kind, payload: row.payload };
  return row.campus === null || row.node === null
    ? entry
    : { ...entry, address: toAddress(row.campus, row.node, row.device) };
}

/** Ids were checked when they were written; an id that is not one means damage, and throws. */
function toAddress(campus: string, node: string, device: string | null): Address {
  const base = { campus: CampusId(campus), node: NodeId(node) };
  return device === null ? base : { ...base, device: DeviceId(device) };
}

/** What one statement binds: the columns of `births`. */
function bindings(entry: JournalEntry | NewEntry, seq: number) {
  return [
    seq,
    entry.receivedAt,
    KIND_NUMBER.get(entry.kind) ?? -1,
    entry.address?.campus ?? null,
    entry.address?.node ?? null,
    entry.address?.device ?? null,
    entry.payload,
  ] as const;
}

const COLUMNS = "seq, received_at, kind, campus, node, device, payload";

/** A segment open for reading. Every method may throw when the file is damaged. */
export class SegmentReader {
  readonly first: number;
  readonly path: string;
  protected readonly database: DatabaseSync;
  readonly #read: StatementSync;
  readonly #last: StatementSync;

  constructor(file: SegmentFile, database = new DatabaseSync(file.path, { readOnly: true })) {
    this.first = file.first;
    this.path = file.path;
    this.database = database;
    try {
      const found = database.prepare("SELECT format FROM segment").get() as { format: number } | undefined;
      if (found?.format !== FORMAT)
        throw new Error(`${file.path} is of format ${found?.format ?? "none"}; this version reads ${FORMAT}`);
      this.#read = database.prepare(`SELECT ${COLUMNS} FROM entries WHERE seq > ? ORDER BY seq LIMIT ?`);
      this.#last = database.prepare("SELECT max(seq) AS last FROM entries");
    } catch (error) {
      database.close();
      throw error;
    }
  }

  read(after: number, limit: number): JournalEntry[] {
    return (this.#read.all(after, limit) as unknown as Row[]).map(toEntry);
  }

  /** The newest number in it, or the one before its first when it is empty. */
  last(): number {
    return (this.#last.get() as { last: number | null }).last ?? this.first - 1;
  }

  lastReceivedAt(): number {
    const row = this.database
      .prepare("SELECT received_at AS at FROM entries ORDER BY seq DESC LIMIT 1")
      .get();
    return (row as { at: number } | undefined)?.at ?? 0;
  }

  /** All births at or before `seq` that this segment knows, oldest first: the ones it began with, and its own. */
  births(seq: number): JournalEntry[] {
    const carried = this.database
      .prepare(`SELECT ${COLUMNS} FROM births WHERE seq <= ? ORDER BY seq`)
      .all(seq);
    const own = this.database
      .prepare(`SELECT ${COLUMNS} FROM entries WHERE kind IN (0, 2) AND seq <= ? ORDER BY seq`)
      .all(seq);
    return [...carried, ...own].map((row) => toEntry(row as unknown as Row));
  }

  *received(): Generator<ReceivedRun> {
    const carried = this.database.prepare("SELECT node, epoch, first, last FROM received");
    for (const row of carried.iterate()) yield row as unknown as ReceivedRun;
    const own = this.database.prepare(
      "SELECT campus || '/' || node AS node, epoch, first, last FROM entries WHERE epoch IS NOT NULL",
    );
    for (const row of own.iterate()) yield row as unknown as ReceivedRun;
  }

  /** Throws when the file is damaged. */
  check(): void {
    const result = this.database.prepare("PRAGMA quick_check(1)").get() as { quick_check: string };
    if (result.quick_check !== "ok") throw new Error(`${this.path} is damaged: ${result.quick_check}`);
  }

  close(): void {
    this.database.close();
  }
}

/** The newest segment, open for appending. */
export class SegmentWriter extends SegmentReader {
  readonly #insert: StatementSync;

  constructor(file: SegmentFile, database = openForWriting(file.path)) {
    super(file, database);
    this.#insert = database.prepare(
      `INSERT INTO entries (${COLUMNS}, epoch, first, last) VALUES (?,?,?,?,?,?,?,?,?,?)`,
    );
  }

  /** Makes a new segment, durably, before its first entry. */
  static create(
    file: SegmentFile,
    births: readonly JournalEntry[],
    received: Iterable<ReceivedRun>,
  ): SegmentWriter {
    // Made under another name first: a crash in between leaves no half segment behind.
    const draft = `${file.path}.new`;
    deleteSegment(draft);
    const database = openForWriting(draft);
    try {
      database.exec(`BEGIN; ${SCHEMA}`);
      database.prepare("INSERT INTO segment VALUES (?, ?)").run(FORMAT, file.first);
      const birth = database.prepare(`INSERT INTO births (${COLUMNS}) VALUES (?,?,?,?,?,?,?)`);
      for (const entry of births) birth.run(...bindings(entry, entry.seq));
      const run = database.prepare("INSERT INTO received VALUES (?, ?, ?, ?)");
      for (const { node, epoch, first, last } of received) run.run(node, epoch, first, last);
      database.exec("COMMIT");
      database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    } finally {
      database.close();
    }
    renameSync(draft, file.path);
    return new SegmentWriter(file);
  }

  /** Inserts in one transaction, durable when it returns; throws, with nothing inserted, when it cannot. */
  insert(entries: readonly NewEntry[], firstSeq: number): void {
    this.database.exec("BEGIN IMMEDIATE");
    try {
      let seq = firstSeq;
      for (const entry of entries) {
        const { range } = entry;
        this.#insert.run(
          ...bindings(entry, seq),
          range?.epoch ?? null,
          range?.first ?? null,
          range?.last ?? null,
        );
        seq += 1;
      }
      this.database.exec("COMMIT");
    } catch (error) {
      if (this.database.isTransaction) this.database.exec("ROLLBACK");
      throw error;
    }
  }

  /** Called when no more will be written: leaves a single file behind, where the disk has room for that. */
  seal(): void {
    try {
      this.database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    } catch {
      // What is in the write-ahead log is as durable there, and is read from there.
    } finally {
      this.close();
    }
  }
}

function openForWriting(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  // FULL: a commit is on disk when it returns. NORMAL may lose commits on a power cut.
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000");
  return database;
}
