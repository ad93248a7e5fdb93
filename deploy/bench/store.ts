/** The three stores in one run: writing, space, and the four questions that a console asks most. */
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { openEmbeddedStore } from "@campus-ops/ingest/store/embedded";
import { openInfluxDbStore } from "@campus-ops/ingest/store/influxdb/influxdb";
import { Influxd } from "@campus-ops/ingest/store/influxdb/testing/influxd";
import { RejectedPoints } from "@campus-ops/ingest/store/rejected-points";
import type { Point, PointStore, StoreQuery } from "@campus-ops/ingest/store/store";
import { VictoriaMetricsServer } from "@campus-ops/ingest/store/victoria-metrics/testing/victoria-metrics-server";
import { openVictoriaMetricsStore } from "@campus-ops/ingest/store/victoria-metrics/victoria-metrics";
import { figure, type Target } from "./figure.ts";
import type { Report } from "./result.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const WRITE_POINTS = 20_000;
const QUERY_RUNS = 5;
const CAMPUSES = 1_200;
const MONTH_DAYS = 30;
/** A bucket so wide that a question for the last value has one. */
const EVER_MS = 20 * 365 * DAY;

interface Engine {
  readonly name: string;
  readonly store: PointStore;
  /** What was written is visible, and as small as it gets by itself. */
  readonly settle: () => Promise<void>;
  readonly bytes: () => number;
  readonly stop: () => Promise<void>;
}

export async function store(report: Report): Promise<void> {
  for (const start of [embedded, influxdb, victoriaMetrics]) {
    const engine = await start();
    try {
      await measure(engine, report);
    } finally {
      await engine.store.close();
      await engine.stop();
    }
  }
}

async function measure(engine: Engine, report: Report): Promise<void> {
  const { name, store: subject } = engine;
  const isOurs = name === "embedded";
  const target = (value: number, better: Target["better"]) =>
    isOurs ? { target: value, better } : undefined;
  const today = Math.floor(Date.now() / DAY) * DAY;
  const tell = (title: string, unit: string, runs: readonly number[], aim?: Target) =>
    report({ engine: name, ...figure(title, unit, runs, aim) });

  const few = new Series("a", 2_000, "Environment/Temperature");
  const many = new Series("b", 50_000, "Environment/Humidity");
  let points = 0;
  for (const [series, count, label] of [
    [few, 1_440, "2,000 series"],
    [many, 20, "50,000 series"],
  ] as const) {
    const first = series.rounds(today - DAY, MINUTE, 1);
    await write(subject, first, 1);
    const { perS, cpu } = await write(subject, series.rounds(today - DAY + MINUTE, MINUTE, count - 1), 4);
    points += series.count * count;
    tell(`points/s in, ${label}`, "points/s", perS, target(500_000, "higher"));
    tell(`our processor time a point, ${label}`, "µs", cpu);
  }
  const campuses = new Series("c", CAMPUSES, "Counts/accessGranted:hour:sum", "campus");
  const month = today - MONTH_DAYS * DAY;
  await write(subject, campuses.rounds(month, HOUR, MONTH_DAYS * 24), 1);
  points += CAMPUSES * MONTH_DAYS * 24;
  await engine.settle();
  await subject.maintain(today + DAY, FOREVER);

  const ask = async (title: string, query: StoreQuery, rows: number, aim: number) => {
    const runs: number[] = [];
    for (let run = 0; run <= QUERY_RUNS; run += 1) {
      const started = performance.now();
      const { series } = await subject.query(query);
      const found = series.reduce((sum, each) => sum + each.points.length, 0);
      if (found !== rows) throw new Error(`${name}: ${title}: ${found} rows, ${rows} expected`);
      // The first one warms up.
      if (run > 0) runs.push(performance.now() - started);
    }
    tell(title, "ms", runs, target(aim, "lower"));
  };
  const day = { from: today - DAY, to: today };
  const limit = 100_000;
  const last = { step_ms: EVER_MS, aggregation: "last" } as const;
  await ask("last value of 50,000 series", { ...many.each(), ...day, buckets: last, limit }, 50_000, 50);
  const minutes = { step_ms: MINUTE, aggregation: "mean" } as const;
  await ask("one series, a day by the minute", { ...few.one(), ...day, buckets: minutes, limit }, 1_440, 10);
  const five = { step_ms: 5 * MINUTE, aggregation: "mean" } as const;
  const hour = { from: today - 13 * HOUR, to: today - 12 * HOUR };
  await ask(
    "mean of 2,000 series, an hour by five minutes",
    { ...few.all(), ...hour, buckets: five, limit },
    12,
    100,
  );
  const hourly = { step_ms: HOUR, aggregation: "sum" } as const;
  const whole = { from: month, to: today };
  await ask(
    "1,200 campuses' month of hourly roll-ups, summed by the hour",
    { ...campuses.all(), ...whole, buckets: hourly, limit },
    MONTH_DAYS * 24,
    300,
  );
  // Everything is over: what is hot is sealed.
  await subject.maintain(today + 10 * DAY, FOREVER);
  await engine.settle();
  tell("bytes a point, at rest", "B", [engine.bytes() / points], target(2, "lower"));
}

