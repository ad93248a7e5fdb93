/**
 * `registry.sqlite`: the registry's rows, commands and roll-ups, with the checkpoint they belong to. Values of metrics have a
 * checkpoint of their own, which may be a little older: entries from there on are read for their values once more.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import {
  type MetricName,
  parseAddressKey,
  type Rollup,
  type RollupCount,
  type Timestamp,
} from "@campus-ops/device-profiles/vocabulary";
import { type DatabaseFile, openDatabase } from "@campus-ops/service/database";
import type { CommandView } from "../api.ts";
import type {
  DeviceAsset,
  DeviceRegistry,
  MetricState,
  NodeAsset,
  RegistryChanges,
} from "../core/registry.ts";
import { BUCKET_MS, type RollupDelta, secondsOn, type Transition } from "../core/rollup.ts";
import { RollupSpans } from "../core/rollup-spans.ts";
import type { JournalPlace } from "../core/unsaved-values.ts";

const DAY_MS = 86_400_000;
/** Event identities are remembered this long, by event time: an edge does not report again what is older. */
const EVENT_MEMORY_MS = 120 * DAY_MS;
/** Five-minute roll-ups and projector states; the longest term and the school year around it. */
const ROLLUP_MEMORY_MS = 400 * DAY_MS;

/** How many of the last buckets that a hub told say what it would tell. */
const EXPECTED_BUCKETS = 3;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS checkpoint (only_row INTEGER PRIMARY KEY CHECK (only_row = 1), seq INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS checkpoint_entry (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1), received_at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS nodes (key TEXT PRIMARY KEY, facts TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS devices (key TEXT PRIMARY KEY, facts TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS metrics (
    asset TEXT, name TEXT, state TEXT NOT NULL, PRIMARY KEY (asset, name)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS events (
    asset TEXT, id TEXT, event_time INTEGER NOT NULL, PRIMARY KEY (asset, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS events_by_time ON events (event_time);
  CREATE TABLE IF NOT EXISTS rollups (
    bucket INTEGER, campus TEXT, count TEXT, value INTEGER NOT NULL, changed INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (bucket, campus, count)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS projector_power (
    device TEXT, event_time INTEGER, is_on INTEGER, PRIMARY KEY (device, event_time)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS commands (id TEXT PRIMARY KEY, requested_at INTEGER NOT NULL, command TEXT NOT NULL) STRICT;
  CREATE INDEX IF NOT EXISTS commands_open ON commands (requested_at) WHERE command ->> 'state' = 'requested';
`;
const VALUES_CHECKPOINT = `
  CREATE TABLE values_checkpoint (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1), seq INTEGER NOT NULL, received_at INTEGER NOT NULL
  ) STRICT;
`;

export class RegistryFile {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  /** Counts of whole buckets, by campus. */
  readonly spans = new RollupSpans((from, to, take) => this.#readBucket(from, to, take));

  constructor(path: DatabaseFile) {
    this.#database = openDatabase(path, [SCHEMA, VALUES_CHECKPOINT]);
    // A file of an older version: what is in it counts as never changed, and is told once by its time.
    const columns = this.#sql("SELECT name FROM pragma_table_info('rollups')").all();
    if (!columns.some(({ name }) => name === "changed"))
      this.#database.exec("ALTER TABLE rollups ADD COLUMN changed INTEGER NOT NULL DEFAULT 0");
    this.#database.exec("CREATE INDEX IF NOT EXISTS rollups_by_change ON rollups (campus, changed)");
  }

  checkpoint(): number {
    return (this.#sql("SELECT seq FROM checkpoint").get() as { seq: number } | undefined)?.seq ?? 0;
  }

  /** When the entry at the checkpoint was received; undefined in a file of an older version. */
  checkpointReceivedAt(): Timestamp | undefined {
    const row = this.#sql("SELECT received_at FROM checkpoint_entry").get();
    return row === undefined ? undefined : Number(row.received_at);
  }

  /** Every value that an entry up to here has set is in the file, or one that a later entry has set. */
  valuesCheckpoint(): JournalPlace {
    const row = this.#sql("SELECT seq, received_at FROM values_checkpoint").get();
    return row === undefined
      ? { seq: this.checkpoint(), receivedAt: this.checkpointReceivedAt() ?? 0 }
      : { seq: Number(row.seq), receivedAt: Number(row.received_at) };
  }

  /** Begins a transaction unless one is open: everything from here to {@link commit} is kept together or not at all. */
  begin(): void {
    if (!this.#database.isTransaction) this.#database.exec("BEGIN IMMEDIATE");
  }

  /** `values`: see {@link valuesCheckpoint}. */
  commit({ seq, receivedAt }: JournalPlace, values: JournalPlace): void {
    this.#sql("INSERT OR REPLACE INTO checkpoint VALUES (1, ?)").run(seq);
    if (receivedAt > 0) this.#sql("INSERT OR REPLACE INTO checkpoint_entry VALUES (1, ?)").run(receivedAt);
    this.#sql("INSERT OR REPLACE INTO values_checkpoint VALUES (1, ?, ?)").run(values.seq, values.receivedAt);
    this.#database.exec("COMMIT");
  }

  /** What was not committed is as if it had never been. */
  rollback(): void {
    if (!this.#database.isTransaction) return;
    this.#database.exec("ROLLBACK");
    this.spans.clear();
  }

  close(): void {
    this.rollback();
    this.#database.close();
  }

  load(registry: DeviceRegistry): void {
    const metrics = Map.groupBy(
      this.#sql("SELECT asset, name, state FROM metrics").all() as unknown as MetricRow[],
      ({ asset }) => asset,
    );
    const metricsOf = (key: string): Map<string, MetricState> =>
      new Map((metrics.get(key) ?? []).map(({ name, state }) => [name, JSON.parse(state, reviveBigint)]));
    for (const { key, facts } of this.#sql("SELECT key, facts FROM nodes").all() as unknown as AssetRow[]) {
      const { epochs, ...rest } = JSON.parse(facts) as StoredNode;
      registry.restoreNode({
        ...rest,
        key,
        address: parseAddressKey(key),
        epochs: new Map(epochs),
        metrics: metricsOf(key),
      });
    }
    for (const { key, facts } of this.#sql("SELECT key, facts FROM devices").all() as unknown as AssetRow[]) {
      const stored = JSON.parse(facts) as StoredDevice;
      registry.restoreDevice({
        ...stored,
        class: stored.class,
        dependsOn: stored.dependsOn,
        key,
        address: parseAddressKey(key),
        metrics: metricsOf(key),
      });
    }
  }

  saveAssets({ nodes, devices }: Pick<RegistryChanges, "nodes" | "devices">): void {
    const saveNode = this.#sql("INSERT OR REPLACE INTO nodes VALUES (?, ?)");
    for (const { key, address: _, metrics: __, epochs, ...facts } of nodes)
      saveNode.run(key, JSON.stringify({ ...facts, epochs: [...epochs] }));
    const saveDevice = this.#sql("INSERT OR REPLACE INTO devices VALUES (?, ?)");
    for (const { key, address: _, metrics: __, ...facts } of devices)
      saveDevice.run(key, JSON.stringify(facts));
  }

  saveValues(
    registry: DeviceRegistry,
    values: Iterable<readonly [asset: string, names: ReadonlySet<MetricName>]>,
  ): void {
    const saveMetric = this.#sql("INSERT OR REPLACE INTO metrics VALUES (?, ?, ?)");
    for (const [key, names] of values) {
      const asset = registry.devices.get(key) ?? registry.nodes.get(key);
      for (const name of names) {
        const state = asset?.metrics.get(name);
        if (state !== undefined) saveMetric.run(key, name, JSON.stringify(state, replaceBigint));
      }
    }
  }

  /** True when this event was never seen before; from now on it was. */
  isNewEvent(asset: string, id: string, eventTime: Timestamp): boolean {
    return this.#sql("INSERT OR IGNORE INTO events VALUES (?, ?, ?)").run(asset, id, eventTime).changes === 1;
  }

  /** `seq`: of the journal entry that says so. */
  addToRollup(campus: string, { bucket, count, by }: RollupDelta, seq: number): void {
    this.#sql(
      `INSERT INTO rollups VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET value = value + excluded.value, changed = excluded.changed`,
    ).run(bucket, campus, count, by, seq);
    this.spans.add(campus, bucket, count, by);
  }

  /** Of a campus whose counts another hub keeps: what it says of a bucket takes the place of what it said before. */
  setRollup(campus: string, bucket: Timestamp, count: RollupCount, value: number, seq: number): void {
    const known = this.#sql("SELECT value FROM rollups WHERE bucket = ? AND campus = ? AND count = ?");
    const before = (known.get(bucket, campus, count) as { value: number } | undefined)?.value ?? 0;
    if (value !== before) this.addToRollup(campus, { bucket, count, by: value - before }, seq);
  }

  /** Says that what is made of a campus's buckets from that one on, or of that one alone, is not what it was. */
  touchRollups(campus: string, from: Timestamp, to: Timestamp, seq: number): void {
    this.#sql("UPDATE rollups SET changed = ? WHERE campus = ? AND bucket >= ? AND bucket <= ?").run(
      seq,
      campus,
      from,
      to,
    );
  }

  /**
   * A campus's buckets that changed after an entry, and the entry up to which these are all; about `limit` of them, or
   * more where one entry changed more.
   */
  changedBuckets(
    campus: string,
    after: number,
    limit: number,
  ): { readonly buckets: readonly Timestamp[]; readonly upTo: number | undefined } {
    const last = this.#sql(
      "SELECT changed FROM rollups WHERE campus = ? AND changed > ? ORDER BY changed LIMIT 1 OFFSET ?",
    ).get(campus, after, limit);
    const upTo = last === undefined ? undefined : Number(last.changed);
    const rows = this.#sql(
      "SELECT DISTINCT bucket FROM rollups WHERE campus = ? AND changed > ? AND changed <= ? ORDER BY bucket",
    ).all(campus, after, upTo ?? Number.MAX_SAFE_INTEGER);
    return { buckets: rows.map(({ bucket }) => Number(bucket)), upTo };
  }

  /**
   * Counts of one campus in the buckets that begin in `[from, to)`: whoever folds campus by campus does not read all of them
   * for each. Rows lie by bucket and campus, so each bucket is one step down the tree. What was counted and is 0 now is among
   * them: what was made of it is to follow.
   */
  rollupOf(campus: string, from: Timestamp, to: Timestamp): Rollup {
    const rows = this.#sql(
      `WITH RECURSIVE starts (start) AS (
         SELECT ?1 WHERE ?1 < ?2 UNION ALL SELECT start + ${BUCKET_MS} FROM starts WHERE start + ${BUCKET_MS} < ?2
       )
       SELECT count, sum(value) AS value FROM starts CROSS JOIN rollups ON bucket = start AND campus = ?3
       GROUP BY count`,
    ).all(from, to, campus);
    return Object.fromEntries(rows.map(({ count, value }) => [String(count), Number(value)]));
  }

  /**
   * Samples that a hub which is cut off will have expected in what it has not told of `[from, to)`: as many in each bucket
   * as in the fullest of the last it told. An estimate until it tells.
   */
  expectedSince(campus: string, from: Timestamp, to: Timestamp): number {
    const told = this.#sql(
      `SELECT bucket, value FROM rollups WHERE campus = ? AND count = 'samples.expected' AND bucket < ?
       ORDER BY bucket DESC LIMIT ?`,
    ).all(campus, to, EXPECTED_BUCKETS);
    const newest = told[0];
    if (newest === undefined) return 0;
    const begin = Math.max(from, Number(newest.bucket) + BUCKET_MS);
    const buckets = Math.max(0, Math.floor((to - begin) / BUCKET_MS));
    return buckets * Math.max(...told.map(({ value }) => Number(value)));
  }

  /** The counts of the first bucket in `[from, to)` that has any; returns up to where these are all. */
  #readBucket(
    from: Timestamp,
    to: Timestamp,
    take: (campus: string, count: RollupCount, value: number) => void,
  ): Timestamp {
    const first = this.#sql("SELECT min(bucket) AS bucket FROM rollups WHERE bucket >= ? AND bucket < ?");
    const bucket = first.get(from, to)?.bucket;
    if (typeof bucket !== "number") return to;
    const rows = this.#sql("SELECT campus, count, value FROM rollups WHERE bucket = ?").iterate(bucket);
    for (const { campus, count, value } of rows)
      take(String(campus), String(count) as RollupCount, Number(value));
    return bucket + BUCKET_MS;
  }

  addProjectorPower(device: string, { time, on }: Transition): void {
    const number = on === null ? null : Number(on);
    this.#sql("INSERT OR REPLACE INTO projector_power VALUES (?, ?, ?)").run(device, time, number);
  }

  /** Seconds that a projector was on in `[from, to)`. */
  projectorSeconds(device: string, from: Timestamp, to: Timestamp): number {
    const rows = this.#sql(
      `SELECT event_time, is_on FROM projector_power WHERE device = ?1 AND event_time < ?3 AND event_time >= coalesce(
         (SELECT max(event_time) FROM projector_power WHERE device = ?1 AND event_time <= ?2), 0)
       ORDER BY event_time`,
    ).all(device, from, to) as unknown as { event_time: number; is_on: number | null }[];
    const transitions = rows.map(({ event_time, is_on }) => ({
      time: event_time,
      on: is_on === null ? null : is_on === 1,
    }));
    return secondsOn(transitions, from, to);
  }

  command(id: string): CommandView | undefined {
    const row = this.#sql("SELECT command FROM commands WHERE id = ?").get(id) as
      | { command: string }
      | undefined;
    return row === undefined ? undefined : (JSON.parse(row.command) as CommandView);
  }

  saveCommand(command: CommandView): void {
    this.#sql("INSERT OR REPLACE INTO commands VALUES (?, ?, ?)").run(
      command.id,
      command.requestedAt,
      JSON.stringify(command),
    );
  }

  openCommands(): CommandView[] {
    const rows = this.#sql("SELECT command FROM commands WHERE command ->> 'state' = 'requested'").all();
    return (rows as { command: string }[]).map(({ command }) => JSON.parse(command) as CommandView);
  }

  /** Forgets what is past its memory, except the newest state of each projector. */
  forget(now: Timestamp): void {
    this.#sql("DELETE FROM events WHERE event_time < ?").run(now - EVENT_MEMORY_MS);
    this.#sql("DELETE FROM rollups WHERE bucket < ?").run(now - ROLLUP_MEMORY_MS);
    this.spans.forgetBefore(now - ROLLUP_MEMORY_MS);
    this.#sql(
      `DELETE FROM projector_power WHERE event_time < ?1 AND event_time < (
         SELECT max(event_time) FROM projector_power AS newest WHERE newest.device = projector_power.device)`,
    ).run(now - ROLLUP_MEMORY_MS);
  }

  #sql(text: string): StatementSync {
    const known = this.#statements.get(text);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(text);
    this.#statements.set(text, statement);
    return statement;
  }
}

interface AssetRow {
  readonly key: string;
  readonly facts: string;
}

interface MetricRow {
  readonly asset: string;
  readonly name: string;
  readonly state: string;
}

/** JSON leaves out what is undefined. */
type StoredDevice = Omit<DeviceAsset, "key" | "address" | "metrics" | "class" | "dependsOn"> &
  Partial<Pick<DeviceAsset, "class" | "dependsOn">>;
type StoredNode = Omit<NodeAsset, "key" | "address" | "metrics" | "epochs"> & {
  epochs: (readonly [number, { first: number; last: number; received: number }])[];
};

/** JSON has no bigint: `{"$bigint":"…"}`. */
function replaceBigint(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? { $bigint: value.toString() } : value;
}

function reviveBigint(_: string, value: unknown): unknown {
  return typeof value === "object" && value !== null && "$bigint" in value
    ? BigInt(String(value.$bigint))
    : value;
}
