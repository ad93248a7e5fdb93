/** Floor plans with the places of devices on them, in `plans.sqlite`: one file to back up. */

import type { DatabaseSync } from "node:sqlite";
import type { AssetPath, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { openDatabase, transaction } from "@campus-ops/service/database";
import type { PlanPin, PlanView } from "./api.ts";

/** Several floors of each building of a large city's schools. */
export const PLANS_MAX = 5_000;
export const PINS_MAX = 500;

const VERSIONS = [
  `CREATE TABLE plans (
     id INTEGER PRIMARY KEY AUTOINCREMENT, path TEXT NOT NULL, title TEXT NOT NULL, type TEXT NOT NULL,
     content BLOB NOT NULL, version INTEGER NOT NULL, by TEXT NOT NULL, changedAt INTEGER NOT NULL) STRICT;
   CREATE TABLE pins (
     plan INTEGER NOT NULL REFERENCES plans, device TEXT NOT NULL, x REAL NOT NULL, y REAL NOT NULL,
     PRIMARY KEY (plan, device)) STRICT;`,
] as const;

const SELECT = "SELECT id, path, title, type, length(content) AS bytes, version, by, changedAt FROM plans";

interface Row extends Record<string, unknown> {
  readonly id: number;
  readonly path: AssetPath;
  readonly title: string;
  readonly type: string;
  readonly bytes: number;
  readonly version: number;
  readonly by: string;
  readonly changedAt: Timestamp;
}

export class PlanStore {
  readonly #db: DatabaseSync;
  readonly #now: () => Timestamp;

  constructor(file: string, now: () => Timestamp) {
    this.#db = openDatabase(file, VERSIONS);
    this.#now = now;
  }

  list(): readonly PlanView[] {
    const pins = new Map<number, PlanPin[]>();
    const rows = this.#db.prepare("SELECT plan, device, x, y FROM pins ORDER BY device").all();
    for (const { plan, device, x, y } of rows) {
      const pin = { device: String(device), x: Number(x), y: Number(y) };
      pins.set(Number(plan), [...(pins.get(Number(plan)) ?? []), pin]);
    }
    const plans = this.#db.prepare(`${SELECT} ORDER BY path, title, id`).all() as Row[];
    return plans.map((row) => viewOf(row, pins.get(row.id) ?? []));
  }

  get(id: number): PlanView | undefined {
    return this.list().find((plan) => plan.id === id);
  }

  content(id: number): Uint8Array | undefined {
    const row = this.#db.prepare("SELECT content FROM plans WHERE id = ?").get(id);
    return row?.content as Uint8Array | undefined;
  }

  /** Undefined when the hub keeps {@link PLANS_MAX} already. */
  add(plan: {
    readonly path: AssetPath;
    readonly title: string;
    readonly type: string;
    readonly content: Uint8Array;
    readonly by: string;
  }): PlanView | undefined {
    const { count } = this.#db.prepare("SELECT count(*) AS count FROM plans").get() as { count: number };
    if (count >= PLANS_MAX) return undefined;
    const { path, title, type, content, by } = plan;
    const { lastInsertRowid } = this.#db
      .prepare(
        "INSERT INTO plans (path, title, type, content, version, by, changedAt) VALUES (?, ?, ?, ?, 1, ?, ?)",
      )
      .run(path, title, type, content, by, this.#now());
    return this.get(Number(lastInsertRowid));
  }

  /** The pins as a whole; undefined when somebody else has changed them since `version`, and nothing is changed. */
  pin(id: number, version: number, pins: readonly PlanPin[], by: string): PlanView | undefined {
    const changed = transaction(this.#db, () => {
      const { changes } = this.#db
        .prepare("UPDATE plans SET version = version + 1, by = ?, changedAt = ? WHERE id = ? AND version = ?")
        .run(by, this.#now(), id, version);
      if (Number(changes) === 0) return false;
      this.#db.prepare("DELETE FROM pins WHERE plan = ?").run(id);
      const insert = this.#db.prepare("INSERT OR REPLACE INTO pins VALUES (?, ?, ?, ?)");
      for (const { device, x, y } of pins) insert.run(id, device, x, y);
      return true;
    });
    return changed ? this.get(id) : undefined;
  }

  remove(id: number): void {
    transaction(this.#db, () => {
      this.#db.prepare("DELETE FROM pins WHERE plan = ?").run(id);
      this.#db.prepare("DELETE FROM plans WHERE id = ?").run(id);
    });
  }

  close(): void {
    this.#db.close();
  }
}

function viewOf({ type: contentType, ...row }: Row, pins: readonly PlanPin[]): PlanView {
  return { ...row, contentType, pins };
}
