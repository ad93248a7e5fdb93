/**
 * Webhooks and what waits for them, in `webhooks.sqlite`. One transaction holds the messages that came of a transition and
 * how far the alarms' transitions were read: a crash sends nothing twice under another id, and forgets nothing.
 */
import type { DatabaseSync } from "node:sqlite";
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { openDatabase, transaction } from "@campus-ops/service/database";
import type { NewWebhook, WebhookView } from "./api.ts";

export const WEBHOOKS_MAX = 50;
/** Messages that wait for one webhook; the oldest give way, and are counted. */
export const WAITING_MAX = 10_000;

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
}

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

  webhooks(): readonly Webhook[] {
    const rows = this.#db.prepare("SELECT id, name, url, path, secret FROM webhooks ORDER BY id").all();
    return rows.map((row) => ({
      id: Number(row.id),
      name: String(row.name),
      url: String(row.url),
      path: String(row.path),
      secret: String(row.secret),
    }));
  }

  views(): readonly WebhookView[] {
    const rows = this.#db
      .prepare(
        `SELECT id, name, url, path, created_by, created_at, lost, delivered_at, problem,
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

  delivered(webhook: number, number: number, at: Timestamp): void {
    transaction(this.#db, () => {
      this.#db.prepare("DELETE FROM messages WHERE number = ?").run(number);
      this.#db.prepare("UPDATE webhooks SET delivered_at = ?, problem = NULL WHERE id = ?").run(at, webhook);
    });
  }

  /** `nextAt` undefined: it is given up. */
  failed(webhook: number, number: number, nextAt: Timestamp | undefined, problem: string): void {
    transaction(this.#db, () => {
      if (nextAt === undefined) {
        this.#db.prepare("DELETE FROM messages WHERE number = ?").run(number);
        this.#lose(webhook, 1);
      } else {
        this.#db
          .prepare("UPDATE messages SET attempts = attempts + 1, next_at = ? WHERE number = ?")
          .run(nextAt, number);
      }
      this.#db.prepare("UPDATE webhooks SET problem = ? WHERE id = ?").run(problem, webhook);
    });
  }

  #lose(webhook: number, count: number): void {
    if (count > 0) this.#db.prepare("UPDATE webhooks SET lost = lost + ? WHERE id = ?").run(count, webhook);
  }
}
