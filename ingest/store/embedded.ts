/**
 * The embedded store: DuckDB. New points go to a hot table, together with the journal's checkpoint; a day that is over
 * is sealed into a Parquet file of its own. Retention deletes files.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import {
  DOUBLE,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBInstance,
  INTEGER,
  LIST,
  listValue,
  VARCHAR,
} from "@duckdb/node-api";
import { selectDay, selectPoints } from "./embedded-query.ts";
import { Exclusive } from "./exclusive.ts";
import { DAY_MS, dayOf, Partitions } from "./partitions.ts";
import type { Point, PointStore, StoreAnswer, StoreQuery } from "./store.ts";

/** DuckDB's own bound; it spills to disk beyond it. */
export const STORE_MEMORY_MB = 160;

/** DuckDB's vector size: what one data chunk holds. */
const CHUNK_ROWS = 2_048;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS series (id INTEGER NOT NULL, device VARCHAR NOT NULL, metric VARCHAR NOT NULL);
  CREATE TABLE IF NOT EXISTS hot (series INTEGER, time DOUBLE, value DOUBLE, written DOUBLE);
  CREATE TABLE IF NOT EXISTS checkpoint (journal DOUBLE NOT NULL, written DOUBLE NOT NULL);
`;

const VARCHARS = LIST(VARCHAR);

export async function openEmbeddedStore(folder: string): Promise<PointStore> {
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
  const state = await connection.runAndReadAll("SELECT journal, written FROM checkpoint");
  const [journal = 0, written = 0] = (state.getRows()[0] ?? []) as number[];
  return new EmbeddedStore(instance, connection, new Partitions(join(folder, "points")), {
    series: series.getRows() as [number, string, string][],
    journal,
    written,
  });
}

class EmbeddedStore implements PointStore {
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  readonly #partitions: Partitions;
  readonly #exclusive = new Exclusive();
  /** Series number by metric and device. */
  readonly #series = new Map<string, Map<string, number>>();
  #seriesCount = 0;
  #journal: number;
  /** Order of writing, counted over the store's life. */
  #written: number;

  constructor(
    instance: DuckDBInstance,
    connection: DuckDBConnection,
    partitions: Partitions,
    state: { series: readonly [number, string, string][]; journal: number; written: number },
  ) {
    this.#instance = instance;
    this.#connection = connection;
    this.#partitions = partitions;
    for (const [id, device, metric] of state.series) {
      this.#seriesOf(metric).set(device, id);
      this.#seriesCount = Math.max(this.#seriesCount, id + 1);
    }
    this.#journal = state.journal;
    this.#written = state.written;
  }

  async checkpoint(): Promise<number> {
    return this.#journal;
  }

  write(points: readonly Point[], checkpoint: number): Promise<void> {
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
        await this.#connection.run("DELETE FROM checkpoint");
        await this.#connection.run(
          "INSERT INTO checkpoint VALUES ($1, $2)",
          [checkpoint, written],
          [DOUBLE, DOUBLE],
        );
        await this.#connection.run("COMMIT");
        this.#written = written;
        this.#journal = checkpoint;
      } catch (error) {
        await this.#connection.run("ROLLBACK").catch(() => undefined);
        for (const [, device, metric] of added) this.#series.get(metric)?.delete(device);
        this.#seriesCount = before;
        throw error;
      }
    });
  }

  query(query: StoreQuery): Promise<StoreAnswer> {
    return this.#exclusive.run(async () => {
      const { metric, groups, from, to, buckets, limit } = query;
      const files = this.#partitions.between(from, to).map(({ file }) => file);
      const sealed = files.length > 0;
      const result = await this.#connection.runAndReadAll(
        selectPoints(sealed, limit, buckets),
        {
          metric,
          from,
          to,
          devices: listValue([...groups.keys()]),
          groups: listValue([...groups.values()]),
          ...(sealed ? { files: listValue(files), from_us: from * 1000, to_us: to * 1000 } : {}),
        },
        { from: DOUBLE, to: DOUBLE, devices: VARCHARS, groups: VARCHARS, files: VARCHARS },
      );
      return toAnswer(result.getRows() as [string, number, number][], limit);
    });
  }

  async maintain(now: Timestamp, keep_ms: number): Promise<{ sealed: number; deleted: number }> {
    const deleted = await this.#deleteBefore(dayOf(now - keep_ms));
    const days = await this.#exclusive.run(() =>
      // Yesterday stays hot: an edge that was away for some hours writes into it.
      this.#connection.runAndReadAll(
        `SELECT DISTINCT floor(time / ${DAY_MS}) * ${DAY_MS} AS day FROM hot WHERE time < $1 ORDER BY day`,
        [dayOf(now) - DAY_MS],
        [DOUBLE],
      ),
    );
    for (const [day] of days.getRows() as [number][]) await this.#seal(day);
    return { sealed: days.currentRowCount, deleted };
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
  async #seal(day: Timestamp): Promise<void> {
    await this.#exclusive.run(async () => {
      const files = this.#partitions.between(day, day + DAY_MS).map(({ file }) => file);
      const draft = this.#partitions.draftOf(day);
      const sealed = files.length > 0;
      const range = { from: day, to: day + DAY_MS, before: this.#written };
      const types = { from: DOUBLE, to: DOUBLE, before: DOUBLE };
      await this.#connection.run(
        `COPY (${selectDay(sealed)}) TO '${draft.replaceAll("'", "''")}' (FORMAT parquet, COMPRESSION zstd)`,
        { ...range, ...(sealed ? { files: listValue(files) } : {}) },
        { ...types, ...(sealed ? { files: VARCHARS } : {}) },
      );
      this.#partitions.publish(day);
      await this.#connection.run(
        "DELETE FROM hot WHERE time >= $from AND time < $to AND written < $before",
        range,
        types,
      );
    });
  }

  #deleteBefore(time: Timestamp): Promise<number> {
    return this.#exclusive.run(async () => {
      const old = this.#partitions.list().filter(({ day }) => day + DAY_MS <= time);
      for (const partition of old) this.#partitions.delete(partition);
      await this.#connection.run("DELETE FROM hot WHERE time < $1", [time], [DOUBLE]);
      return old.length;
    });
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

function columns(rows: readonly [number, string, string][]): (string | number)[][] {
  return [rows.map(([id]) => id), rows.map(([, device]) => device), rows.map(([, , metric]) => metric)];
}

function toAnswer(rows: readonly (readonly [string, number, number])[], limit: number): StoreAnswer {
  const series = new Map<string, [Timestamp, number][]>();
  for (const [key, time, value] of rows.slice(0, limit)) {
    const points = series.get(key) ?? [];
    points.push([time, value]);
    series.set(key, points);
  }
  return {
    series: [...series].map(([key, points]) => ({ key, points })),
    truncated: rows.length > limit,
  };
}
