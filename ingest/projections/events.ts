/**
 * Journal → `events.sqlite`: everything that happened, once, with its fields. It is what must be kept for months when the
 * journal is long gone: access events at least six calendar months, readings of people's health no longer than needed.
 */
import type { DatabaseSync } from "node:sqlite";
import type { DecodedEntry } from "@campus-ops/broker/journal";
import { addressKey, eventDefinition, type Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { type DatabaseFile, openDatabase } from "@campus-ops/service/database";
import type { EventView, RetentionRemoval } from "../api.ts";
import { isDiskFull } from "../core/disk-room.ts";
import { eventRetention } from "../core/retention.ts";
import type { Projection } from "./projection.ts";

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS checkpoint (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1), seq INTEGER NOT NULL, received_at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS events (
    asset TEXT, event TEXT, id TEXT, event_time INTEGER NOT NULL, received_at INTEGER NOT NULL,
    retention TEXT NOT NULL, fields TEXT NOT NULL, PRIMARY KEY (asset, event, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS events_by_time ON events (event_time);
  CREATE INDEX IF NOT EXISTS events_by_retention ON events (retention, event_time);
  CREATE TABLE IF NOT EXISTS removals (
    number INTEGER PRIMARY KEY, at INTEGER NOT NULL, what TEXT NOT NULL, before INTEGER NOT NULL,
    count INTEGER NOT NULL, unit TEXT NOT NULL
  ) STRICT;
`;

const COMMIT_MS = 1_000;
const COMMIT_ENTRIES_MAX = 8_192;
/** The newest ones, of what was removed, that are remembered. */
export const REMOVALS_MAX = 1_000;

export interface EventsAsked {
  readonly campus?: string;
  readonly event?: string;
  readonly from: Timestamp;
  readonly to: Timestamp;
  readonly limit: number;
}

export class EventProjection implements Projection {
  readonly name = "events";
  readonly place = "events.sqlite";
  readonly #database: DatabaseSync;
  #last = { seq: 0, receivedAt: 0 };
  #uncommitted = 0;
  #committedAt: Timestamp = 0;

  constructor(file: DatabaseFile) {
    this.#database = openDatabase(file, [SCHEMA]);
  }

  async checkpoint() {
    this.#rollback();
    const row = this.#database.prepare("SELECT seq, received_at FROM checkpoint").get();
    return row === undefined ? { seq: 0 } : { seq: Number(row.seq), receivedAt: Number(row.received_at) };
  }

  isAway(error: unknown): boolean {
    return isDiskFull(error);
  }

  async project(entries: readonly DecodedEntry[]): Promise<void> {
    const insert = this.#database.prepare("INSERT OR IGNORE INTO events VALUES (?, ?, ?, ?, ?, ?, ?)");
    for (const { address, events, receivedAt, seq } of entries) {
      if (!this.#database.isTransaction) this.#database.exec("BEGIN IMMEDIATE");
      for (const { event, id, eventTime, fields } of events) {
        const kept =
          address === undefined ? undefined : eventRetention(event, eventDefinition(event)?.dataClass);
        if (address === undefined || kept === undefined) continue;
        const text = JSON.stringify(fields, (_, value: unknown) =>
          typeof value === "bigint" ? String(value) : value,
        );
        insert.run(addressKey(address), event, id, eventTime, receivedAt, kept, text);
      }
      this.#last = { seq, receivedAt };
      this.#uncommitted += 1;
    }
    const overdue = this.#last.receivedAt - this.#committedAt >= COMMIT_MS;
    if (overdue || this.#uncommitted >= COMMIT_ENTRIES_MAX) this.#commit();
  }

  /** In order of event time, the newest first. */
  events({ campus, event, from, to, limit }: EventsAsked): EventView[] {
    const rows = this.#database
      .prepare(
        `SELECT asset, event, id, event_time, received_at, fields FROM events
         WHERE event_time >= ?1 AND event_time < ?2 AND (?3 IS NULL OR asset >= ?3 || '/' AND asset < ?3 || '0')
           AND (?4 IS NULL OR event = ?4) ORDER BY event_time DESC LIMIT ?5`,
      )
      .all(from, to, campus ?? null, event ?? null, limit);
    return rows.map((row) => ({
      asset: String(row.asset),
      event: String(row.event),
      id: String(row.id),
      eventTime: Number(row.event_time),
      receivedAt: Number(row.received_at),
      fields: JSON.parse(String(row.fields)) as EventView["fields"],
    }));
  }

  /** How many of a retention class there are from before then. */
  older(retention: string, before: Timestamp): number {
    const row = this.#database
      .prepare("SELECT count(*) AS n FROM events WHERE retention = ? AND event_time < ?")
      .get(retention, before);
    return Number(row?.n);
  }

  /** How many of a retention class went. */
  forget(retention: string, before: Timestamp): number {
    const { changes } = this.#database
      .prepare("DELETE FROM events WHERE retention = ? AND event_time < ?")
      .run(retention, before);
    return Number(changes);
  }

  remember({ at, what, before, count, unit }: RetentionRemoval): void {
    this.#database
      .prepare("INSERT INTO removals (at, what, before, count, unit) VALUES (?, ?, ?, ?, ?)")
      .run(at, what, before, count, unit);
    this.#database
      .prepare("DELETE FROM removals WHERE number <= (SELECT max(number) FROM removals) - ?")
      .run(REMOVALS_MAX);
  }

  /** The newest first. */
  removals(): RetentionRemoval[] {
    return this.#database
      .prepare("SELECT at, what, before, count, unit FROM removals ORDER BY number DESC")
      .all() as unknown as RetentionRemoval[];
  }

  close(): void {
    if (this.#uncommitted > 0) this.#commit();
    this.#rollback();
    this.#database.close();
  }

  #commit(): void {
    this.#database
      .prepare("INSERT OR REPLACE INTO checkpoint VALUES (1, ?, ?)")
      .run(this.#last.seq, this.#last.receivedAt);
    this.#database.exec("COMMIT");
    this.#uncommitted = 0;
    this.#committedAt = this.#last.receivedAt;
  }

  #rollback(): void {
    if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
    this.#uncommitted = 0;
  }
}
