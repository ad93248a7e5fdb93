/**
 * What a worker keeps of one campus. The work is done in SQLite files of this machine; what their transactions committed is
 * written to PostgreSQL under the lease's number, all files in one transaction, and counts only then.
 */
import { mkdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { transaction, type WatchedFile } from "../database.ts";
import { holdFence, type Lease, OvertakenError } from "./leases.ts";
import { definitionOf, Mirror, quoted, type Table, type TableChanges, tablesOf } from "./mirror.ts";
import { inTransaction, type Postgres } from "./postgres.ts";
import { emptyTables, makeTables, readRows, schemaOf, writeChanges } from "./tables.ts";

/** What nobody waits for is written this often. */
export const WRITE_MS = 500;
/** While so much has not been written, whoever asks for room waits. */
export const WAITING_ROWS_MAX = 50_000;
const RETRY_MS = 500;
/** A server that is away holds up the end for so long. */
const CLOSE_MS_MAX = 2_000;

export interface LedgerEvents {
  /** PostgreSQL does not answer; it is tried again until it does. Told once, until it is back. */
  readonly onAway: (error: unknown) => void;
  readonly onBack: () => void;
  /** Another worker has the campus. Nothing is written any more, and nobody who waits is answered. */
  readonly onOvertaken: (error: OvertakenError) => void;
}

/** What is committed to SQLite and not yet where it counts. */
export interface Kept {
  /** Resolves once everything that was committed when it was asked counts; where it never will, it never does. */
  settled(): Promise<void>;
  /** Resolves when there is room for more. */
  room(): Promise<void>;
}

interface File {
  readonly name: string;
  readonly schema: string;
  readonly db: DatabaseSync;
  readonly mirror: Mirror;
  /** What its tables were made by when they were last written; something else, and all of them are written anew. */
  definition: string | undefined;
  /** SQLite's number of that definition, of this file. */
  schemaVersion: number | undefined;
  /** What was left when it was closed. */
  last: Batch | undefined;
}

interface Batch {
  readonly file: File;
  readonly changes: readonly TableChanges[];
  /** Where the tables themselves have changed. */
  readonly anew?: {
    readonly definition: string;
    readonly version: number;
    readonly tables: readonly Table[];
  };
}

export class Ledger implements Kept {
  readonly #postgres: Postgres;
  readonly #lease: Lease;
  readonly #folder: string;
  readonly #events: LedgerEvents;
  readonly #definitions = new Map<string, string>();
  readonly #files: File[] = [];
  readonly #closing = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  /** Runs, or has run, what was written last. */
  #writing: Promise<boolean> = Promise.resolve(true);
  #next: Promise<boolean> | undefined;
  #away = false;
  #whenAway = Promise.withResolvers<void>();
  #overtaken = false;
  /** Transactions with PostgreSQL, and rows in them. */
  commits = 0;
  rows = 0;

  private constructor(postgres: Postgres, lease: Lease, folder: string, events: LedgerEvents) {
    this.#postgres = postgres;
    this.#lease = lease;
    this.#folder = folder;
    this.#events = events;
  }

  /** Writes the campus's rows into fresh files of `folder`, and watches them. Throws {@link OvertakenError}. */
  static async open(
    postgres: Postgres,
    lease: Lease,
    folder: string,
    events: LedgerEvents,
    every_ms = WRITE_MS,
  ): Promise<Ledger> {
    const ledger = new Ledger(postgres, lease, folder, events);
    await ledger.#restore();
    ledger.#timer = setInterval(() => void ledger.settled(), every_ms);
    return ledger;
  }

  /** A SQLite file of the campus. */
  readonly file = (name: string): WatchedFile => ({
    path: join(this.#folder, name),
    opened: (db) => {
      const mirror = new Mirror(db);
      const schema = schemaOf(this.#lease.role, name);
      const file: File = {
        name,
        schema,
        db,
        mirror,
        definition: this.#definitions.get(name),
        schemaVersion: undefined,
        last: undefined,
      };
      this.#files.push(file);
      return {
        committed: () => mirror.collect(),
        closing: () => {
          file.last = collected(file);
        },
      };
    },
  });

  /**
   * Resolves once all that was committed to SQLite when it was asked is in PostgreSQL. Never while that is away, and never
   * again once another worker has the campus.
   */
  async settled(): Promise<void> {
    // Whoever waits must not be told that it is kept.
    if (!(await this.#written())) await new Promise(() => undefined);
  }

  /** As {@link settled}; but resolves as well while PostgreSQL is away, when nobody can say whether it ever will be. */
  async settledOrAway(): Promise<void> {
    if (!this.#away) await Promise.race([this.settled(), this.#whenAway.promise]);
  }

  /** Resolves at once unless PostgreSQL has fallen behind: whoever makes more waits here. */
  room(): Promise<void> {
    const waiting = this.#files.reduce((sum, { mirror }) => sum + mirror.waiting, 0);
    return this.#away || waiting > WAITING_ROWS_MAX ? this.settled() : Promise.resolve();
  }

  /** Writes what is left and stops. What cannot be written any more is left to the next holder, who does it again. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    const patience = setTimeout(() => this.#closing.abort(), CLOSE_MS_MAX);
    await this.#written();
    clearTimeout(patience);
    this.#closing.abort();
  }

  /** False when it will never be. */
  #written(): Promise<boolean> {
    // One that has not begun yet will write what there is by then.
    this.#next ??= this.#writing.then(() => {
      this.#next = undefined;
      this.#writing = this.#write();
      return this.#writing;
    });
    return this.#next;
  }

  async #restore(): Promise<void> {
    const { role, campus } = this.#lease;
    rmSync(this.#folder, { recursive: true, force: true });
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const work = async (connection: Parameters<typeof holdFence>[0]): Promise<void> => {
      await holdFence(connection, this.#lease);
      const { rows } = await connection.query<{ name: string; version: number; definition: string }>(
        "SELECT name, version, definition FROM campus_ops.databases WHERE role = $1 AND campus = $2",
        [role, campus],
      );
      for (const { name, version, definition } of rows) {
        const db = new DatabaseSync(join(this.#folder, basename(name)));
        try {
          db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF");
          db.exec(definition);
          for (const table of tablesOf(db)) {
            const insert = db.prepare(
              `INSERT INTO ${quoted(table.name)} VALUES (${table.columns.map(() => "?").join(", ")})`,
            );
            for await (const page of readRows(connection, schemaOf(role, name), campus, table))
              transaction(db, () => {
                for (const row of page) insert.run(...row);
              });
          }
          db.exec(`PRAGMA user_version = ${version}`);
          this.#definitions.set(name, `${version} ${definition}`);
        } finally {
          db.close();
        }
      }
    };
    await inTransaction(this.#postgres, work);
  }

  /** One after the other. Does not reject: what failed is tried again, until it is written or the ledger is closed. */
  async #write(): Promise<boolean> {
    const batches = this.#files.flatMap((file) => collected(file) ?? []);
    if (batches.length === 0) return !this.#overtaken;
    while (!this.#overtaken && !this.#closing.signal.aborted) {
      try {
        await this.#commit(batches);
        if (this.#away) {
          this.#events.onBack();
          this.#whenAway = Promise.withResolvers();
        }
        this.#away = false;
        return true;
      } catch (error) {
        if (error instanceof OvertakenError) {
          this.#overtaken = true;
          this.#events.onOvertaken(error);
          return false;
        }
        if (!this.#away) this.#events.onAway(error);
        this.#away = true;
        this.#whenAway.resolve();
        await sleep(RETRY_MS, undefined, { signal: this.#closing.signal }).catch(() => undefined);
      }
    }
    return false;
  }

  async #commit(batches: readonly Batch[]): Promise<void> {
    const { role, campus } = this.#lease;
    for (const { anew, file } of batches)
      if (anew !== undefined) await makeTables(this.#postgres, file.schema, anew.tables);
    await inTransaction(this.#postgres, async (connection) => {
      await holdFence(connection, this.#lease);
      for (const { file, changes, anew } of batches) {
        if (anew !== undefined) {
          await emptyTables(connection, file.schema, anew.tables, campus);
          await connection.query(
            `INSERT INTO campus_ops.databases VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (role, campus, name) DO UPDATE SET version = excluded.version, definition = excluded.definition`,
            [role, campus, file.name, anew.version, anew.definition],
          );
        }
        for (const each of changes) await writeChanges(connection, file.schema, campus, each);
      }
    });
    this.commits += 1;
    this.rows += batches
      .flatMap(({ changes }) => changes)
      .reduce((sum, { written, deleted }) => sum + written.size + deleted.size, 0);
  }
}

/** What is to be written of a file; undefined when that is nothing. */
function collected(file: File): Batch | undefined {
  const { db, mirror } = file;
  if (!db.isOpen) {
    const { last } = file;
    file.last = undefined;
    return last;
  }
  mirror.collect();
  const schemaVersion = pragma(db, "schema_version");
  if (file.schemaVersion !== schemaVersion) {
    // What is under way may still be taken back, and the tables with it.
    if (db.isTransaction) return undefined;
    const version = pragma(db, "user_version");
    const definition = definitionOf(db);
    const isKnown = file.definition === `${version} ${definition}`;
    file.schemaVersion = schemaVersion;
    file.definition = `${version} ${definition}`;
    if (!isKnown) {
      mirror.collectAll();
      return { file, changes: mirror.take(), anew: { definition, version, tables: tablesOf(db) } };
    }
  }
  const changes = mirror.take();
  return changes.length === 0 ? undefined : { file, changes };
}

const pragma = (db: DatabaseSync, name: string): number =>
  Number(db.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0);
