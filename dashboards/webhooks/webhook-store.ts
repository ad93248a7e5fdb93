/**
 * Webhooks and what waits for them, in `webhooks.sqlite`. One transaction holds the messages that came of a transition and
 * how far the alarms' transitions were read: a crash sends nothing twice under another id, and forgets nothing.
 */
import type { DatabaseSync } from "node:sqlite";
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { openDatabase, transaction } from "@campus-ops/service/database";
import type { NewWebhook, WebhookDeliveries, WebhookDelivery, WebhookView } from "./api.ts";
import type { DeliveryResult } from "./core/attempts.ts";

export const WEBHOOKS_MAX = 50;
/** Messages that wait for one webhook; the oldest give way, and are counted. */
export const WAITING_MAX = 10_000;
/** Attempts that one webhook's list goes back. */
export const DELIVERIES_KEPT_MAX = 500;

const VERSIONS = [
  `CREATE TABLE IF NOT EXISTS head (id INTEGER PRIMARY KEY CHECK (id = 1), cursor TEXT NOT NULL) STRICT;
   CREATE TABLE IF NOT EXISTS webhooks (
     id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, url TEXT NOT NULL, path TEXT NOT NULL,
     secret TEXT NOT NULL, created_by TEXT NOT NULL, created_at INTEGER NOT NULL, lost INTEGER NOT NULL DEFAULT 0,
     delivered_at INTEGER, problem TEXT) STRICT;
   CREATE TABLE IF NOT EXISTS messages (
     number INTEGER PRIMARY KEY AUTOINCREMENT, webhook INTEGER NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
     key TEXT NOT NULL, body TEXT NOT NULL, created_at INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
     next_at INTEGER NOT NULL, UNIQUE (webhook, key)) STRICT;`,
  `ALTER TABLE webhooks ADD COLUMN enabled INTEGER NOT NULL DEFAULT 1;
   CREATE TABLE deliveries (
     number INTEGER PRIMARY KEY AUTOINCREMENT, webhook INTEGER NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
     message TEXT NOT NULL, type TEXT NOT NULL, path TEXT NOT NULL, at INTEGER NOT NULL, took_ms INTEGER NOT NULL,
     result TEXT NOT NULL, status INTEGER, problem TEXT) STRICT;
   CREATE INDEX deliveriesOfWebhook ON deliveries (webhook, number);`,
] as const;

export interface WaitingMessage {
  readonly number: number;
  readonly key: string;
  readonly body: string;
  readonly createdAt: Timestamp;
  readonly attempts: number;
  readonly nextAt: Timestamp;
}

export interface Webhook extends NewWebhook {
  readonly id: number;
  readonly secret: string;
  readonly enabled: boolean;
}

export type Attempted = Omit<WebhookDelivery, "number">;

export class WebhookStore {
  readonly #db: DatabaseSync;

  constructor(file: string) {
    this.#db = openDatabase(file, VERSIONS);
  }

  close(): void {
    this.#db.close();
  }

  /** Where the alarms' transitions are to be read from; undefined before the first. */
  cursor(): string | undefined {
    const row = this.#db.prepare("SELECT cursor FROM head").get();
    return row === undefined ? undefined : String(row.cursor);
  }

  /** Undefined where there are too many already, or the name is taken. */
  add({ name, path, url }: NewWebhook, secret: string, by: string, at: Timestamp): WebhookView | undefined {
    const { count } = this.#db.prepare("SELECT count(*) AS count FROM webhooks").get() ?? {};
    if (Number(count) >= WEBHOOKS_MAX) return undefined;
    const { changes, lastInsertRowid } = this.#db
      .prepare(
        "INSERT OR IGNORE INTO webhooks (name, url, path, secret, created_by, created_at) VALUES (?, ?, ?, ?, ?, ?)",
      )
      .run(name, url, path, secret, by, at);
    return Number(changes) === 0 ? undefined : this.views().find(({ id }) => id === Number(lastInsertRowid));
  }

