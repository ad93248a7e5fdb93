/**
 * Days of campuses as sums: of this hub's own campuses, to be told to the hub above, and of those that hubs below have told.
 * Both are passed on the same way, by the number of the change that made a day what it is.
 */
import type { EventName, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { DatabaseFile } from "@campus-ops/service/database";
import { type DayFields, isNewer, type ToldDay } from "../core/told/day.ts";
import { Database } from "../store/database.ts";

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS head (id INTEGER PRIMARY KEY CHECK (id = 1), seq INTEGER NOT NULL, now INTEGER NOT NULL) STRICT;
  INSERT OR IGNORE INTO head VALUES (1, 0, 0);
  CREATE TABLE IF NOT EXISTS days (
    campus TEXT NOT NULL, event TEXT NOT NULL, day INTEGER NOT NULL, key TEXT NOT NULL, told INTEGER NOT NULL,
    counted INTEGER NOT NULL, fields TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (campus, event, day, key)) STRICT;
  CREATE INDEX IF NOT EXISTS days_by_campus ON days (campus, n);
  CREATE UNIQUE INDEX IF NOT EXISTS days_by_number ON days (n);
`;

export class DayStore {
  readonly #db: Database;

  constructor(file: DatabaseFile) {
    this.#db = new Database(file, [SCHEMA]);
  }

  /** The journal has been read up to here. */
  get position(): { readonly seq: number; readonly now: Timestamp } {
    const row = this.#db.rows("SELECT seq, now FROM head")[0];
    return { seq: Number(row?.seq ?? 0), now: Number(row?.now ?? 0) };
  }

  /** What hubs below have told. */
  commit(seq: number, now: Timestamp, days: readonly ToldDay[]): void {
    this.#db.transaction(() => {
      this.#db.run("UPDATE head SET seq = ?, now = ?", seq, now);
      for (const day of days) this.#put(day, 1);
    });
  }

  /** Days that this hub has counted itself. */
  keep(days: readonly ToldDay[]): void {
    this.#db.transaction(() => {
      for (const day of days) this.#put(day, 0);
    });
  }

  /** A hub below tells of it. */
  isTold(campus: string): boolean {
    return this.#db.rows("SELECT 1 FROM days WHERE campus = ? AND told = 1 LIMIT 1", campus).length > 0;
  }

  /** Campuses that hubs below tell of; of a city's days only the first of each campus is read. */
  campuses(event: EventName): readonly string[] {
    const found: string[] = [];
    for (let campus = this.#after(""); campus !== undefined; campus = this.#after(campus))
      if (this.newestTold(campus, event, Number.MAX_SAFE_INTEGER) !== undefined) found.push(campus);
    return found;
  }

  /** Days that begin in the range, that a hub below has told. */
  told(campus: string, event: EventName, from: Timestamp, to: Timestamp): readonly ToldDay[] {
    return this.#db
      .rows(
        "SELECT * FROM days WHERE told = 1 AND campus = ? AND event = ? AND day >= ? AND day < ?",
        campus,
        event,
        from,
        to,
      )
      .map(dayIn);
  }

  /** Of what a hub below has told: the newest day that begins before then. */
  newestTold(campus: string, event: EventName, before: Timestamp): Timestamp | undefined {
    const row = this.#db.rows(
      "SELECT day FROM days WHERE campus = ? AND event = ? AND day < ? AND told = 1 ORDER BY day DESC LIMIT 1",
      campus,
      event,
      before,
    )[0];
    return typeof row?.day === "number" ? row.day : undefined;
  }

  /** Of this hub's own: the newest day of a campus. */
  newest(campus: string): Timestamp | undefined {
    const row = this.#db.rows("SELECT max(day) AS day FROM days WHERE campus = ? AND told = 0", campus)[0];
    return typeof row?.day === "number" ? row.day : undefined;
  }

  /** Of this hub's own: keys of one day. */
  keys(campus: string, event: EventName, day: Timestamp): readonly ToldDay[] {
    return this.#db
      .rows("SELECT * FROM days WHERE campus = ? AND event = ? AND day = ? AND told = 0", campus, event, day)
      .map(dayIn);
  }

  /** What has changed after that number, oldest change first. */
  changed(
    campus: string,
    after: number,
    limit: number,
  ): readonly { readonly n: number; readonly day: ToldDay }[] {
    return this.#db
      .rows("SELECT * FROM days WHERE campus = ? AND n > ? ORDER BY n LIMIT ?", campus, after, limit)
      .map((row) => ({ n: Number(row.n), day: dayIn(row) }));
  }

  /** Number of the newest change. */
  get last(): number {
    return Number(this.#db.rows("SELECT max(n) AS n FROM days")[0]?.n ?? 0);
  }

  /** Answers with how many went. */
  retain(before: Timestamp): number {
    return Number(this.#db.run("DELETE FROM days WHERE day < ?", before).changes);
  }

  close(): void {
    this.#db.close();
  }

  #after(campus: string): string | undefined {
    const next = this.#db.rows("SELECT min(campus) AS campus FROM days WHERE campus > ?", campus)[0]?.campus;
    return typeof next === "string" ? next : undefined;
  }

  /** What another hub tells of its own campus stands above what is counted here; what is the same is no change. */
  #put(day: ToldDay, told: 0 | 1): void {
    const { campus, event, key, counted } = day;
    const row = this.#db.rows(
      "SELECT * FROM days WHERE campus = ? AND event = ? AND day = ? AND key = ?",
      campus,
      event,
      day.day,
      key,
    )[0];
    if (row !== undefined) {
      if (Number(row.told) > told || (Number(row.told) === told && !isNewer(day, dayIn(row)))) return;
      if (Number(row.told) === told && isSame(dayIn(row).fields, day.fields)) {
        this.#db.run("UPDATE days SET counted = ? WHERE n = ?", counted, Number(row.n));
        return;
      }
    }
    this.#db.run(
      `INSERT OR REPLACE INTO days VALUES (?, ?, ?, ?, ?, ?, ?, (SELECT ifnull(max(n), 0) + 1 FROM days))`,
      campus,
      event,
      day.day,
      key,
      told,
      counted,
      JSON.stringify(day.fields),
    );
  }
}

/** Counted again to the same. */
const isSame = ({ counted: _, ...a }: DayFields, { counted: __, ...b }: DayFields): boolean =>
  JSON.stringify(a) === JSON.stringify(b);

const dayIn = ({ campus, event, day, key, counted, fields }: Record<string, unknown>): ToldDay => ({
  campus: String(campus),
  event: String(event),
  day: Number(day),
  key: String(key),
  counted: Number(counted),
  fields: JSON.parse(String(fields)) as DayFields,
});
