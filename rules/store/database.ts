/** One SQLite file of the rules process: durable at each commit, statements prepared once, a full disk told by name. */
import { basename } from "node:path";
import type { DatabaseSync, StatementResultingChanges, StatementSync } from "node:sqlite";
import {
  type DatabaseFile,
  type DatabaseOptions,
  openDatabase,
  pathOf,
  transaction,
} from "@campus-ops/service/database";

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

  /** Opens `file`, or makes it; `versions` are the steps that made its tables what they are, see `openDatabase`. */
  constructor(file: DatabaseFile, versions: readonly string[], options: DatabaseOptions = {}) {
    this.#name = basename(pathOf(file));
    this.#db = openDatabase(file, versions, options);
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
    try {
      return transaction(this.#db, work);
    } catch (error) {
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