  /** With the last of them goes where to read on from: one that is made later hears of what comes then. */
  remove(id: number): void {
    transaction(this.#db, () => {
      this.#db.prepare("DELETE FROM webhooks WHERE id = ?").run(id);
      this.#db.exec("DELETE FROM head WHERE NOT EXISTS (SELECT 1 FROM webhooks)");
    });
  }

  enable(id: number, enabled: boolean): void {
    this.#db.prepare("UPDATE webhooks SET enabled = ? WHERE id = ?").run(Number(enabled), id);
  }

  /** What is sent from now on is signed with `secret`, what waits as well. */
  renewSecret(id: number, secret: string): void {
    this.#db.prepare("UPDATE webhooks SET secret = ? WHERE id = ?").run(secret, id);
  }

  webhooks(): readonly Webhook[] {
    const rows = this.#db
      .prepare("SELECT id, name, url, path, secret, enabled FROM webhooks ORDER BY id")
      .all();
    return rows.map((row) => ({
      id: Number(row.id),
      name: String(row.name),
      url: String(row.url),
      path: String(row.path),
      secret: String(row.secret),
      enabled: row.enabled === 1,
    }));
  }

  views(): readonly WebhookView[] {
    const rows = this.#db
      .prepare(
        `SELECT id, name, url, path, created_by, created_at, enabled, lost, delivered_at, problem,
           (SELECT count(*) FROM messages WHERE webhook = webhooks.id) AS waiting FROM webhooks ORDER BY id`,
      )
      .all();
    return rows.map((row) => ({
      id: Number(row.id),
      name: String(row.name),
      url: String(row.url),
      path: String(row.path),
      createdBy: String(row.created_by),
      createdAt: Number(row.created_at),
      enabled: row.enabled === 1,
      waiting: Number(row.waiting),
      lost: Number(row.lost),
      ...(row.delivered_at === null ? {} : { deliveredAt: Number(row.delivered_at) }),
      ...(row.problem === null ? {} : { problem: String(row.problem) }),
    }));
  }

  /** Queues one transition for each of `webhooks`, and remembers that it was read. */
  queue(
    webhooks: readonly number[],
    key: string,
    body: string,
    cursor: string | undefined,
    at: Timestamp,
  ): void {
    transaction(this.#db, () => {
      const insert = this.#db.prepare(
        "INSERT OR IGNORE INTO messages (webhook, key, body, created_at, next_at) VALUES (?, ?, ?, ?, ?)",
      );
      for (const webhook of webhooks) {
        insert.run(webhook, key, body, at, at);
        const { changes } = this.#db
          .prepare(
            `DELETE FROM messages WHERE webhook = ?1 AND number <= (
               SELECT number FROM messages WHERE webhook = ?1 ORDER BY number DESC LIMIT 1 OFFSET ?2)`,
          )
          .run(webhook, WAITING_MAX);
        this.#lose(webhook, Number(changes));
      }
      if (cursor !== undefined) this.#db.prepare("INSERT OR REPLACE INTO head VALUES (1, ?)").run(cursor);
    });
  }

  /** The oldest that waits: the next is not sent before it. */
  first(webhook: number): WaitingMessage | undefined {
    const row = this.#db
      .prepare("SELECT * FROM messages WHERE webhook = ? ORDER BY number LIMIT 1")
      .get(webhook);
    if (row === undefined) return undefined;
    return {
      number: Number(row.number),
      key: String(row.key),
      body: String(row.body),
      createdAt: Number(row.created_at),
      attempts: Number(row.attempts),
      nextAt: Number(row.next_at),
    };
  }

  /** What became of an attempt; `nextAt` is when the next one is due, after `again`. */
  settle(webhook: number, number: number, attempted: Attempted, nextAt?: Timestamp): void {
    transaction(this.#db, () => {
      this.#list(webhook, attempted);
      if (attempted.result === "again") {
        this.#db
          .prepare("UPDATE messages SET attempts = attempts + 1, next_at = ? WHERE number = ?")
          .run(nextAt ?? attempted.at, number);
      } else {
        this.#db.prepare("DELETE FROM messages WHERE number = ?").run(number);
      }
      if (attempted.result === "given-up") this.#lose(webhook, 1);
      this.#db
        .prepare("UPDATE webhooks SET problem = ?1, delivered_at = coalesce(?2, delivered_at) WHERE id = ?3")
        .run(attempted.problem ?? null, attempted.result === "delivered" ? attempted.at : null, webhook);
    });
  }

  /** A test: it is listed, and changes nothing else. */
  tested(webhook: number, attempted: Attempted): WebhookDelivery {
    return { number: transaction(this.#db, () => this.#list(webhook, attempted)), ...attempted };
  }

  /** The newest first, from before the delivery of that number. */
  deliveries(webhook: number, limit: number, before = Number.MAX_SAFE_INTEGER): WebhookDeliveries {
    const rows = this.#db
      .prepare("SELECT * FROM deliveries WHERE webhook = ? AND number < ? ORDER BY number DESC LIMIT ?")
      .all(webhook, before, limit + 1);
    const deliveries = rows.slice(0, limit).map((row) => ({
      number: Number(row.number),
      message: String(row.message),
      type: String(row.type),
      path: String(row.path),
      at: Number(row.at),
      took_ms: Number(row.took_ms),
      result: row.result as DeliveryResult,
      ...(row.status === null ? {} : { status: Number(row.status) }),
      ...(row.problem === null ? {} : { problem: String(row.problem) }),
    }));
    const last = deliveries.at(-1);
    return { deliveries, ...(rows.length <= limit || last === undefined ? {} : { before: last.number }) };
  }

  /** Of a webhook that was removed while it was being told nothing is kept. */
  #list(webhook: number, { at, message, path, problem, result, status, took_ms, type }: Attempted): number {
    const { lastInsertRowid } = this.#db
      .prepare(
        `INSERT INTO deliveries (webhook, message, type, path, at, took_ms, result, status, problem)
         SELECT id, ?, ?, ?, ?, ?, ?, ?, ? FROM webhooks WHERE id = ?`,
      )
      .run(message, type, path, at, took_ms, result, status ?? null, problem ?? null, webhook);
    this.#db
      .prepare(
        `DELETE FROM deliveries WHERE webhook = ?1 AND number <= (
           SELECT number FROM deliveries WHERE webhook = ?1 ORDER BY number DESC LIMIT 1 OFFSET ?2)`,
      )
      .run(webhook, DELIVERIES_KEPT_MAX);
    return Number(lastInsertRowid);
  }

  #lose(webhook: number, count: number): void {
    if (count > 0) this.#db.prepare("UPDATE webhooks SET lost = lost + ? WHERE id = ?").run(count, webhook);
  }
}
