/**
 * What is to be told, on disk: which alarms wait for a person, which messages wait for their channel, and how far the
 * alarms' transitions were read. One transaction holds what came of a transition together with that position, so a
 * crash tells nothing twice and forgets nothing.
 */

import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { DatabaseFile } from "@campus-ops/service/database";
import type { Priority } from "../api.ts";
import { DIGEST_MAX, type WaitingDelivery } from "../core/people/delivery.ts";
import type { Watch } from "../core/people/escalation.ts";
import type { Notice } from "../core/people/wording.ts";
import { Database } from "../store/database.ts";

/** Settled messages kept as the record of who was told; the oldest give way. */
export const SETTLED_ROWS_MAX = 100_000;
/** Messages that wait for one channel; when there are more, the least urgent and oldest are given up, and counted. */
export const WAITING_ROWS_MAX = 5_000;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS head (id INTEGER PRIMARY KEY CHECK (id = 1), cursor INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS watches (
    alarm TEXT PRIMARY KEY, look_at INTEGER, json TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, alarm TEXT NOT NULL, channel TEXT NOT NULL,
    recipient TEXT NOT NULL, desk TEXT NOT NULL, priority INTEGER NOT NULL, created_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, next_at INTEGER NOT NULL, state TEXT NOT NULL DEFAULT 'waiting',
    settled_at INTEGER, detail TEXT, notice TEXT NOT NULL) STRICT;
  CREATE INDEX IF NOT EXISTS deliveries_waiting ON deliveries (channel, recipient, next_at) WHERE state = 'waiting';
  CREATE INDEX IF NOT EXISTS deliveries_by_alarm ON deliveries (alarm, id);
  CREATE TABLE IF NOT EXISTS hand_overs (
    id INTEGER PRIMARY KEY AUTOINCREMENT, desk TEXT NOT NULL, at INTEGER NOT NULL, json TEXT NOT NULL) STRICT;
  CREATE INDEX IF NOT EXISTS hand_overs_by_desk ON hand_overs (desk, id);
`;

export type DeliveryState = "waiting" | "delivered" | "given-up";

export interface NewDelivery {
  /** The same telling makes the same key: it is queued once. */
  readonly key: string;
  readonly channel: string;
  readonly recipient: string;
  readonly desk: string;
  readonly notice: Notice;
  readonly createdAt: Timestamp;
}

export interface StoredDelivery extends WaitingDelivery {
  readonly key: string;
  readonly notice: Notice;
}

export interface DeliveryRow {
  readonly id: number;
  readonly alarm: string;
  readonly channel: string;
  readonly recipient: string;
  readonly desk: string;
  readonly kind: Notice["kind"];
  readonly state: DeliveryState;
  readonly createdAt: Timestamp;
  readonly attempts: number;
  readonly settledAt?: Timestamp;
  readonly detail?: string;
}

export class NoticeQueue {
  readonly #db: Database;

  /** A new queue begins after `cursor`: alarms of before it existed are told to nobody. */
  constructor(file: DatabaseFile, cursor: number) {
    this.#db = new Database(file, [SCHEMA]);
    this.#db.run("INSERT OR IGNORE INTO head VALUES (1, ?)", cursor);
  }

  get cursor(): number {
    return Number(this.#db.rows("SELECT cursor FROM head")[0]?.cursor ?? 0);
  }

  watch(alarm: string): Watch | undefined {
    const row = this.#db.rows("SELECT json FROM watches WHERE alarm = ?", alarm)[0];
    return row === undefined ? undefined : (JSON.parse(String(row.json)) as Watch);
  }

  watches(): readonly Watch[] {
    return this.#db
      .rows("SELECT json FROM watches ORDER BY alarm")
      .map(({ json }) => JSON.parse(String(json)) as Watch);
  }

  /** Those that are to be looked at by `now`. */
  watchesDue(now: Timestamp): readonly Watch[] {
    return this.#db
      .rows("SELECT json FROM watches WHERE look_at <= ? ORDER BY look_at, alarm", now)
      .map(({ json }) => JSON.parse(String(json)) as Watch);
  }

  /** When the next of them is to be looked at. */
  nextLook(): Timestamp | undefined {
    const at = this.#db.rows("SELECT min(look_at) AS at FROM watches")[0]?.at;
    return at === null || at === undefined ? undefined : Number(at);
  }

  /** All that `work` records, or nothing of it, in one commit. */
  together(work: () => void): void {
    this.#db.transaction(work);
  }

  /** What one look at an alarm comes to. */
  record(looked: {
    readonly alarm: string;
    readonly watch: Watch | undefined;
    readonly lookAt: Timestamp | undefined;
    readonly deliveries: readonly NewDelivery[];
  }): void {
    if (looked.watch === undefined) this.#db.run("DELETE FROM watches WHERE alarm = ?", looked.alarm);
    else
      this.#db.run(
        "INSERT OR REPLACE INTO watches VALUES (?, ?, ?)",
        looked.alarm,
        looked.lookAt ?? null,
        JSON.stringify(looked.watch),
      );
    for (const each of looked.deliveries) this.#add(each);
  }

  /** Everything up to this transition has been looked at. */
  passed(cursor: number): void {
    this.#db.run("UPDATE head SET cursor = ? WHERE cursor < ?", cursor, cursor);
  }

  add(delivery: NewDelivery): number {
    return this.#add(delivery);
  }

  /** What may be sent now, the most urgent first and of one urgency the oldest; as much as fits one message. */
  due(channel: string, recipient: string, now: Timestamp): readonly StoredDelivery[] {
    return this.#db
      .rows(
        `SELECT * FROM deliveries WHERE state = 'waiting' AND channel = ? AND recipient = ? AND next_at <= ?
         ORDER BY priority, created_at, id LIMIT ?`,
        channel,
        recipient,
        now,
        DIGEST_MAX,
      )
      .map((row) => ({
        id: Number(row.id),
        key: String(row.key),
        priority: Number(row.priority) as Priority,
        createdAt: Number(row.created_at),
        attempts: Number(row.attempts),
        nextAt: Number(row.next_at),
        notice: JSON.parse(String(row.notice)) as Notice,
      }));
  }

  /** When the next of what waits may be sent; undefined when nothing waits. */
  nextAt(channel: string, recipient: string): Timestamp | undefined {
    const sql =
      "SELECT min(next_at) AS at FROM deliveries WHERE state = 'waiting' AND channel = ? AND recipient = ?";
    const at = this.#db.rows(sql, channel, recipient)[0]?.at;
    return typeof at === "number" ? at : undefined;
  }

  /** Gives up what was queued before `before`; answers with how many those were. */
  giveUp(channel: string, recipient: string, before: Timestamp, now: Timestamp): number {
    const { changes } = this.#db.run(
      `UPDATE deliveries SET state = 'given-up', settled_at = ?, detail = 'could not be delivered within a day'
       WHERE state = 'waiting' AND channel = ? AND recipient = ? AND created_at <= ?`,
      now,
      channel,
      recipient,
      before,
    );
    return Number(changes);
  }

  /** Gives up the least urgent beyond {@link WAITING_ROWS_MAX}; answers with how many. */
  trim(channel: string, recipient: string, now: Timestamp): number {
    if (this.waitingCount(channel, recipient) <= WAITING_ROWS_MAX) return 0;
    const { changes } = this.#db.run(
      `UPDATE deliveries SET state = 'given-up', settled_at = ?, detail = 'more messages waited than are kept'
       WHERE id IN (SELECT id FROM deliveries WHERE state = 'waiting' AND channel = ? AND recipient = ?
                    ORDER BY priority, id DESC LIMIT -1 OFFSET ?)`,
      now,
      channel,
      recipient,
      WAITING_ROWS_MAX,
    );
    return Number(changes);
  }

  failed(ids: readonly number[], nextAt: Timestamp, detail: string): void {
    this.#db.transaction(() => {
      for (const id of ids)
        this.#db.run(
          "UPDATE deliveries SET attempts = attempts + 1, next_at = ?, detail = ? WHERE id = ?",
          nextAt,
          detail,
          id,
        );
    });
  }

  settle(ids: readonly number[], state: "delivered" | "given-up", at: Timestamp, detail: string): void {
    this.#db.transaction(() => {
      for (const id of ids)
        this.#db.run(
          "UPDATE deliveries SET attempts = attempts + ?, state = ?, settled_at = ?, detail = ? WHERE id = ?",
          state === "delivered" ? 1 : 0,
          state,
          at,
          detail,
          id,
        );
      const newest = Number(this.#db.rows("SELECT coalesce(max(id), 0) AS id FROM deliveries")[0]?.id);
      this.#db.run("DELETE FROM deliveries WHERE state <> 'waiting' AND id <= ?", newest - SETTLED_ROWS_MAX);
    });
  }

  /** The newest first. */
  deliveries(filter: { readonly alarm?: string; readonly limit: number }): readonly DeliveryRow[] {
    const rows =
      filter.alarm === undefined
        ? this.#db.rows("SELECT * FROM deliveries ORDER BY id DESC LIMIT ?", filter.limit)
        : this.#db.rows(
            "SELECT * FROM deliveries WHERE alarm = ? ORDER BY id DESC LIMIT ?",
            filter.alarm,
            filter.limit,
          );
    return rows.map((row) => ({
      id: Number(row.id),
      alarm: String(row.alarm),
      channel: String(row.channel),
      recipient: String(row.recipient),
      desk: String(row.desk),
      kind: (JSON.parse(String(row.notice)) as Notice).kind,
      state: String(row.state) as DeliveryState,
      createdAt: Number(row.created_at),
      attempts: Number(row.attempts),
      ...(row.settled_at === null ? {} : { settledAt: Number(row.settled_at) }),
      ...(row.detail === null ? {} : { detail: String(row.detail) }),
    }));
  }

  handOver(desk: string, at: Timestamp, record: object): number {
    const json = JSON.stringify(record);
    const { lastInsertRowid } = this.#db.run(
      "INSERT INTO hand_overs (desk, at, json) VALUES (?, ?, ?)",
      desk,
      at,
      json,
    );
    return Number(lastInsertRowid);
  }

  /** The newest first. */
  handOvers(desk: string, limit: number): readonly (object & { readonly id: number })[] {
    return this.#db
      .rows("SELECT id, json FROM hand_overs WHERE desk = ? ORDER BY id DESC LIMIT ?", desk, limit)
      .map(({ id, json }) => ({ ...(JSON.parse(String(json)) as object), id: Number(id) }));
  }

  waitingCount(channel: string, recipient: string): number {
    const sql =
      "SELECT count(*) AS n FROM deliveries WHERE state = 'waiting' AND channel = ? AND recipient = ?";
    return Number(this.#db.rows(sql, channel, recipient)[0]?.n ?? 0);
  }

  close(): void {
    this.#db.close();
  }

  #add({ key, channel, recipient, desk, notice, createdAt }: NewDelivery): number {
    const { lastInsertRowid, changes } = this.#db.run(
      `INSERT OR IGNORE INTO deliveries (key, alarm, channel, recipient, desk, priority, created_at, next_at, notice)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      key,
      notice.alarm,
      channel,
      recipient,
      desk,
      notice.priority,
      createdAt,
      createdAt,
      JSON.stringify(notice),
    );
    return Number(changes) === 0 ? 0 : Number(lastInsertRowid);
  }
}
