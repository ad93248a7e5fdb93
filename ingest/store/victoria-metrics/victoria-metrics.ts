/** The store in a VictoriaMetrics. */
import { setTimeout } from "node:timers/promises";
import type { Checkpoint } from "@campus-ops/broker/journal";
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { answerFromPoints, bucketStart, Folding, type RawPoint } from "../../core/answer.ts";
import { campusOf, perGroup, TIERS, tierOf } from "../../core/series-name.ts";
import { Exclusive } from "../exclusive.ts";
import {
  type Maintenance,
  type Point,
  type PointStore,
  QUERY_ROWS_MAX,
  QueryTooLargeError,
  type Removal,
  type Retention,
  type StoreAnswer,
  type StoreQuery,
} from "../store.ts";
import type { VictoriaMetricsAddress } from "./addressing.ts";
import { type SeriesPoints, VictoriaMetricsClient } from "./client.ts";
import { Durability, SETTLE_MS } from "./durability.ts";
import { retentionProblems, startedAt } from "./process-facts.ts";
import { Rewrites } from "./rewrites.ts";
import { anyOf, CHECKPOINT, CHECKPOINT_RECEIVED, identify, REVISION, selector } from "./series.ts";

const DAY_MS = 86_400_000;
const LINES_PER_REQUEST_MAX = 20_000;
/** Raw rows become visible within a second; for a cluster, which cannot be told to hurry. */
const VISIBLE_MS = 2_000;
/** The server's bound for one answer is 30,000 (-search.maxPointsPerTimeseries); points are aggregated here beyond. */
const STEPS_MAX = 10_000;
/** The server's bound for a query is 16,384 bytes (-search.maxQueryLen). */
const LABEL_VALUES_BYTES_MAX = 8_192;
/** The server lists at most 100,000 (-search.maxTagValues). */
const DEVICES_LISTED_MAX = 100_000;
const PAGE_POINTS_MAX = 50_000;
const MONTHS_BACK_MAX = 120;
/** Ago, that a checkpoint is looked for. */
const CHECKPOINT_AGE = "400d";

export interface VictoriaMetricsOptions {
  readonly address: VictoriaMetricsAddress;
  /** Of several journals that are written into one engine, the name of this one. */
  readonly journal?: string;
  readonly now: () => Timestamp;
  /** Milliseconds that never step back. */
  readonly uptime_ms: () => number;
  /** {@link SETTLE_MS} unless said. */
  readonly settle_ms?: number;
  readonly signal?: AbortSignal;
}

/** Opens nothing yet: a server that is away shows at the first request. */
export function openVictoriaMetricsStore(options: VictoriaMetricsOptions): PointStore {
  return new VictoriaMetricsStore(options);
}

/** What is asked for, one request a selector, and which group an answer belongs to. */
type Targets = { readonly selectors: readonly (readonly string[])[] } & (
  | { readonly by: "device" | "campus"; readonly groups: ReadonlyMap<string, string> }
  | { readonly by: "group"; readonly group: string }
);

class VictoriaMetricsStore implements PointStore {
  readonly #options: VictoriaMetricsOptions;
  readonly #client: VictoriaMetricsClient;
  readonly #rewrites: Rewrites;
  readonly #durability: Durability;
  readonly #writing = new Exclusive();

  constructor(options: VictoriaMetricsOptions) {
    this.#options = options;
    this.#client = new VictoriaMetricsClient(options.address, options.signal);
    this.#rewrites = new Rewrites(this.#client);
    this.#durability = new Durability(options.settle_ms ?? SETTLE_MS, options.uptime_ms);
  }

