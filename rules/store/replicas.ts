/** Facts of alarms that several hubs know, in the file of the alarms themselves and in their transactions. */

import { type BookChanges, type BookEntry, owedTo, type Shelf } from "../core/replica/book.ts";
import type { Stamp } from "../core/replica/hybrid-clock.ts";
import { BEGINNING } from "../core/replica/hybrid-clock.ts";
import type { AlarmRecord } from "../core/view.ts";
import type { Database } from "./database.ts";

export const REPLICAS_SCHEMA = `
  CREATE TABLE IF NOT EXISTS replicas (
    alarm TEXT PRIMARY KEY, n INTEGER NOT NULL UNIQUE, via TEXT, owed INTEGER NOT NULL, json TEXT NOT NULL) STRICT;
  CREATE INDEX IF NOT EXISTS replicas_by_via ON replicas (via) WHERE via IS NOT NULL;
  CREATE INDEX IF NOT EXISTS replicas_owed ON replicas (owed) WHERE owed = 1;
  CREATE TABLE IF NOT EXISTS hybrid_clock (id INTEGER PRIMARY KEY CHECK (id = 1), json TEXT NOT NULL) STRICT;
`;

export class ReplicaRows implements Shelf {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Within a transaction. */
  save({ clock, entries }: BookChanges): void {
    if (entries.size === 0) return;
    for (const [alarm, entry] of entries)
      this.#db.run(
        "INSERT OR REPLACE INTO replicas VALUES (?, (SELECT coalesce(max(n), 0) + 1 FROM replicas), ?, ?, ?)",
        alarm,
        entry.told?.via ?? null,
        owedTo(entry) === undefined ? 0 : 1,
        JSON.stringify(entry),
      );
    this.#db.run("INSERT OR REPLACE INTO hybrid_clock VALUES (1, ?)", JSON.stringify(clock));
  }

  entry(alarm: string): BookEntry | undefined {
    const row = this.#db.rows("SELECT json FROM replicas WHERE alarm = ?", alarm)[0];
    return row === undefined ? undefined : (JSON.parse(String(row.json)) as BookEntry);
  }

  standingOf(hub: string): readonly string[] {
    return this.#db
      .rows(
        `SELECT alarm FROM replicas JOIN alarms ON alarms.id = replicas.alarm
         WHERE via >= ?1 AND via < ?1 || '0' AND state <> 'normal' ORDER BY alarm`,
        hub,
      )
      .map(({ alarm }) => String(alarm));
  }

  /** Alarms of a campus whose facts changed after number `after`, and the number up to which these are all. */
  changed(
    campus: string,
    after: number,
    limit: number,
  ): {
    readonly upTo: number;
    readonly rows: readonly { n: number; alarm: AlarmRecord; entry: BookEntry }[];
  } {
    const rows = this.#db
      .rows(
        `SELECT n, json, record FROM replicas JOIN alarms ON alarms.id = replicas.alarm
         WHERE n > ? AND campus = ? ORDER BY n LIMIT ?`,
        after,
        campus,
        limit,
      )
      .map(({ json, n, record }) => ({
        n: Number(n),
        alarm: JSON.parse(String(record)) as AlarmRecord,
        entry: JSON.parse(String(json)) as BookEntry,
      }));
    const newest = Number(this.#db.rows("SELECT coalesce(max(n), 0) AS n FROM replicas")[0]?.n ?? 0);
    return { rows, upTo: rows.length < limit ? Math.max(newest, after) : (rows.at(-1)?.n ?? after) };
  }

  /** Told alarms of which the hub that told them has not heard everything yet. */
  owed(limit: number): readonly BookEntry[] {
    return this.#db
      .rows("SELECT json FROM replicas WHERE owed = 1 ORDER BY alarm LIMIT ?", limit)
      .map(({ json }) => JSON.parse(String(json)) as BookEntry);
  }

  /** How many wait for their hub. */
  owedCount(): number {
    return Number(this.#db.rows("SELECT count(*) AS count FROM replicas WHERE owed = 1")[0]?.count ?? 0);
  }

  clock(): Stamp {
    const row = this.#db.rows("SELECT json FROM hybrid_clock")[0];
    return row === undefined ? BEGINNING : (JSON.parse(String(row.json)) as Stamp);
  }
}