const FOREVER = { raw: 1e12, "5m": 1e12, hour: 1e12, schoolDay: 1e12, term: 1e12 };

/** Devices that say one metric each, slowly and with a little noise, to one decimal. */
class Series {
  readonly count: number;
  readonly #devices: readonly string[];
  readonly #metric: string;
  readonly #values: Float64Array;
  #random = 1;

  constructor(prefix: string, count: number, metric: string, kind: "device" | "campus" = "device") {
    this.count = count;
    this.#metric = metric;
    this.#devices = Array.from({ length: count }, (_, at) =>
      kind === "campus" ? `${prefix}-${at}` : `${prefix}-${Math.floor(at / 400)}/box-1/sensor-${at}`,
    );
    this.#values = Float64Array.from({ length: count }, () => 20 + Math.floor(this.#next() * 100) / 10);
  }

  /** One point of each series a round. */
  *rounds(from: number, every_ms: number, rounds: number): Generator<Point> {
    for (let round = 0; round < rounds; round += 1) {
      for (const [at, device] of this.#devices.entries()) {
        const moved = (this.#values[at] ?? 0) + Math.round((this.#next() - 0.5) * 4) / 10;
        const value = Math.round(moved * 10) / 10;
        this.#values[at] = value;
        yield { device, metric: this.#metric, time: from + round * every_ms, value };
      }
    }
  }

  each(): Pick<StoreQuery, "metric" | "groups"> {
    return { metric: this.#metric, groups: new Map(this.#devices.map((device) => [device, device])) };
  }

  one(): Pick<StoreQuery, "metric" | "groups"> {
    const device = this.#devices[Math.floor(this.count / 2)] ?? "";
    return { metric: this.#metric, groups: new Map([[device, device]]) };
  }

  /** As one group, by campuses that belong to it whole: as the console asks for a city. */
  all(): Pick<StoreQuery, "metric" | "groups" | "wholeCampuses"> {
    const campuses = new Set(this.#devices.map((device) => device.split("/")[0] ?? ""));
    return {
      metric: this.#metric,
      groups: new Map(this.#devices.map((device) => [device, "all"])),
      wholeCampuses: new Map([...campuses].map((campus) => [campus, "all"])),
    };
  }

  /** The same numbers in every run (a linear congruential generator, Numerical Recipes). */
  #next(): number {
    this.#random = (Math.imul(this.#random, 1_664_525) + 1_013_904_223) >>> 0;
    return this.#random / 2 ** 32;
  }
}

/** In batches as ingest makes them, in so many runs. Making the points is not in the figures. */
async function write(
  subject: PointStore,
  points: Iterable<Point>,
  runs: number,
): Promise<{ readonly perS: readonly number[]; readonly cpu: readonly number[] }> {
  const all = [...points];
  const size = Math.ceil(all.length / runs);
  const [perS, cpu]: [number[], number[]] = [[], []];
  for (let run = 0; run < runs; run += 1) {
    const own = all.slice(run * size, (run + 1) * size);
    const [started, before] = [performance.now(), process.cpuUsage()];
    for (let at = 0; at < own.length; at += WRITE_POINTS)
      await subject.write(own.slice(at, at + WRITE_POINTS), { seq: run + 1 });
    const { user, system } = process.cpuUsage(before);
    perS.push((own.length / (performance.now() - started)) * 1_000);
    cpu.push((user + system) / own.length);
  }
  return { perS, cpu };
}

async function embedded(): Promise<Engine> {
  const folder = mkdtempSync(join(tmpdir(), "bench-store-"));
  return {
    name: "embedded",
    store: await openEmbeddedStore(folder),
    settle: async () => undefined,
    bytes: () => ["points", "rollups-hour"].reduce((sum, each) => sum + bytesOf(join(folder, each)), 0),
    stop: async () => rmSync(folder, { recursive: true }),
  };
}

async function influxdb(): Promise<Engine> {
  const server = await Influxd.start();
  const rejected = new RejectedPoints(join(server.folder, "rejected"));
  const address = { generation: 1, url: server.url, database: "bench" } as const;
  return {
    name: "InfluxDB 1.6.7",
    store: openInfluxDbStore({ address, rejected, now: Date.now }),
    // Until its cache is on the disk, compressed.
    settle: () => setTimeout(8_000),
    bytes: () => bytesOf(join(server.folder, "data")),
    stop: () => server.stop(),
  };
}

async function victoriaMetrics(): Promise<Engine> {
  const server = await VictoriaMetricsServer.start();
  return {
    name: "VictoriaMetrics 1.79",
    store: openVictoriaMetricsStore({
      address: { kind: "single", url: server.url },
      now: Date.now,
      uptime_ms: () => performance.now(),
    }),
    settle: async () => {
      await server.flush();
      await setTimeout(8_000);
    },
    bytes: () => bytesOf(join(server.folder, "data")) + bytesOf(join(server.folder, "indexdb")),
    stop: () => server.stop(),
  };
}

function bytesOf(folder: string): number {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
