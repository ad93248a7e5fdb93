/** `rollups.sqlite`: what has to be folded again, and what folding needs beyond the store's points. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { fixedZone, type MetricName, type Timestamp, timeZone } from "@campus-ops/device-profiles/vocabulary";
import { type DatabaseFile, openDatabase } from "@campus-ops/service/database";
import type { TimedValue } from "../core/figures.ts";
import type { RollupTier } from "../core/periods.ts";
import { CHINA_SCHOOL, SchoolTime } from "../core/school-time.ts";
import type { KeptSketch } from "../core/sketch.ts";

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS checkpoint (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1), seq INTEGER NOT NULL, received_at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS series (metric TEXT, device TEXT, PRIMARY KEY (metric, device)) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS marks (
    tier TEXT, start INTEGER, metric TEXT, device TEXT, due INTEGER NOT NULL,
    PRIMARY KEY (tier, start, metric, device)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS marks_by_due ON marks (due);
  CREATE TABLE IF NOT EXISTS states (
    device TEXT, metric TEXT, time INTEGER, value INTEGER NOT NULL, PRIMARY KEY (device, metric, time)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS sketches (
    tier TEXT, metric TEXT, campus TEXT, start INTEGER, sketch TEXT NOT NULL, PRIMARY KEY (tier, metric, campus, start)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS told (
    campus TEXT, family TEXT, start INTEGER, metric TEXT, value REAL NOT NULL, PRIMARY KEY (campus, family, start, metric)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS days (day INTEGER PRIMARY KEY) STRICT;
  CREATE TABLE IF NOT EXISTS school_time (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1), utc_offset INTEGER NOT NULL, terms TEXT NOT NULL, off TEXT NOT NULL
  ) STRICT;
`;

/** Before it, the offset from UTC of the day when it was told stood for all days. */
const WITH_ZONE = "ALTER TABLE school_time ADD COLUMN time_zone TEXT;";

/** School days and terms of which every series is to be marked. */
const WITH_REFOLDS = `
  CREATE TABLE refolds (tier TEXT, start INTEGER, PRIMARY KEY (tier, start)) STRICT, WITHOUT ROWID;
`;

export interface Refold {
  readonly tier: "schoolDay" | "term";
  readonly start: Timestamp;
}

/** One series whose figures of one period are to be computed again. */
export interface Mark {
  readonly tier: RollupTier;
  readonly start: Timestamp;
  /** Empty for the counts of a campus, which `device` then names. */
  readonly metric: MetricName;
  readonly device: string;
  /** By the journal's clock. */
  readonly due: Timestamp;
}

/** A count that another part of the hub made, of five minutes. */
export interface ToldCount {
  readonly start: Timestamp;
  readonly metric: MetricName;
  readonly value: number;
}

export class RollupFile {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(path: DatabaseFile) {
    this.#database = openDatabase(path, [SCHEMA, WITH_ZONE, WITH_REFOLDS]);
  }

  checkpoint(): { readonly seq: number; readonly receivedAt?: Timestamp } {
    const row = this.#sql("SELECT seq, received_at FROM checkpoint").get();
    return row === undefined ? { seq: 0 } : { seq: Number(row.seq), receivedAt: Number(row.received_at) };
  }

  begin(): void {
    if (!this.#database.isTransaction) this.#database.exec("BEGIN IMMEDIATE");
  }

  commit(checkpoint?: { readonly seq: number; readonly receivedAt: Timestamp }): void {
    if (checkpoint !== undefined)
      this.#sql("INSERT OR REPLACE INTO checkpoint VALUES (1, ?, ?)").run(
        checkpoint.seq,
        checkpoint.receivedAt,
      );
    if (this.#database.isTransaction) this.#database.exec("COMMIT");
  }

  rollback(): void {
    if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
  }

  close(): void {
    this.rollback();
    this.#database.close();
  }

  addSeries(metric: MetricName, device: string): void {
    this.#sql("INSERT OR IGNORE INTO series VALUES (?, ?)").run(metric, device);
  }

  devicesOf(metric: MetricName, campus: string): string[] {
    const rows = this.#sql("SELECT device FROM series WHERE metric = ? AND device >= ? AND device < ?").all(
      metric,
      `${campus}/`,
      `${campus}0`,
    );
    return rows.map(({ device }) => String(device));
  }

