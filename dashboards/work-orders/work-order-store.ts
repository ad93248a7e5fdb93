/** Work orders with their history and pictures, in `work-orders.sqlite`: one file to back up, durable at each step. */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { AssetPath, LocalText, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { openDatabase, transaction } from "@campus-ops/service/database";
import type {
  HazardLevel,
  WorkOrderDetail,
  WorkOrderEntry,
  WorkOrderPhoto,
  WorkOrderState,
  WorkOrderView,
} from "./api.ts";
import { isOverdue, OPEN_STATES, type Step, type StepProblem, stepOrder } from "./core/life-cycle.ts";
import { PHOTOS_PER_ORDER_MAX } from "./photo.ts";

/** Decades of a large city's. Beyond it nothing new is taken, and nothing old is thrown away. */
export const ORDERS_MAX = 500_000;

const VERSIONS = [
  `CREATE TABLE orders (
     number INTEGER PRIMARY KEY, title TEXT NOT NULL, detail TEXT NOT NULL, level TEXT NOT NULL, path TEXT NOT NULL,
     device TEXT, deviceTitle TEXT, alarm TEXT, occurrence INTEGER, state TEXT NOT NULL, assignee TEXT, due INTEGER,
     openedBy TEXT NOT NULL, openedAt INTEGER NOT NULL, updatedAt INTEGER NOT NULL) STRICT;
   CREATE INDEX ordersByAlarm ON orders (alarm);
   CREATE INDEX ordersByDevice ON orders (device);
   CREATE INDEX ordersByState ON orders (state, number);
   CREATE TABLE entries (
     n INTEGER PRIMARY KEY, number INTEGER NOT NULL REFERENCES orders, at INTEGER NOT NULL, entry TEXT NOT NULL) STRICT;
   CREATE INDEX entriesOfOrder ON entries (number, n);
   CREATE TABLE photos (
     id INTEGER PRIMARY KEY, number INTEGER NOT NULL REFERENCES orders, at INTEGER NOT NULL, by TEXT NOT NULL,
     type TEXT NOT NULL, state TEXT NOT NULL, content BLOB NOT NULL) STRICT;
   CREATE INDEX photosOfOrder ON photos (number, id);`,
] as const;

const SELECT = `SELECT orders.*, (SELECT count(*) FROM photos WHERE photos.number = orders.number) AS photos FROM orders`;

export interface OrderToRegister {
  readonly title: string;
  readonly detail: string;
  readonly level: HazardLevel;
  readonly path: AssetPath;
  readonly device?: { readonly key: string; readonly title: LocalText };
  readonly alarm?: { readonly id: string; readonly occurrence: number };
  readonly due?: Timestamp;
  readonly by: string;
}

export interface OrderQuery {
  readonly open: boolean;
  readonly device?: string | undefined;
  readonly alarm?: string | undefined;
  /** Numbers below this one. */
  readonly before?: number | undefined;
  readonly limit: number;
  /** Which places the caller sees. */
  readonly sees: (path: AssetPath) => boolean;
}

interface Row extends Record<string, unknown> {
  readonly number: number;
  readonly title: string;
  readonly detail: string;
  readonly level: HazardLevel;
  readonly path: AssetPath;
  readonly device: string | null;
  readonly deviceTitle: string | null;
  readonly alarm: string | null;
  readonly occurrence: number | null;
  readonly state: WorkOrderState;
  readonly assignee: string | null;
  readonly due: number | null;
  readonly openedBy: string;
  readonly openedAt: number;
  readonly updatedAt: number;
  readonly photos: number;
}

export class WorkOrderStore {
  readonly #db: DatabaseSync;
  readonly #now: () => Timestamp;
  readonly #statements = new Map<string, StatementSync>();

  constructor(file: string, now: () => Timestamp) {
    this.#db = openDatabase(file, VERSIONS);
    this.#now = now;
  }

  close(): void {
    this.#db.close();
  }

  /** Undefined when no more are taken. */
  register(order: OrderToRegister): WorkOrderDetail | undefined {
    const at = this.#now();
    const number = transaction(this.#db, () => {
      const { count } = this.#statement("SELECT count(*) AS count FROM orders").get() as { count: number };
      if (count >= ORDERS_MAX) return undefined;
      const { lastInsertRowid } = this.#statement(
        `INSERT INTO orders (title, detail, level, path, device, deviceTitle, alarm, occurrence, state, due, openedBy,
         openedAt, updatedAt) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'registered', ?, ?, ?, ?)`,
      ).run(
        order.title,
        order.detail,
        order.level,
        order.path,
        order.device?.key ?? null,
        order.device === undefined ? null : JSON.stringify(order.device.title),
        order.alarm?.id ?? null,
        order.alarm?.occurrence ?? null,
        order.due ?? null,
        order.by,
        at,
        at,
      );
      const created = Number(lastInsertRowid);
      this.#append(created, {
        at,
        action: "register",
        from: "registered",
        to: "registered",
        by: order.by,
        note: order.detail,
        ...(order.due !== undefined && { due: order.due }),
      });
      return created;
    });
    return number === undefined ? undefined : this.get(number);
  }

  /** The newest first. Reads on until `limit` orders are within what the caller sees. */
  list({ open, device, alarm, before, limit, sees }: OrderQuery): {
    readonly orders: readonly WorkOrderView[];
    readonly before?: number;
  } {
    const where = [
      "number < :before",
      ...(open ? [`state IN (${OPEN_STATES.map((state) => `'${state}'`).join(", ")})`] : []),
      ...(device === undefined ? [] : ["device = :device"]),
      ...(alarm === undefined ? [] : ["alarm = :alarm"]),
    ].join(" AND ");
    const rows = this.#statement(`${SELECT} WHERE ${where} ORDER BY number DESC`).iterate({
      before: before ?? Number.MAX_SAFE_INTEGER,
      ...(device === undefined ? {} : { device }),
      ...(alarm === undefined ? {} : { alarm }),
    });
    const orders: WorkOrderView[] = [];
    for (const row of rows) {
      const { path } = row as Row;
      if (!sees(path)) continue;
      if (orders.length === limit) return { orders, before: orders.at(-1)?.number ?? 0 };
      orders.push(this.#view(row as Row));
    }
    return { orders };
  }

  counts(sees: OrderQuery["sees"]): {
    readonly open: number;
    readonly overdue: number;
    readonly toVerify: number;
  } {
    const counts = { open: 0, overdue: 0, toVerify: 0 };
    const now = this.#now();
    const states = OPEN_STATES.map((state) => `'${state}'`).join(", ");
    for (const each of this.#statement(
      `SELECT path, state, due FROM orders WHERE state IN (${states})`,
    ).iterate()) {
      const { path, state, due } = each as { path: string; state: WorkOrderState; due: number | null };
      if (!sees(path)) continue;
      counts.open += 1;
      if (state === "done") counts.toVerify += 1;
      if (isOverdue(state, due ?? undefined, now)) counts.overdue += 1;
    }
    return counts;
  }

  get(number: number): WorkOrderDetail | undefined {
    const row = this.#statement(`${SELECT} WHERE number = ?`).get(number) as Row | undefined;
    if (row === undefined) return undefined;
    const history = this.#statement("SELECT entry FROM entries WHERE number = ? ORDER BY n")
      .all(number)
      .map(({ entry }) => JSON.parse(String(entry)) as WorkOrderEntry);
    const pictures = this.#statement(
      `SELECT id, at, by, type AS contentType, state, length(content) AS bytes FROM photos WHERE number = ? ORDER BY id`,
    ).all(number) as unknown as WorkOrderPhoto[];
    return { ...this.#view(row), history, pictures: pictures.map((each) => ({ ...each })) };
  }

  /** Takes a step, or says why not. Undefined for an order that is not there. */
  step(
    number: number,
    step: Step,
    by: string,
  ): WorkOrderDetail | { readonly problem: StepProblem } | undefined {
    return transaction(this.#db, () => {
      const known = this.get(number);
      if (known === undefined) return undefined;
      const at = this.#now();
      const stepped = stepOrder(known, step, at);
      if ("problem" in stepped) return stepped;
      const assignee = step.action === "assign" ? step.assignee?.trim() : known.assignee;
      const due = step.action === "assign" ? (step.due ?? known.due) : known.due;
      this.#statement(
        "UPDATE orders SET state = ?, assignee = ?, due = ?, updatedAt = ? WHERE number = ?",
      ).run(stepped.to, assignee ?? null, due ?? null, at, number);
      const { action, note, verifier } = step;
      this.#append(number, {
        at,
        action,
        from: known.state,
        to: stepped.to,
        by,
        note: note.trim(),
        ...(action === "assign" && assignee !== undefined && { assignee }),
        ...(action === "assign" && due !== undefined && { due }),
        ...(action === "verify" && verifier !== undefined && { verifier: verifier.trim() }),
      });
      return this.get(number);
    });
  }

  /** Keeps a picture that was looked at already; see `photoType`. */
  addPhoto(
    number: number,
    content: Uint8Array,
    type: string,
    by: string,
  ): WorkOrderDetail | { readonly problem: StepProblem | "photos-full" } | undefined {
    const known = this.get(number);
    if (known === undefined) return undefined;
    if (known.photos >= PHOTOS_PER_ORDER_MAX) return { problem: "photos-full" };
    return transaction(this.#db, () => {
      const stepped = this.#stepPhoto(known, by);
      if ("problem" in stepped) return stepped;
      this.#statement(
        "INSERT INTO photos (number, at, by, type, state, content) VALUES (?, ?, ?, ?, ?, ?)",
      ).run(number, this.#now(), by, type, known.state, content);
      return this.get(number);
    });
  }

  photo(number: number, id: number): { readonly type: string; readonly content: Uint8Array } | undefined {
    const row = this.#statement("SELECT type, content FROM photos WHERE number = ? AND id = ?").get(
      number,
      id,
    );
    return row === undefined ? undefined : { type: String(row.type), content: row.content as Uint8Array };
  }

  #stepPhoto(
    known: WorkOrderDetail,
    by: string,
  ): { readonly to: WorkOrderState } | { readonly problem: StepProblem } {
    const at = this.#now();
    const stepped = stepOrder(known, { action: "photo", note: "" }, at);
    if ("problem" in stepped) return stepped;
    this.#statement("UPDATE orders SET updatedAt = ? WHERE number = ?").run(at, known.number);
    this.#append(known.number, { at, action: "photo", from: known.state, to: known.state, by, note: "" });
    return stepped;
  }

  #append(number: number, entry: WorkOrderEntry): void {
    this.#statement("INSERT INTO entries (number, at, entry) VALUES (?, ?, ?)").run(
      number,
      entry.at,
      JSON.stringify(entry),
    );
  }

  #view(row: Row): WorkOrderView {
    const { number, title, detail, level, path, state, openedBy, openedAt, updatedAt, photos } = row;
    const due = row.due ?? undefined;
    return {
      number,
      title,
      detail,
      level,
      path,
      ...(row.device !== null &&
        row.deviceTitle !== null && {
          device: { key: row.device, title: JSON.parse(row.deviceTitle) as LocalText },
        }),
      ...(row.alarm !== null && { alarm: { id: row.alarm, occurrence: row.occurrence ?? 1 } }),
      state,
      ...(row.assignee !== null && { assignee: row.assignee }),
      ...(due !== undefined && { due }),
      overdue: isOverdue(state, due, this.#now()),
      openedBy,
      openedAt,
      updatedAt,
      photos,
    };
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql) ?? this.#db.prepare(sql);
    this.#statements.set(sql, known);
    return known;
  }
}
