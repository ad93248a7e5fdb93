/**
 * The embedded store: DuckDB. New points go to a hot table, together with the journal's checkpoint; a day that is over
 * is sealed into a Parquet file of its own. Retention deletes files.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Checkpoint } from "@campus-ops/broker/journal";
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import {
  DOUBLE,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBInstance,
  type DuckDBType,
  type DuckDBValue,
  INTEGER,
  LIST,
  listValue,
  VARCHAR,
} from "@duckdb/node-api";
import { TIERS, type Tier, tierOf } from "../core/series-name.ts";
import { selectDay, selectTier, TIER } from "./embedded-query.ts";
import { statementOf } from "./embedded-statement.ts";
import { Exclusive } from "./exclusive.ts";
import { LastValues } from "./last-values.ts";
import { DAY_MS, dayOf, Partitions } from "./partitions.ts";
import { type SnapshotStore, snapshotEmbedded } from "./snapshot.ts";
import type { Maintenance, Point, PointStore, Removal, Retention, StoreAnswer, StoreQuery } from "./store.ts";

/** DuckDB's own bound; it spills to disk beyond it. */
export const STORE_MEMORY_MB = 160;

/** DuckDB's vector size: what one data chunk holds. */
const CHUNK_ROWS = 2_048;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS series (id INTEGER NOT NULL, device VARCHAR NOT NULL, metric VARCHAR NOT NULL);
  CREATE TABLE IF NOT EXISTS hot (series INTEGER, time DOUBLE, value DOUBLE, written DOUBLE);
  CREATE TABLE IF NOT EXISTS checkpoint (journal DOUBLE NOT NULL, written DOUBLE NOT NULL);
  CREATE TABLE IF NOT EXISTS checkpoint_entry (journal DOUBLE NOT NULL, received DOUBLE NOT NULL);