  checkpoint(): Promise<Checkpoint> {
    return this.#writing.run(async () => {
      this.#rewrites.forget();
      this.#durability.begin(startedAt(await this.#client.metrics()));
      const now = this.#options.now();
      const [seq, written] = await this.#newest(CHECKPOINT, now);
      if (seq === undefined) return { seq: 0 };
      const [receivedAt, belongsTo] = await this.#newest(CHECKPOINT_RECEIVED, now);
      return belongsTo === written ? { seq, receivedAt } : { seq };
    });
  }

  /** The label that tells its checkpoint from those of other journals. */
  get #journal(): string {
    return `{journal=${JSON.stringify(this.#options.journal ?? "")}}`;
  }

  /** Value and time of a checkpoint's newest point. */
  async #newest(name: string, now: Timestamp): Promise<readonly (number | undefined)[]> {
    const ask = (of: string) =>
      this.#client.queryNumber(`${of}_over_time(${name}${this.#journal}[${CHECKPOINT_AGE}])`, now + 1_000);
    return [await ask("last"), await ask("tlast")];
  }

  write(points: readonly Point[], checkpoint?: Checkpoint): Promise<void> {
    return this.#writing.run(async () => {
      try {
        if (!this.#durability.hasBegun) this.#durability.begin(startedAt(await this.#client.metrics()));
        for (let at = 0; at < points.length; at += LINES_PER_REQUEST_MAX)
          await this.#writeSome(points.slice(at, at + LINES_PER_REQUEST_MAX));
        if (checkpoint !== undefined) this.#durability.confirmed(checkpoint);
        if (this.#durability.isDue) await this.#commit();
      } catch (error) {
        this.#rewrites.forget();
        throw error;
      }
    });
  }

  async #commit(): Promise<void> {
    const settled = this.#durability.settled(startedAt(await this.#client.metrics()));
    if (settled === undefined) return;
    const { seq, receivedAt } = settled;
    const now = this.#options.now();
    const { journal } = this.#options;
    const labels = journal === undefined ? "" : this.#journal;
    const received = receivedAt === undefined ? "" : `${CHECKPOINT_RECEIVED}${labels} ${receivedAt} ${now}\n`;
    await this.#client.import(`${CHECKPOINT}${labels} ${seq} ${now}\n${received}`);
  }

  settle(): Promise<void> {
    return this.#writing.run(async () => {
      while (this.#durability.waits_ms !== undefined) {
        await setTimeout(this.#durability.waits_ms, undefined, { signal: this.#options.signal });
        await this.#commit();
      }
      await this.#makeVisible();
    });
  }

  async #writeSome(points: readonly Point[]): Promise<void> {
    const { lines, doubtful } = this.#rewrites.sort(points);
    if (lines.length > 0) await this.#client.import(`${lines.join("\n")}\n`);
    if (doubtful.length === 0) return;
    await this.#makeVisible();
    const late = await this.#rewrites.resolve(doubtful);
    if (late.length > 0) await this.#client.import(`${late.join("\n")}\n`);
  }

  async #makeVisible(): Promise<void> {
    if (await this.#client.forceFlush()) return;
    await setTimeout(VISIBLE_MS, undefined, { signal: this.#options.signal });
  }

  async query(query: StoreQuery): Promise<StoreAnswer> {
    const { buckets, from, groups, limit, to } = query;
    if (to <= from || groups.size === 0) return { series: [], truncated: false };
    const own = {
      by: "device",
      groups,
      selectors: selectorsOf(query, "device", [...groups.keys()]),
    } as const;
    const raw = async () => answerFromPoints(await this.#points(query, own), groups, buckets, limit);
    if (buckets === undefined) return raw();
    const { aggregation, step_ms } = buckets;
    const isOrdered = aggregation === "first" || aggregation === "last";
    if (isOrdered && new Set(groups.values()).size < groups.size) return raw();
    if ((to - from) / step_ms > STEPS_MAX || (await this.#isRewritten(query, own))) return raw();

    const whole = query.wholeCampuses ?? new Map<string, string>();
    const others = [...groups.keys()].filter((device) => !whole.has(campusOf(device)));
    const targets: Targets[] = [
      ...perGroup(whole).map(([group, campuses]): Targets => {
        const selectors = selectorsOf(query, "campus", campuses);
        return group === undefined
          ? { by: "campus", groups: whole, selectors }
          : { by: "group", group, selectors };
      }),
      { by: "device", groups, selectors: selectorsOf(query, "device", others) },
    ];
    const functions = aggregation === "mean" ? (["sum", "count"] as const) : [aggregation];
    const folding = new Folding();
    for (const each of targets) {
      for (const conditions of each.selectors) {
        for (const of of functions) await this.#fold(query, step_ms, each, conditions, of, folding);
      }
    }
    return folding.answer(isOrdered ? "max" : aggregation, limit);
  }

  /**
   * A window of MetricsQL ends with the moment it is asked for and leaves out the one it begins with: the bucket
   * [t, t + step) is asked for at its last millisecond. The first and the last bucket may be cut by the range.
   */
  async #fold(
    { from, to }: StoreQuery,
    step_ms: number,
    target: Targets,
    conditions: readonly string[],
    aggregation: "sum" | "count" | "min" | "max" | "first" | "last",
    folding: Folding,
  ): Promise<void> {
    const ask = async (start: Timestamp, end: Timestamp, window_ms: number): Promise<void> => {
      const across = aggregation === "count" ? "sum" : aggregation;
      const over = `${aggregation}_over_time({${conditions.join(",")}}[${window_ms}ms])`;
      const by = { device: "", campus: `${across} by (campus)`, group: across }[target.by];
      const query = target.by === "device" ? over : `${by} (${over})`;
      const found = await this.#client.queryRange(query, start + window_ms - 1, end - 1, step_ms);
      if (found.reduce((sum, { points }) => sum + points.length, 0) > QUERY_ROWS_MAX) throw tooLarge();
      for (const { metric, points } of found) {
        const group = target.by === "group" ? target.group : target.groups.get(metric[target.by] ?? "");
        if (group === undefined) continue;
        for (const [time, value] of points) {
          const bucket = bucketStart(time, step_ms);
          const part = { sum: 0, count: 0, min: value, max: value };
          // Sum and count of a mean come one after the other.
          if (aggregation === "count") folding.add(group, bucket, { ...part, count: value, ...NO_EXTREMES });
          else if (aggregation === "sum") folding.add(group, bucket, { ...part, sum: value, ...NO_EXTREMES });
          else folding.add(group, bucket, part);
        }
      }
    };
    const head = bucketStart(from, step_ms);
    const tail = bucketStart(to - 1, step_ms);
    if (head === tail) return ask(from, to, to - from);
    const firstWhole = head === from ? head : head + step_ms;
    const lastWhole = tail + step_ms === to ? to : tail;
    if (firstWhole > from) await ask(from, firstWhole, firstWhole - from);
    if (lastWhole > firstWhole) await ask(firstWhole, lastWhole, step_ms);
    if (lastWhole < to) await ask(lastWhole, to, to - lastWhole);
  }

  async #isRewritten({ from, to }: StoreQuery, { selectors }: Targets): Promise<boolean> {
    for (const conditions of selectors) {
      const match = `{${[...conditions, `${REVISION}!=""`].join(",")}}`;
      for await (const _ of this.#client.export(match, from, to)) return true;
    }
    return false;
  }

  /** Every point once, with its newest value. */
  async #points({ from, to, groups }: StoreQuery, { selectors }: Targets): Promise<RawPoint[]> {
    const points: RawPoint[] = [];
    for (const conditions of selectors) {
      for await (const page of this.#scan(conditions, from, to)) {
        for (const { device, time, value } of page)
          if (groups.has(device)) points.push({ device, time, value });
        if (points.length > QUERY_ROWS_MAX) throw tooLarge();
      }
    }
    return points;
  }

  async maintain(now: Timestamp, retention: Retention): Promise<Maintenance> {
    const removed: Removal[] = [];
    const problems = retentionProblems(await this.#client.metrics(), retention);
    const names = await this.#client.names(DAY_MS, now + DAY_MS);
    for (const tier of TIERS) {
      const before = now - retention[tier];
      const own = names.filter((name) => !isCheckpoint(name) && tierOf(name) === tier);
      let count = 0;
      for (const name of own) count += await this.#deleteEnded(name, before, now, problems);
      if (count > 0) removed.push({ tier, before, count, unit: "series" });
    }
    if (removed.length > 0) this.#rewrites.forget();
    return { sealed: 0, removed, problems };
  }

  /** Series of devices that have said nothing since; those that go on are the server's own retention's. */
  async #deleteEnded(name: string, before: Timestamp, now: Timestamp, problems: string[]): Promise<number> {
    const match = `{__name__=${JSON.stringify(name)}}`;
    const [all, living] = [
      await this.#client.devices(match, DAY_MS, now + DAY_MS),
      await this.#client.devices(match, before, now + DAY_MS),
    ];
    if (all.length >= DEVICES_LISTED_MAX) {
      problems.push(`${name} has too many devices to look for those that ended`);
      return 0;
    }
    const isLiving = new Set(living);
    let count = 0;
    for (const devices of chunks(all.filter((device) => !isLiving.has(device)))) {
      const ended = `{__name__=${JSON.stringify(name)},device=~${JSON.stringify(anyOf(devices))}}`;
      // The list of devices remembers those that were deleted before.
      const series = await this.#client.series(ended, DAY_MS, now + DAY_MS);
      if (series.length > 0) await this.#client.deleteSeries(ended);
      count += series.length;
    }
    return count;
  }

  /** To the day. */
  async bounds(): Promise<{ readonly from: Timestamp; readonly to: Timestamp } | undefined> {
    await this.#makeVisible();
    const newest = new Date(this.#options.now());
    const month = (back: number) => Date.UTC(newest.getUTCFullYear(), newest.getUTCMonth() - back, 1);
    let bounds: { from: Timestamp; to: Timestamp } | undefined;
    for (let back = -1; back < MONTHS_BACK_MAX; back += 1) {
      const [from, to] = [month(back), month(back - 1)];
      if (await this.#hasPoints(from, to)) bounds = { from, to: bounds?.to ?? to };
    }
    if (bounds === undefined) return undefined;
    let { from, to } = bounds;
    while (!(await this.#hasPoints(from, from + DAY_MS))) from += DAY_MS;
    while (!(await this.#hasPoints(to - DAY_MS, to))) to -= DAY_MS;
    return { from, to };
  }

  async #hasPoints(from: Timestamp, to: Timestamp): Promise<boolean> {
    return (await this.#client.names(from, to)).some((name) => !isCheckpoint(name));
  }

  async *scan(from: Timestamp, to: Timestamp): AsyncGenerator<readonly Point[]> {
    await this.#makeVisible();
    yield* this.#scan([`__name__!=""`, `__name__!~"${CHECKPOINT}|${CHECKPOINT_RECEIVED}"`], from, to);
  }

  async *#scan(
    conditions: readonly string[],
    from: Timestamp,
    to: Timestamp,
  ): AsyncGenerator<readonly Point[]> {
    const newer = new Map<string, { value: number; revision: number }>();
    const rewritten = `{${[...conditions, `${REVISION}!=""`].join(",")}}`;
    for await (const series of this.#client.export(rewritten, from, to)) {
      const revision = Number(series.metric[REVISION]);
      for (const point of pointsOf(series)) {
        const known = newer.get(keyOf(point));
        if (known === undefined || known.revision < revision)
          newer.set(keyOf(point), { value: point.value, revision });
      }
    }
    const first = `{${[...conditions, `${REVISION}=""`].join(",")}}`;
    let page: Point[] = [];
    for await (const series of this.#client.export(first, from, to)) {
      for (const point of pointsOf(series)) {
        const value = newer.size === 0 ? undefined : newer.get(keyOf(point))?.value;
        page.push(value === undefined ? point : { ...point, value });
      }
      if (page.length < PAGE_POINTS_MAX) continue;
      yield page;
      page = [];
    }
    if (page.length > 0) yield page;
  }

  async close(): Promise<void> {
    await this.#writing.run(async () => undefined);
  }
}

const isCheckpoint = (name: string): boolean => name === CHECKPOINT || name === CHECKPOINT_RECEIVED;

const NO_EXTREMES = { min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY };

/** Where too many devices would have to be named, their campuses stand for them. */
function selectorsOf(
  query: Pick<StoreQuery, "metric">,
  name: "device" | "campus",
  values: readonly string[],
): (readonly string[])[] {
  const named = chunks(values);
  if (name === "device" && named.length > 1)
    return selectorsOf(query, "campus", [...new Set(values.map(campusOf))]);
  return named.map((chunk) => selector(query.metric, { name, values: chunk }));
}

function chunks(values: readonly string[]): string[][] {
  const all: string[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const value of values) {
    bytes += value.length + 1;
    if (bytes > LABEL_VALUES_BYTES_MAX) {
      all.push([]);
      bytes = value.length;
    }
    all.at(-1)?.push(value);
  }
  return all;
}

/** A server without -dedup.minScrapeInterval may hold the same point twice. */
function* pointsOf({ metric: labels, points }: SeriesPoints): Generator<Point> {
  const { metric, device } = identify(labels);
  let last: Timestamp | undefined;
  for (const [time, value] of points) {
    if (time === last) continue;
    last = time;
    yield { metric, device, time, value };
  }
}

const keyOf = ({ metric, device, time }: Point): string => `${time} ${device} ${metric}`;

const tooLarge = () =>
  new QueryTooLargeError(
    `the answer would be made of more than ${QUERY_ROWS_MAX} points; ask for a shorter time or a wider step`,
  );
