/**
 * The store in an InfluxDB. A metric is a measurement with one field, `value`, and the tags `campus`, `device` (its whole
 * key) and, where the metric has instances, `instance`. The checkpoint is a point of its own measurement, written when
 * the points before it are confirmed, so that it is never newer than they are and goes into the same backups.
 */
import type { Checkpoint } from "@campus-ops/broker/journal";
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { answerFromPoints, Folding, type RawPoint } from "../../core/answer.ts";
import { campusOf, metricOf, perGroup, TIERS, tierOf } from "../../core/series-name.ts";
import { Exclusive } from "../exclusive.ts";
import type { RejectedPoints } from "../rejected-points.ts";
import {
  type Maintenance,
  type Point,
  type PointStore,
  QUERY_ROWS_MAX,
  QueryTooLargeError,
  type Removal,
  type Retention,
  type StoreAnswer,
  StoreAwayError,
  type StoreQuery,
} from "../store.ts";
import { databaseOf, deletePath, type InfluxDbAddress } from "./addressing.ts";
import { InfluxDbClient, LINES_PER_REQUEST_MAX, RefusedLinesError } from "./client.ts";
import { type InfluxSeries, identifier, type Selection, selectBuckets, selectRaw } from "./influxql.ts";
import { LineWriter } from "./lines.ts";

const CHECKPOINT = "campus_ops_checkpoint";
/** Between the number of the entry at the checkpoint and the time it was received, in ms. */
const ENTRY_SEPARATOR = "@";
const HOUR_MS = 3_600_000;
/** Tag values named in one statement. With more, all series of their campuses are asked for. */
const TAG_VALUES_MAX = 200;
/** A measurement with more points than this in the range of a scan is read in pages of so much time. */
const SCAN_ROWS_MAX = 200_000;
const SCAN_MS = HOUR_MS;

export interface InfluxDbOptions {
  /** Of several journals that are written into one engine, the name of this one: the id of a campus. */
  readonly journal?: string;
  readonly address: InfluxDbAddress;
  readonly rejected: RejectedPoints;
  readonly now: () => Timestamp;
  readonly signal?: AbortSignal;
}

/** Opens nothing yet: a server that is away shows at the first request. */
export function openInfluxDbStore(options: InfluxDbOptions): PointStore {
  return new InfluxDbStore(options);
}

class InfluxDbStore implements PointStore {
  readonly #options: InfluxDbOptions;
  readonly #client: InfluxDbClient;
  readonly #lines = new LineWriter();
  readonly #writing = new Exclusive();
  #prepared = false;

  constructor(options: InfluxDbOptions) {
    this.#options = options;
    this.#client = new InfluxDbClient(options.address, options.signal);
  }