`;

/** Rows of one block of a sealed day: what is read or passed over at once. */
const BLOCK_ROWS = 61_440;

/** A day with more points than this is scanned in pages of so much time. */
const SCAN_ROWS_MAX = 500_000;
const SCAN_MS = 3_600_000;

const VARCHARS = LIST(VARCHAR);

export async function openEmbeddedStore(folder: string): Promise<PointStore & SnapshotStore> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const instance = await DuckDBInstance.create(join(folder, "hot.duckdb"), {
    memory_limit: `${STORE_MEMORY_MB}MB`,
    threads: "1",
    temp_directory: join(folder, "spill"),
    // Nothing is fetched from anywhere.
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  });
  const connection = await instance.connect();
  await connection.run(SCHEMA);
  const series = await connection.runAndReadAll("SELECT id, device, metric FROM series");
  const lasts = await connection.runAndReadAll(
    "SELECT series, max(time), arg_max(value, (time, written)) FROM hot GROUP BY series",
  );
  // An older version keeps the number alone, and knows nothing of the other table.
  const state = await connection.runAndReadAll(
    "SELECT journal, written, received FROM checkpoint LEFT JOIN checkpoint_entry USING (journal)",
  );
  const [seq = 0, written = 0, receivedAt = null] = (state.getRows()[0] ?? []) as (number | null)[];
  const partitions = TIERS.map(
    (tier) => [tier, new Partitions(join(folder, tier === "raw" ? "points" : `rollups-${tier}`))] as const,
  );
  return new EmbeddedStore(instance, connection, new Map(partitions), {
    series: series.getRows() as [number, string, string][],
    lasts: lasts.getRows() as [number, number, number][],
    checkpoint: receivedAt === null ? { seq: seq ?? 0 } : { seq: seq ?? 0, receivedAt },
    written: written ?? 0,
  });
}

class EmbeddedStore implements PointStore, SnapshotStore {
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  readonly #partitions: ReadonlyMap<Tier, Partitions>;
  readonly #exclusive = new Exclusive();
  /** Series number by metric and device. */
  readonly #series = new Map<string, Map<string, number>>();
  #seriesCount = 0;
  readonly #lasts: LastValues;
  #checkpoint: Checkpoint;
  /** Order of writing, counted over the store's life. */
  #written: number;

  constructor(
    instance: DuckDBInstance,
    connection: DuckDBConnection,
    partitions: ReadonlyMap<Tier, Partitions>,
    state: {
      series: readonly [number, string, string][];
      lasts: readonly [number, number, number][];
      checkpoint: Checkpoint;
      written: number;
    },
  ) {
    this.#instance = instance;
    this.#connection = connection;
    this.#partitions = partitions;
    for (const [id, device, metric] of state.series) {
      this.#seriesOf(metric).set(device, id);
      this.#seriesCount = Math.max(this.#seriesCount, id + 1);
    }
    const sealed = [...partitions.values()].flatMap((each) => each.list().map(({ day }) => day + DAY_MS));
    this.#lasts = new LastValues(Math.max(0, ...sealed));
    for (const [id] of state.series) this.#lasts.forgot(id);
    for (const [id, time, value] of state.lasts) this.#lasts.restore(id, time, value);
    this.#checkpoint = state.checkpoint;
    this.#written = state.written;
  }

  async checkpoint(): Promise<Checkpoint> {
    return this.#checkpoint;
  }

  write(points: readonly Point[], checkpoint = this.#checkpoint): Promise<void> {
    return this.#exclusive.run(async () => {
      const before = this.#seriesCount;
      const added: [number, string, string][] = [];
      const ids = points.map((point) => this.#idOf(point, added));
      await this.#connection.run("BEGIN");
      try {
        if (added.length > 0) await this.#append("series", [INTEGER, VARCHAR, VARCHAR], columns(added));
        await this.#append(
          "hot",
          [INTEGER, DOUBLE, DOUBLE, DOUBLE],
          [
            ids,
            points.map(({ time }) => time),
            points.map(({ value }) => value),
            points.map((_, index) => this.#written + index),
          ],
        );
        const written = this.#written + points.length;
        await this.#keep(checkpoint, written);
        await this.#connection.run("COMMIT");
        this.#written = written;
        this.#checkpoint = checkpoint;
        for (const [index, { time, value }] of points.entries())
          this.#lasts.write(ids[index] ?? 0, time, value);
      } catch (error) {
        await this.#connection.run("ROLLBACK").catch(() => undefined);
        for (const [, device, metric] of added) this.#series.get(metric)?.delete(device);
        this.#seriesCount = before;
        throw error;
      }
    });
  }

  async #keep({ seq, receivedAt }: Checkpoint, written: number): Promise<void> {
    await this.#connection.run("DELETE FROM checkpoint; DELETE FROM checkpoint_entry");
    await this.#connection.run("INSERT INTO checkpoint VALUES ($1, $2)", [seq, written], [DOUBLE, DOUBLE]);
    if (receivedAt === undefined) return;
    const entry = [seq, receivedAt];
    await this.#connection.run("INSERT INTO checkpoint_entry VALUES ($1, $2)", entry, [DOUBLE, DOUBLE]);
  }

  query(query: StoreQuery): Promise<StoreAnswer> {
    return this.#exclusive.run(async () => {
      const { metric, groups, from, to, limit } = query;
      const known = this.#series.get(metric);
      const newest = known === undefined ? undefined : this.#lasts.answerEach(query, known);
      if (newest !== undefined) return newest;
      const ids: number[] = [];
      const devices: string[] = [];
      const owners: string[] = [];
      for (const [device, group] of groups) {
        const id = known?.get(device);
        if (id === undefined) continue;
        ids.push(id);
        devices.push(device);
        owners.push(group);
      }
      if (ids.length === 0) return { series: [], truncated: false };
      const remembered = this.#lasts.answer(query, ids, devices, owners);
      if (remembered !== undefined) return remembered;
      // In order, so that numbers of groups sort as their keys do.
      const keys = [...new Set(owners)].sort();
      const { sql, values, types } = statementOf(query, { ids, devices, owners }, keys, {
        files: this.#filesOf(tierOf(metric), from, to),
        rewritten: this.#lasts.areRewritten(from, to) && (await this.#hasHot(from, to)),
        seriesCount: known?.size ?? 0,
      });
      const result = await this.#connection.runAndReadAll(sql, values, types);
      return toAnswer(result.getColumns() as number[][], keys, limit);
    });
  }

  /** A sealed day holds every point once: only what is hot may be there more than once. */
  async #hasHot(from: Timestamp, to: Timestamp): Promise<boolean> {
    const result = await this.#connection.runAndReadAll(
      "SELECT 1 FROM hot WHERE time >= $1 AND time < $2 LIMIT 1",
      [from, to],
      [DOUBLE, DOUBLE],
    );
    return result.currentRowCount > 0;
  }

  async maintain(now: Timestamp, retention: Retention): Promise<Maintenance> {
    const removed: Removal[] = [];
    for (const tier of TIERS) {
      const before = dayOf(now - retention[tier]);
      const count = await this.#deleteBefore(tier, before);
      for (const [metric, devices] of this.#series)
        if (tierOf(metric) === tier) this.#lasts.deleteBefore(devices.values(), before);
      if (count > 0) removed.push({ tier, before, count, unit: "points" });
    }
    const days = await this.#exclusive.run(() =>
      // Yesterday stays hot: an edge that was away for some hours writes into it.
      this.#connection.runAndReadAll(
        `SELECT DISTINCT ${TIER} AS tier, floor(time / ${DAY_MS}) * ${DAY_MS} AS day
         FROM hot JOIN series ON series.id = hot.series WHERE time < $1 ORDER BY day`,
        [dayOf(now) - DAY_MS],
        [DOUBLE],
      ),
    );
    for (const [tier, day] of days.getRows() as [string, number][]) await this.#seal(tierOf(`:${tier}`), day);
    return { sealed: days.currentRowCount, removed, problems: [] };
  }

  bounds(): Promise<{ readonly from: Timestamp; readonly to: Timestamp } | undefined> {
    return this.#exclusive.run(async () => {
      const hot = await this.#connection.runAndReadAll("SELECT min(time), max(time) FROM hot");
      const [oldest, newest] = (hot.getRows()[0] ?? []) as (number | null)[];
      const days = [...this.#partitions.values()].flatMap((each) => each.list().map(({ day }) => day));
      const from = Math.min(oldest ?? Number.POSITIVE_INFINITY, ...days);
      const to = Math.max((newest ?? Number.NEGATIVE_INFINITY) + 1, ...days.map((day) => day + DAY_MS));
      return to > from ? { from, to } : undefined;
    });
  }

  async *scan(from: Timestamp, to: Timestamp): AsyncGenerator<readonly Point[]> {
    for (let day = dayOf(from); day < to; day += DAY_MS) {
      for (const tier of TIERS) yield* this.#scanDay(tier, Math.max(from, day), Math.min(to, day + DAY_MS));
    }
  }

  async *#scanDay(tier: Tier, from: Timestamp, to: Timestamp): AsyncGenerator<readonly Point[]> {
    const count = (sealed: boolean) => `SELECT count(*)::DOUBLE FROM (${selectTier(sealed)})`;
    const [[rows = 0] = []] = await this.#select<[number]>(count, tier, from, to);
    if (rows === 0) return;
    const width_ms = rows > SCAN_ROWS_MAX ? SCAN_MS : to - from;
    for (let start = from; start < to; start += width_ms) {
      const end = Math.min(to, start + width_ms);
      const page = await this.#select<[string, string, number, number]>(selectTier, tier, start, end);
      if (page.length > 0)
        yield page.map(([metric, device, time, value]) => ({ metric, device, time, value }));
    }
  }

  #select<Row>(sql: (sealed: boolean) => string, tier: Tier, from: Timestamp, to: Timestamp): Promise<Row[]> {
    return this.#exclusive.run(async () => {
      const files = this.#filesOf(tier, from, to);
      const { values, types } = this.#tierParameters(tier, from, to, files);
      const result = await this.#connection.runAndReadAll(sql(files.length > 0), values, types);
      return result.getRows() as Row[];
    });
  }

  async settle(): Promise<void> {
    // The checkpoint is durable when a write resolves.
  }

  snapshot(folder: string): Promise<void> {
    return snapshotEmbedded(this.#instance, this.#partitions.values(), folder);
  }

  close(): Promise<void> {
    return this.#exclusive.run(async () => {
      this.#connection.closeSync();
      this.#instance.closeSync();
    });
  }

  /**
   * Writes a day, with what was sealed of it before, and lets it take its place; only then do its points leave the hot
   * table. A crash in between leaves points in both, where they count once.
   */
  async #seal(tier: Tier, day: Timestamp): Promise<void> {
    await this.#exclusive.run(async () => {
      const partitions = this.#partitionsOf(tier);
      const files = this.#filesOf(tier, day, day + DAY_MS);
      const draft = partitions.draftOf(day);
      const { values, types } = this.#tierParameters(tier, day, day + DAY_MS, files);
      await this.#connection.run(
        `COPY (${selectDay(files.length > 0)}) TO '${draft.replaceAll("'", "''")}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${BLOCK_ROWS})`,
        values,
        types,
      );
      partitions.publish(day);
      await this.#connection.run(
        `DELETE FROM hot WHERE time >= $from AND time < $to AND written < $before
           AND series IN (SELECT id FROM series WHERE ${TIER} = $tier)`,
        { from: day, to: day + DAY_MS, before: this.#written, tier: suffixOf(tier) },
        { from: DOUBLE, to: DOUBLE, before: DOUBLE, tier: VARCHAR },
      );
    });
  }

  /** How many points went. */
  #deleteBefore(tier: Tier, time: Timestamp): Promise<number> {
    return this.#exclusive.run(async () => {
      const partitions = this.#partitionsOf(tier);
      const old = partitions.list().filter(({ day }) => day + DAY_MS <= time);
      let count = 0;
      if (old.length > 0) {
        const sealed = await this.#connection.runAndReadAll(
          "SELECT count(*)::DOUBLE FROM read_parquet($1)",
          [listValue(old.map(({ file }) => file))],
          [VARCHARS],
        );
        count += Number(sealed.getRows()[0]?.[0] ?? 0);
      }
      for (const partition of old) partitions.delete(partition);
      const hot = await this.#connection.run(
        `DELETE FROM hot WHERE time < $1 AND series IN (SELECT id FROM series WHERE ${TIER} = $2)`,
        [time, suffixOf(tier)],
        [DOUBLE, VARCHAR],
      );
      return count + hot.rowsChanged;
    });
  }

  #partitionsOf(tier: Tier): Partitions {
    const partitions = this.#partitions.get(tier);
    if (partitions === undefined) throw new Error(`no partitions were opened for the tier ${tier}`);
    return partitions;
  }

  #filesOf(tier: Tier, from: Timestamp, to: Timestamp): string[] {
    return this.#partitionsOf(tier)
      .between(from, to)
      .map(({ file }) => file);
  }

  #tierParameters(
    tier: Tier,
    from: Timestamp,
    to: Timestamp,
    files: readonly string[],
  ): { values: Record<string, DuckDBValue>; types: Record<string, DuckDBType> } {
    const before = this.#written;
    const base = { from, to, before, tier: suffixOf(tier) };
    const types = { from: DOUBLE, to: DOUBLE, before: DOUBLE, tier: VARCHAR };
    if (files.length === 0) return { values: base, types };
    return {
      values: { ...base, files: listValue([...files]), from_us: from * 1000, to_us: to * 1000 },
      types: { ...types, files: VARCHARS },
    };
  }

  async #append(
    table: string,
    types: Parameters<typeof DuckDBDataChunk.create>[0],
    rows: readonly (string | number)[][],
  ) {
    const count = rows[0]?.length ?? 0;
    if (count === 0) return;
    const appender = await this.#connection.createAppender(table);
    const chunk = DuckDBDataChunk.create(types);
    for (let at = 0; at < count; at += CHUNK_ROWS) {
      chunk.reset();
      chunk.setColumns(rows.map((column) => column.slice(at, at + CHUNK_ROWS)));
      appender.appendDataChunk(chunk);
    }
    appender.closeSync();
  }

  #idOf({ device, metric }: Point, added: [number, string, string][]): number {
    const devices = this.#seriesOf(metric);
    const known = devices.get(device);
    if (known !== undefined) return known;
    const id = this.#seriesCount++;
    devices.set(device, id);
    added.push([id, device, metric]);
    return id;
  }

  #seriesOf(metric: string): Map<string, number> {
    const devices = this.#series.get(metric) ?? new Map<string, number>();
    this.#series.set(metric, devices);
    return devices;
  }
}

/** How a series' name shows its tier. */
const suffixOf = (tier: Tier): string => (tier === "raw" ? "" : tier);

function columns(rows: readonly [number, string, string][]): (string | number)[][] {
  return [rows.map(([id]) => id), rows.map(([, device]) => device), rows.map(([, , metric]) => metric)];
}

/** Rows are in order of groups and times. */
function toAnswer(
  [groups = [], times = [], values = []]: readonly (readonly number[])[],
  keys: readonly string[],
  limit: number,
): StoreAnswer {
  const series: { readonly key: string; readonly points: [Timestamp, number][] }[] = [];
  let current = -1;
  for (let row = 0; row < Math.min(groups.length, limit); row += 1) {
    const group = groups[row] ?? 0;
    if (group !== current) series.push({ key: keys[group] ?? "", points: [] });
    current = group;
    series.at(-1)?.points.push([times[row] ?? 0, values[row] ?? 0]);
  }
  return { series, truncated: groups.length > limit };
}
