/** One SQLite file of the rules process: durable at each commit, statements prepared once, a full disk told by name. */
import { mkdirSync } from "node:fs";
import { basename, dirname } from "node:path";
import { DatabaseSync, type StatementResultingChanges, type StatementSync } from "node:sqlite";

/** Nothing was kept: the disk under the store is full. Answered to people as “not now”. */
export class StoreFullError extends Error {
  override readonly name = "StoreFullError";
  readonly statusCode = 503;
}

/** Primary result code of SQLite. */
const SQLITE_FULL = 13;

type Value = string | number | null;

export class Database {
  readonly #db: DatabaseSync;
  readonly #name: string;
  readonly #statements = new Map<string, StatementSync>();

  /** Opens `file`, or makes it, and sees to it that `schema` is there. */
  constructor(file: string, schema: string) {
    mkdirSync(dirname(file), { recursive: true });
    this.#name = basename(file);
    this.#db = new DatabaseSync(file);
    this.#db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000;");
    this.#db.exec(schema);
  }

  rows(sql: string, ...values: readonly Value[]): Record<string, unknown>[] {
    return this.#statement(sql).all(...values) as Record<string, unknown>[];
  }

  /** Throws {@link StoreFullError} on a full disk. */
  run(sql: string, ...values: readonly Value[]): StatementResultingChanges {
    try {
      return this.#statement(sql).run(...values);
    } catch (error) {
      throw this.#told(error);
    }
  }

  /** All of `work` or nothing of it. Throws {@link StoreFullError} on a full disk. */
  transaction<T>(work: () => T): T {
    this.#db.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.#db.exec("COMMIT");
      return result;
    } catch (error) {
      // SQLite itself may have taken back what a full disk did not hold.
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
      throw this.#told(error);
    }
  }

  close(): void {
    this.#statements.clear();
    this.#db.close();
  }

  #told(error: unknown): unknown {
    return isFull(error)
      ? new StoreFullError(`the disk under ${this.#name} is full`, { cause: error })
      : error;
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

function isFull(error: unknown): boolean {
  return (
    error instanceof Error &&
    "errcode" in error &&
    typeof error.errcode === "number" &&
    (error.errcode & 0xff) === SQLITE_FULL
  );
}
