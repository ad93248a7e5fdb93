/** How far the store has been told what the rules count. Telling again is harmless, so this may lag behind and never leads. */

import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { DatabaseFile } from "@campus-ops/service/database";
import { Database } from "../store/database.ts";

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS told (
    family TEXT NOT NULL, campus TEXT NOT NULL, until INTEGER NOT NULL, PRIMARY KEY (family, campus)) STRICT;
  CREATE TABLE IF NOT EXISTS transitions (id INTEGER PRIMARY KEY CHECK (id = 1), last INTEGER NOT NULL) STRICT;
`;

/** The end of what was told of a campus. */
export interface Told {
  readonly campus: string;
  readonly until: Timestamp;
}

export class SeriesStore {
  readonly #db: Database;

  constructor(file: DatabaseFile) {
    this.#db = new Database(file, [SCHEMA]);
  }

  /** The end of what was told of a campus; undefined before the first time. */
  until(family: string, campus: string): Timestamp | undefined {
    const row = this.#db.rows("SELECT until FROM told WHERE family = ? AND campus = ?", family, campus)[0];
    return row === undefined ? undefined : Number(row.until);
  }

  /** All of it, or nothing. */
  told(family: string, campuses: readonly Told[]): void {
    this.#db.transaction(() => {
      for (const { campus, until } of campuses)
        this.#db.run("INSERT OR REPLACE INTO told VALUES (?, ?, ?)", family, campus, until);
    });
  }

  /** Number of the newest transition of an alarm that was told. */
  get transition(): number {
    return Number(this.#db.rows("SELECT last FROM transitions")[0]?.last ?? 0);
  }

  set transition(last: number) {
    this.#db.run("INSERT OR REPLACE INTO transitions VALUES (1, ?)", last);
  }

  close(): void {
    this.#db.close();
  }
}
