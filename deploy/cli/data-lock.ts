/**
 * One hub a data folder. The lock is the kernel's, taken through SQLite, so that it falls with the process that held
 * it, whatever end that came to: there is no stale lock to clean up and no process id to mistake for another.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { OperatorError } from "@campus-ops/service";

export interface DataLock {
  release(): void;
}

/** A database that nobody refers to is closed by the garbage collector, and its lock falls. */
const held = new Set<DatabaseSync>();

/** Throws an {@link OperatorError} that names the holder. */
export function lockData(data: string): DataLock {
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const note = join(data, "hub.pid");
  const database = new DatabaseSync(join(data, "hub.lock"));
  try {
    database.exec("PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    const { errcode } = error as { errcode?: number };
    if (errcode !== SQLITE_BUSY) throw error;
    throw new OperatorError(
      `another campus-ops${holder(note)} already runs on ${data}. Stop it first, or choose another folder: CAMPUS_OPS_DATA=/path/to/another campus-ops up`,
      {
        zh: `${data} 上已有另一个 campus-ops 在运行（进程号见 ${note}）。请先停止它，或换一个文件夹：CAMPUS_OPS_DATA=/另一个文件夹 campus-ops up`,
      },
    );
  }
  held.add(database);
  writeFileSync(note, `${process.pid}\n`);
  return {
    release: () => {
      rmSync(note, { force: true });
      held.delete(database);
      database.close();
    },
  };
}

/** Primary result code, sqlite.org/rescode.html#busy. */
const SQLITE_BUSY = 5;

function holder(note: string): string {
  try {
    return ` (process ${Number.parseInt(readFileSync(note, "utf8"), 10)})`;
  } catch {
    return "";
  }
}