  async checkpoint(): Promise<Checkpoint> {
    await this.#prepare();
    const { journal } = this.#options;
    const ofJournal = journal === undefined ? "" : ` WHERE "journal" = '${journal}'`;
    const [series] = await this.#client.query(
      `SELECT value, entry FROM ${identifier(CHECKPOINT)}${ofJournal} ORDER BY time DESC LIMIT 1`,
    );
    const [, value, entry] = series?.values[0] ?? [];
    const seq = Number(value ?? 0);
    const [of, receivedAt] = String(entry ?? "").split(ENTRY_SEPARATOR);
    // A version that writes the number alone leaves what another entry was.
    return Number(of) === seq && receivedAt !== undefined ? { seq, receivedAt: Number(receivedAt) } : { seq };
  }

  write(points: readonly Point[], checkpoint?: Checkpoint): Promise<void> {
    return this.#writing.run(async () => {
      if (!this.#prepared) await this.#prepare();
      for (let at = 0; at < points.length; at += LINES_PER_REQUEST_MAX) {
        const lines = points.slice(at, at + LINES_PER_REQUEST_MAX).map((point) => this.#lines.line(point));
        await this.#writeAllThatCan(lines);
      }
      if (checkpoint === undefined) return;
      // One point an hour: within it the newest takes the place of the one before.
      const time = Math.floor(this.#options.now() / HOUR_MS) * HOUR_MS;
      try {
        const { seq, receivedAt } = checkpoint;
        const entry = receivedAt === undefined ? "" : `,entry="${seq}${ENTRY_SEPARATOR}${receivedAt}"`;
        const { journal } = this.#options;
        const tag = journal === undefined ? "" : `,journal=${journal}`;
        await this.#client.write([`${CHECKPOINT}${tag} value=${seq}${entry} ${time}`]);
      } catch (error) {
        if (!(error instanceof RefusedLinesError)) throw error;
        throw new StoreAwayError(`InfluxDB refuses the checkpoint: ${error.message}`);
      }
    });
  }

  /** Harmless where the database is there. 2.x and 3.x have buckets, which a person makes. */
  async #prepare(): Promise<void> {
    const { address } = this.#options;
    if (address.generation === 1)
      await this.#client.query(`CREATE DATABASE ${identifier(databaseOf(address))}`);
    this.#prepared = true;
  }

  /**
   * A line that is refused may keep the others of its request from being taken, depending on the generation: halves are
   * written again until it stands alone. Writing twice is harmless.
   */
  async #writeAllThatCan(lines: readonly string[]): Promise<void> {
    try {
      await this.#client.write(lines);
    } catch (error) {
      if (!(error instanceof RefusedLinesError)) throw error;
      const [line] = lines;
      if (lines.length === 1 && line !== undefined) {
        this.#options.rejected.add(line, error.message);
        return;
      }
      const half = Math.ceil(lines.length / 2);
      await this.#writeAllThatCan(lines.slice(0, half));
      await this.#writeAllThatCan(lines.slice(half));
    }
  }

  async query(query: StoreQuery): Promise<StoreAnswer> {
    const { buckets, groups, limit } = query;
    if (query.to <= query.from || groups.size === 0) return { series: [], truncated: false };
    if (buckets === undefined) return this.#firstPoints(query);
    const { aggregation, step_ms } = buckets;
    if (aggregation === "first" || aggregation === "last") {
      const alone = new Set(groups.values()).size === groups.size;
      if (!alone) return answerFromPoints(await this.#allPoints(query), groups, buckets, limit);
    }
    const functions = aggregation === "mean" ? ["sum", "count"] : [aggregation];
    const folding = new Folding();
    const fold = async (
      by: "device" | "campus" | undefined,
      groupOf: (tag: string) => string | undefined,
      selections: readonly Selection[],
    ): Promise<void> => {
      for (const selection of selections) {
        for (const { tags, values } of await this.#ask(selectBuckets(selection, functions, step_ms, by))) {
          const group = groupOf(by === undefined ? "" : (tags?.[by] ?? ""));
          if (group === undefined) continue;
          for (const [time, first, second] of values) {
            const value = Number(first);
            folding.add(group, Number(time), {
              sum: value,
              count: Number(aggregation === "mean" ? second : first),
              min: value,
              max: value,
            });
          }
        }
      }
    };
    const whole = query.wholeCampuses ?? new Map<string, string>();
    const others = [...groups.keys()].filter((device) => !whole.has(campusOf(device)));
    for (const [group, campuses] of perGroup(whole)) {
      const selections = selectionsOf(query, "campus", campuses);
      if (group === undefined) await fold("campus", (campus) => whole.get(campus), selections);
      else await fold(undefined, () => group, selections);
    }
    await fold("device", (device) => groups.get(device), selectionsOf(query, "device", others));
    return folding.answer(aggregation === "first" || aggregation === "last" ? "max" : aggregation, limit);
  }

  /** Groups in order, until there is more than the limit. */
  async #firstPoints(query: StoreQuery): Promise<StoreAnswer> {
    const { groups, limit } = query;
    const byGroup = [...Map.groupBy(groups.keys(), (device) => groups.get(device) ?? "")];
    byGroup.sort(([a], [b]) => (a < b ? -1 : 1));
    const points: RawPoint[] = [];
    let devices: string[] = [];
    const ask = async () => {
      for (const selection of selectionsOf(query, "device", devices))
        points.push(...pointsOf(await this.#ask(selectRaw(selection, limit + 1))));
      devices = [];
    };
    for (const [, own] of byGroup) {
      devices.push(...own);
      if (devices.length < TAG_VALUES_MAX) continue;
      await ask();
      if (points.length > limit) break;
    }
    if (devices.length > 0) await ask();
    return answerFromPoints(points, groups, undefined, limit);
  }

  async #allPoints(query: StoreQuery): Promise<RawPoint[]> {
    const points: RawPoint[] = [];
    for (const selection of selectionsOf(query, "device", [...query.groups.keys()])) {
      for (const point of pointsOf(await this.#ask(selectRaw(selection, QUERY_ROWS_MAX)))) points.push(point);
      if (points.length > QUERY_ROWS_MAX) throw tooLarge();
    }
    return points;
  }

  async #ask(statement: string): Promise<readonly InfluxSeries[]> {
    const series = await this.#client.query(statement);
    if (series.reduce((sum, { values }) => sum + values.length, 0) > QUERY_ROWS_MAX) throw tooLarge();
    return series;
  }

  async maintain(now: Timestamp, retention: Retention): Promise<Maintenance> {
    const { address } = this.#options;
    if (address.generation === 3) {
      const problem = "InfluxDB 3 deletes by the retention of its database alone; set it there";
      return { sealed: 0, removed: [], problems: [problem] };
    }
    const removed: Removal[] = [];
    const measurements = await this.#measurements();
    for (const tier of TIERS) {
      const before = now - retention[tier];
      let count = 0;
      for (const name of measurements.filter((each) => tierOf(each) === tier)) {
        const old = `FROM ${identifier(name)} WHERE time < ${before}ms`;
        const [found] = await this.#client.query(`SELECT count(value) ${old}`);
        const points = Number(found?.values[0]?.[1] ?? 0);
        if (points === 0) continue;
        if (address.generation === 2) await this.#client.delete(deletePath(address), name, before);
        else await this.#client.query(`DELETE ${old}`);
        count += points;
      }
      if (count > 0) removed.push({ tier, before, count, unit: "points" });
    }
    return { sealed: 0, removed, problems: [] };
  }

  async bounds(): Promise<{ readonly from: Timestamp; readonly to: Timestamp } | undefined> {
    let from = Number.POSITIVE_INFINITY;
    let to = Number.NEGATIVE_INFINITY;
    for (const name of await this.#measurements()) {
      for (const which of ["first", "last"]) {
        const [series] = await this.#client.query(`SELECT ${which}(value) FROM ${identifier(name)}`);
        const time = series?.values[0]?.[0];
        if (time === undefined) continue;
        from = Math.min(from, Number(time));
        to = Math.max(to, Number(time) + 1);
      }
    }
    return to > from ? { from, to } : undefined;
  }

  async *scan(from: Timestamp, to: Timestamp): AsyncGenerator<readonly Point[]> {
    for (const name of await this.#measurements()) {
      const range = `time >= ${from}ms AND time < ${to}ms`;
      const [found] = await this.#client.query(`SELECT count(value) FROM ${identifier(name)} WHERE ${range}`);
      const rows = Number(found?.values[0]?.[1] ?? 0);
      const width_ms = rows > SCAN_ROWS_MAX ? SCAN_MS : to - from;
      for (let start = from; rows > 0 && start < to; start += width_ms) {
        const page = await this.#page(name, start, Math.min(to, start + width_ms));
        if (page.length > 0) yield page;
      }
    }
  }

  async #page(name: string, from: Timestamp, to: Timestamp): Promise<Point[]> {
    const range = `time >= ${from}ms AND time < ${to}ms`;
    const series = await this.#client.query(
      `SELECT value FROM ${identifier(name)} WHERE ${range} GROUP BY device, instance`,
    );
    return series.flatMap(({ tags = {}, values }) => {
      const { device = "", instance = "" } = tags;
      const metric = metricOf({ name, instance });
      return values.map(([time, value]) => ({ device, metric, time: Number(time), value: Number(value) }));
    });
  }

  async settle(): Promise<void> {
    // The checkpoint is durable when a write resolves.
  }

  async close(): Promise<void> {
    await this.#writing.run(async () => this.#client.dispose());
  }

  async #measurements(): Promise<string[]> {
    const answer = await this.#client.query("SHOW MEASUREMENTS");
    return answer
      .flatMap(({ values }) => values.map(([name]) => String(name)))
      .filter((name) => name !== CHECKPOINT);
  }
}

/** As many statements as needed to name the values; where that were too many, a device's campus stands for it. */
function selectionsOf(
  { metric, from, to }: StoreQuery,
  name: "device" | "campus",
  values: readonly string[],
): Selection[] {
  if (name === "device" && values.length > TAG_VALUES_MAX) {
    const campuses = [...new Set(values.map(campusOf))];
    return selectionsOf({ metric, from, to, groups: new Map(), limit: 0 }, "campus", campuses);
  }
  const selections: Selection[] = [];
  for (let at = 0; at < values.length; at += TAG_VALUES_MAX)
    selections.push({ metric, from, to, tag: { name, values: values.slice(at, at + TAG_VALUES_MAX) } });
  return selections;
}

function* pointsOf(series: readonly InfluxSeries[]): Generator<RawPoint> {
  for (const { tags, values } of series) {
    const device = tags?.device ?? "";
    for (const [time, value] of values) yield { device, time: Number(time), value: Number(value) };
  }
}

const tooLarge = () =>
  new QueryTooLargeError(
    `the answer would be made of more than ${QUERY_ROWS_MAX} points; ask for a shorter time or a wider step`,
  );
