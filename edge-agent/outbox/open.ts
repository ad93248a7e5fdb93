/**
 * Opening the outbox's file, or setting it aside. A file that SQLite calls damaged is renamed for inspection and a new
 * one begun: an agent that reports again is worth more than one that waits for a person, and the loss is told.
 */
import { existsSync, mkdirSync, renameSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { OperatorError } from "@campus-ops/service/process";
import { PRAGMAS, SCHEMA, SCHEMA_VERSION } from "./schema.ts";

/** How long another process's lock is waited out: a predecessor that is ending holds it for a moment. */
const BUSY_MS_MAX = 2_000;

export interface OpenedFile {
  readonly database: DatabaseSync;
  /** Where a damaged file was put and what was wrong with it. */
  readonly setAside?: { readonly file: string; readonly reason: string };
}

export function openFile(file: string, now: number): OpenedFile {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  try {
    return { database: openSound(file) };
  } catch (error) {
    if (resultCode(error) === SQLITE_BUSY) {
      throw new OperatorError(
        `the outbox ${file} is in use by another process. One edge agent owns it: stop the other one, ` +
          "or give this one a node id or a data folder of its own",
      );
    }
    if (!isDamage(error)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    const aside = setAside(file, now);
    return { database: openSound(file), setAside: { file: aside, reason } };
  }
}

class DamagedFileError extends Error {
  override readonly name = "DamagedFileError";
}

function openSound(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: BUSY_MS_MAX });
  try {
    const version = Number(database.prepare("PRAGMA user_version").get()?.user_version ?? 0);
    if (version !== 0 && version !== SCHEMA_VERSION) {
      throw new DamagedFileError(
        `its format is version ${version}; this agent reads version ${SCHEMA_VERSION}`,
      );
    }
    database.exec(PRAGMAS);
    const verdict = database.prepare("PRAGMA quick_check(1)").get()?.quick_check;
    if (verdict !== "ok") throw new DamagedFileError(String(verdict));
    database.exec(SCHEMA);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** SQLITE_CORRUPT and SQLITE_NOTADB: the bytes are wrong, as opposed to a disk that is full or a file that is locked. */
const SQLITE_BUSY = 5;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

export function isDamage(error: unknown): boolean {
  if (error instanceof DamagedFileError) return true;
  return [SQLITE_CORRUPT, SQLITE_NOTADB].includes(resultCode(error));
}

/** SQLite's primary result code, without what an extended one adds; 0 for an error that is not SQLite's. */
function resultCode(error: unknown): number {
  const code = error instanceof Error && "errcode" in error ? error.errcode : 0;
  return typeof code === "number" ? code & 0xff : 0;
}

/** Moves the file and its write-ahead log out of the way; returns the new name. */
function setAside(file: string, now: number): string {
  const stamp = new Date(now).toISOString().replaceAll(/[:.]/g, "-");
  const aside = `${file}.damaged-${stamp}`;
  renameSync(file, aside);
  for (const suffix of ["-wal", "-shm"]) {
    if (existsSync(file + suffix)) renameSync(file + suffix, aside + suffix);
  }
  return aside;
}
