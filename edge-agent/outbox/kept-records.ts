/**
 * What the hub has confirmed, kept for some more time: a hub that is put back from last night's backup asks for what it
 * had confirmed since (decision 19). Within budgets of its own: the outbox's own records never give way to it.
 *
 * Everything here happens inside a transaction of the caller's; the counts go back with one that fails.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Run } from "@campus-ops/broker/sparkplug";
import { DATA_CLASSES, type DataClass, type Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { tableOf } from "./schema.ts";

export interface KeepLimits {
  /** 0 keeps nothing. */
  readonly keep_ms: number;
  /** Of the bodies and {@link KEPT_OVERHEAD_BYTES} a record. */
  readonly bytesMax: number;
}

/** Bytes a kept record takes beside its body: the key, columns, cell pointer. */
export const KEPT_OVERHEAD_BYTES = 28;
/** Records that may be removed for each one that was added: more go than come while there are too many. */
const REMOVALS_EACH = 2;
/** What is too old is looked for no more often. */
const LOOK_MS = 1_000;

const LOOK_AT_ONCE = { at: 0, next: 0 };

export interface Recalled {
  readonly dataClass: DataClass;
  readonly device: number;
  readonly samples: number;
  /** Of the body. */
  readonly bytes: number;
}

export class KeptRecords {
  readonly #limits: KeepLimits;
  readonly #keep: ReadonlyMap<DataClass, StatementSync>;
  readonly #put: ReadonlyMap<DataClass, StatementSync>;
  readonly #oldest: StatementSync;
  readonly #within: StatementSync;
  readonly #delete: StatementSync;
  readonly #clear: StatementSync;
  #bytes: number;
  #records: number;
  /** When what is too old was last looked for, and when there can be something again. */
  #looked: { readonly at: Timestamp; readonly next: Timestamp } = LOOK_AT_ONCE;
  #addedSinceLook = 0;

  constructor(database: DatabaseSync, limits: KeepLimits) {
    this.#limits = limits;
    const forEach = (sql: (table: string, number: number) => string) =>
      new Map(
        DATA_CLASSES.map((each, number) => [each, database.prepare(sql(tableOf(each), number))] as const),
      );
    this.#keep = forEach(
      (table, number) =>
        `INSERT OR REPLACE INTO kept (class, first, more, device, at, span, confirmed, body)
         SELECT ${number}, first, more, device, at, span, ?, body FROM ${table} WHERE first = ? AND more = ?`,
    );
    this.#put = forEach(
      (table, number) =>
        `INSERT OR IGNORE INTO ${table} (first, more, device, at, span, body)
         SELECT first, more, device, at, span, body FROM kept WHERE class = ${number} AND first = ?`,
    );
    const row = "first, more, device, confirmed, length(body) AS bytes";
    this.#oldest = database.prepare(`SELECT ${row} FROM kept WHERE class = ? ORDER BY first LIMIT ?`);
    this.#within = database.prepare(`SELECT ${row} FROM kept WHERE class = ? AND first BETWEEN ? AND ?`);
    this.#delete = database.prepare("DELETE FROM kept WHERE class = ? AND first = ?");
    this.#clear = database.prepare("DELETE FROM kept");
    const sums = database
      .prepare("SELECT count(*) AS n, coalesce(sum(length(body)), 0) AS bytes FROM kept")
      .get();
    this.#records = Number(sums?.n);
    this.#bytes = Number(sums?.bytes) + this.#records * KEPT_OVERHEAD_BYTES;
  }

  get usage(): { readonly records: number; readonly bytes: number } {
    return { records: this.#records, bytes: this.#bytes };
  }

  /** To put the counts back when a transaction fails. */
  restore({ bytes, records }: KeptRecords["usage"]): void {
    this.#bytes = bytes;
    this.#records = records;
    this.#looked = LOOK_AT_ONCE;
  }

  /** A record that is about to leave its own table. `bytes` is its body's. */
  take(dataClass: DataClass, { first, last }: Run, bytes: number, now: Timestamp): void {
    if (this.#limits.keep_ms === 0) return;
    this.#keep.get(dataClass)?.run(now, first, last - first);
    this.#count(1, bytes);
    this.#addedSinceLook += 1;
    // A clock that was set back says nothing of when that is.
    const isDue = now >= this.#looked.next || now < this.#looked.at;
    if (isDue || this.#bytes > this.#limits.bytesMax) this.#trim(now);
  }

  /** Puts back what lies in these runs; it is kept no more. */
  recall(runs: readonly Run[]): readonly Recalled[] {
    const recalled: Recalled[] = [];
    for (const [number, dataClass] of DATA_CLASSES.entries()) {
      for (const { first: from, last: to } of runs) {
        for (const row of this.#within.all(number, from, to)) {
          const [first, bytes] = [Number(row.first), Number(row.bytes)];
          const { changes } = this.#put.get(dataClass)?.run(first) ?? { changes: 0 };
          this.#delete.run(number, first);
          this.#count(-1, bytes);
          if (changes === 0) continue;
          recalled.push({ dataClass, device: Number(row.device), samples: Number(row.more) + 1, bytes });
        }
      }
    }
    return recalled;
  }

  /** The numbers of another epoch say nothing to the hub. */
  clear(): void {
    this.#clear.run();
    this.#bytes = 0;
    this.#records = 0;
  }

  /** What is too old goes; beyond the budget the least precious goes first, the oldest of it. */
  #trim(now: Timestamp): void {
    let left = REMOVALS_EACH * this.#addedSinceLook;
    const { bytesMax, keep_ms } = this.#limits;
    const before = now - keep_ms;
    let next = now + keep_ms;
    for (let number = DATA_CLASSES.length - 1; number >= 0 && left > 0; number -= 1) {
      for (const { bytes, confirmed, first } of this.#oldest.all(number, left)) {
        if (Number(confirmed) >= before && this.#bytes <= bytesMax) {
          next = Math.min(next, Number(confirmed) + keep_ms);
          break;
        }
        this.#delete.run(number, Number(first));
        this.#count(-1, Number(bytes));
        left -= 1;
      }
    }
    this.#looked = { at: now, next: Math.max(now + LOOK_MS, left === 0 ? now : next) };
    this.#addedSinceLook = 0;
  }

  #count(records: number, bytes: number): void {
    this.#records += records;
    this.#bytes += records * (bytes + KEPT_OVERHEAD_BYTES);
  }
}
