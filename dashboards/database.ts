/** A SQLite file of this process: readable by the hub alone, durable at each commit, with a version of its tables. */
import { chmodSync, closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { OperatorError } from "@campus-ops/service";

/**
 * Opens `file`, or makes it. `versions` are the steps that made the tables what they are, oldest first; those that the
 * file has not seen are run, each whole or not at all. Throws {@link OperatorError} for a file of a newer program.
 */
export function openDatabase(file: string, versions: readonly string[]): DatabaseSync {
  mkdirSync(dirname(file), { recursive: true });
  closeSync(openSync(file, "a", 0o600));
  chmodSync(file, 0o600);
  const db = new DatabaseSync(file);
  db.exec(
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON;",
  );
  const version = Number(db.prepare("PRAGMA user_version").get()?.user_version ?? 0);
  if (version > versions.length) {
    db.close();
    throw new OperatorError(
      `${file} is of a newer version of campus-ops (tables ${version}, this program knows ${versions.length}); it was left as it is: install that version again`,
    );
  }
  for (const [index, step] of versions.entries()) {
    if (index >= version) db.exec(`BEGIN IMMEDIATE; ${step}; PRAGMA user_version = ${index + 1}; COMMIT`);
  }
  return db;
}

/** All of `work` or nothing of it. */
export function transaction<T>(db: DatabaseSync, work: () => T): T {
  db.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    db.exec("COMMIT");
    return result;
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}
