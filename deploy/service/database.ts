/**
 * A SQLite file of one process: readable by the hub alone, durable at each commit, and of a version that its tables carry.
 * An older file is brought up to date when it is opened, a newer one is refused.
 */
import { chmodSync, closeSync, mkdirSync, openSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { OperatorError } from "./lifecycle.ts";

/** A file whose committed transactions somebody else hears of, to keep a copy of its tables. */
export interface WatchedFile {
  readonly path: string;
  /** The tables are there and up to date. Answers with who is told of what follows. */
  readonly opened: (db: DatabaseSync) => Watcher;
}

export interface Watcher {
  /** After a transaction, or something outside of all. */
  committed(): void;
  /** Before the file is closed. */
  closing(): void;
}

/** Where a database is: its path, where nobody else is told. */
export type DatabaseFile = string | WatchedFile;

export const pathOf = (file: DatabaseFile): string => (typeof file === "string" ? file : file.path);

/** Transactions here begin and end by `exec`, and so a commit is seen where one ends. */
class WatchedDatabase extends DatabaseSync {
  #watcher: Watcher | undefined;

  override exec(sql: string): void {
    super.exec(sql);
    if (!this.isTransaction) this.#watcher?.committed();
  }

  override close(): void {
    this.#watcher?.closing();
    super.close();
  }

  watch(watcher: Watcher): void {
    this.#watcher = watcher;
  }
}

export interface DatabaseOptions {
  /** What is deleted is overwritten: for what must not be found on a disk that is thrown away. */
  readonly secureDelete?: boolean;
}

/**
 * Opens a file, or makes it. `versions` are the steps that made the tables what they are, oldest first, each without
 * `PRAGMA` and transactions of its own. Those that the file has not seen are run, each whole or not at all; before the first
 * of them the file is copied beside itself, as `<file>.version-<number>`, where the copy of the time before gives way. The first
 * step says `IF NOT EXISTS`: files of before 0.1.0 have its tables and no number. Throws {@link OperatorError} for a file of a
 * newer program, which is left as it is.
 */
export function openDatabase(
  where: DatabaseFile,
  versions: readonly string[],
  { secureDelete = false }: DatabaseOptions = {},
): DatabaseSync {
  const file = pathOf(where);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  closeSync(openSync(file, "a", 0o600));
  chmodSync(file, 0o600);
  const db = new WatchedDatabase(file);
  try {
    // Whoever keeps a copy is asked for it after a crash, not this disk.
    const synchronous = typeof where === "string" ? "FULL" : "OFF";
    db.exec(
      `PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous}; PRAGMA foreign_keys = ON;`,
    );
    if (secureDelete) db.exec("PRAGMA secure_delete = ON");
    bringUpToDate(db, file, versions);
    if (typeof where !== "string") db.watch(where.opened(db));
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** All of `work` or nothing of it. */
export function transaction<T>(db: DatabaseSync, work: () => T): T {
  db.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    db.exec("COMMIT");
    return result;
  } catch (error) {
    // SQLite itself may have taken back what a full disk did not hold.
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}

function bringUpToDate(db: DatabaseSync, file: string, versions: readonly string[]): void {
  const found = versionOf(db);
  if (found > versions.length)
    throw new OperatorError(
      `${file} is of a newer version of campus-ops (tables ${found}, this program knows ${versions.length}); it was left as it is: install that version again`,
    );
  if (found > 0 && found < versions.length) keepCopy(db, file, found);
  for (const [index, step] of versions.entries()) {
    if (index < found) continue;
    transaction(db, () => {
      // Another process may have been quicker.
      if (versionOf(db) > index) return;
      db.exec(step);
      db.exec(`PRAGMA user_version = ${index + 1}`);
    });
  }
}

function versionOf(db: DatabaseSync): number {
  return Number(db.prepare("PRAGMA user_version").get()?.user_version ?? 0);
}

function keepCopy(db: DatabaseSync, file: string, version: number): void {
  const copy = `${file}.version-${version}`;
  rmSync(`${copy}.new`, { force: true });
  closeSync(openSync(`${copy}.new`, "a", 0o600));
  db.prepare("VACUUM INTO ?").run(`${copy}.new`);
  const others = readdirSync(dirname(file)).filter((name) => name.startsWith(`${basename(file)}.version-`));
  renameSync(`${copy}.new`, copy);
  for (const name of others) if (name !== basename(copy)) rmSync(join(dirname(file), name), { force: true });
}