  mark({ tier, start, metric, device, due }: Mark): void {
    this.#sql(
      "INSERT INTO marks VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET due = max(due, excluded.due)",
    ).run(tier, start, metric, device, due);
  }

  /** Those that are due; one tier, period and metric lie together. */
  dueMarks(now: Timestamp, limit: number): Mark[] {
    return this.#sql(
      "SELECT * FROM marks WHERE due <= ? ORDER BY due, tier, start, metric, device LIMIT ?",
    ).all(now, limit) as unknown as Mark[];
  }

  unmark({ tier, start, metric, device }: Mark): void {
    this.#sql("DELETE FROM marks WHERE tier = ? AND start = ? AND metric = ? AND device = ?").run(
      tier,
      start,
      metric,
      device,
    );
  }

  /** How many are due, up to `limit`. */
  dueCount(now: Timestamp, limit: number): number {
    const due = "SELECT count(*) AS due FROM (SELECT 1 FROM marks WHERE due <= ? LIMIT ?)";
    return Number(this.#sql(due).get(now, limit)?.due ?? 0);
  }

  waiting(): number {
    return Number(this.#sql("SELECT count(*) AS waiting FROM marks").get()?.waiting ?? 0);
  }

  addRefold(tier: Refold["tier"], start: Timestamp): void {
    this.#sql("INSERT OR IGNORE INTO refolds VALUES (?, ?)").run(tier, start);
  }

  /** The newest school day first, terms after them: people look at what was lately. */
  nextRefold(): Refold | undefined {
    return this.#sql("SELECT tier, start FROM refolds ORDER BY tier, start DESC LIMIT 1").get() as unknown as
      | Refold
      | undefined;
  }

  dropRefold({ start, tier }: Refold): void {
    this.#sql("DELETE FROM refolds WHERE tier = ? AND start = ?").run(tier, start);
  }

  refolds(): number {
    return Number(this.#sql("SELECT count(*) AS waiting FROM refolds").get()?.waiting ?? 0);
  }

  addState(device: string, metric: MetricName, { time, value }: TimedValue): void {
    this.#sql("INSERT OR REPLACE INTO states VALUES (?, ?, ?, ?)").run(device, metric, time, value);
  }

  /** The state that holds at a time: of the newest change at or before it. */
  stateAt(device: string, metric: MetricName, time: Timestamp): TimedValue | undefined {
    return this.#sql(
      "SELECT time, value FROM states WHERE device = ? AND metric = ? AND time <= ? ORDER BY time DESC LIMIT 1",
    ).get(device, metric, time) as unknown as TimedValue | undefined;
  }

  stateAfter(device: string, metric: MetricName, time: Timestamp): TimedValue | undefined {
    return this.#sql(
      "SELECT time, value FROM states WHERE device = ? AND metric = ? AND time > ? ORDER BY time LIMIT 1",
    ).get(device, metric, time) as unknown as TimedValue | undefined;
  }

  /** The state that holds at `from`, and the changes after it and before `to`. */
  states(device: string, metric: MetricName, from: Timestamp, to: Timestamp): TimedValue[] {
    const holding = this.stateAt(device, metric, from);
    const rows = this.#sql(
      "SELECT time, value FROM states WHERE device = ? AND metric = ? AND time > ? AND time < ? ORDER BY time",
    ).all(device, metric, from, to) as unknown as TimedValue[];
    return holding === undefined ? rows : [holding, ...rows];
  }

  /** The newest state of every series. */
  newestStates(): { readonly device: string; readonly metric: MetricName; readonly value: number }[] {
    return this.#sql(
      "SELECT device, metric, value, max(time) FROM states GROUP BY device, metric",
    ).all() as unknown as { device: string; metric: MetricName; value: number }[];
  }

  stateNumbers(metric: MetricName): number[] {
    const rows = this.#sql("SELECT DISTINCT value FROM states WHERE metric = ?").all(metric);
    return rows.map(({ value }) => Number(value));
  }

  allSeries(): { readonly metric: MetricName; readonly device: string }[] {
    return this.#sql("SELECT metric, device FROM series").all() as unknown as {
      metric: MetricName;
      device: string;
    }[];
  }

  /** Local days that something was rolled up for. */
  addDay(day: number): void {
    this.#sql("INSERT OR IGNORE INTO days VALUES (?)").run(day);
  }

  days(): number[] {
    return this.#sql("SELECT day FROM days ORDER BY day")
      .all()
      .map(({ day }) => Number(day));
  }

  schoolTime(): SchoolTime {
    const row = this.#sql("SELECT * FROM school_time").get();
    if (row === undefined) return CHINA_SCHOOL;
    const zone = row.time_zone === null ? fixedZone(Number(row.utc_offset)) : timeZone(String(row.time_zone));
    return new SchoolTime(
      zone,
      JSON.parse(String(row.terms)) as SchoolTime["terms"],
      JSON.parse(String(row.off)) as number[],
    );
  }

  keepSchoolTime({ zone, terms, off }: SchoolTime): void {
    this.#sql(
      "INSERT OR REPLACE INTO school_time (only_row, utc_offset, terms, off, time_zone) VALUES (1, 0, ?, ?, ?)",
    ).run(JSON.stringify(terms), JSON.stringify(off), zone.name);
  }

  /** What was told of a campus in `[from, to)`, in one family of counts. */
  told(campus: string, family: string, from: Timestamp, to: Timestamp): ToldCount[] {
    return this.#sql(
      "SELECT start, metric, value FROM told WHERE campus = ? AND family = ? AND start >= ? AND start < ?",
    ).all(campus, family, from, to) as unknown as ToldCount[];
  }

  keepTold(campus: string, family: string, { start, metric, value }: ToldCount): void {
    this.#sql("INSERT OR REPLACE INTO told VALUES (?, ?, ?, ?, ?)").run(campus, family, start, metric, value);
  }

  /** Sums of what was told of a campus in `[from, to)`, by metric. */
  toldSums(campus: string, from: Timestamp, to: Timestamp): { metric: MetricName; sum: number }[] {
    return this.#sql(
      "SELECT metric, sum(value) AS sum FROM told WHERE campus = ? AND start >= ? AND start < ? GROUP BY metric",
    ).all(campus, from, to) as unknown as { metric: MetricName; sum: number }[];
  }

  dropSketch(tier: RollupTier, metric: MetricName, campus: string, start: Timestamp): void {
    this.#sql("DELETE FROM sketches WHERE tier = ? AND metric = ? AND campus = ? AND start = ?").run(
      tier,
      metric,
      campus,
      start,
    );
  }

  keepSketch(
    tier: RollupTier,
    metric: MetricName,
    campus: string,
    start: Timestamp,
    sketch: KeptSketch,
  ): void {
    this.#sql("INSERT OR REPLACE INTO sketches VALUES (?, ?, ?, ?, ?)").run(
      tier,
      metric,
      campus,
      start,
      JSON.stringify(sketch),
    );
  }

  sketches(
    tier: RollupTier,
    metric: MetricName,
    campus: string,
    from: Timestamp,
    to: Timestamp,
  ): KeptSketch[] {
    const rows = this.#sql(
      "SELECT sketch FROM sketches WHERE tier = ? AND metric = ? AND campus = ? AND start >= ? AND start < ?",
    ).all(tier, metric, campus, from, to);
    return rows.map(({ sketch }) => JSON.parse(String(sketch)) as KeptSketch);
  }

  forgetTold(before: Timestamp): void {
    this.#sql("DELETE FROM told WHERE start < ?").run(before);
  }

  /** How many sketches and states went; the newest state of each series stays. */
  forget(before: Readonly<Record<RollupTier, Timestamp>>): number {
    let gone = 0;
    for (const [tier, time] of Object.entries(before))
      gone += Number(this.#sql("DELETE FROM sketches WHERE tier = ? AND start < ?").run(tier, time).changes);
    return (
      gone +
      Number(
        this.#sql(
          `DELETE FROM states WHERE time < ?1 AND time < (
             SELECT max(time) FROM states AS newest
             WHERE newest.device = states.device AND newest.metric = states.metric)`,
        ).run(before["5m"]).changes,
      )
    );
  }

  #sql(text: string): StatementSync {
    const known = this.#statements.get(text);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(text);
    this.#statements.set(text, statement);
    return statement;
  }
}
