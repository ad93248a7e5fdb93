/** The same points and the same requests, all the way from the asset tree, to all three engines: the answers agree. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { QueryRequest } from "../api.ts";
import { type Locatable, planQuery } from "../core/query.ts";
import { rollupMetric } from "../core/series-name.ts";
import { openEmbeddedStore } from "./embedded.ts";
import { openInfluxDbStore } from "./influxdb/influxdb.ts";
import { Influxd } from "./influxdb/testing/influxd.ts";
import { RejectedPoints } from "./rejected-points.ts";
import type { Point, PointStore, StoreAnswer } from "./store.ts";
import { keeping } from "./testing/store-contract.ts";
import { VictoriaMetricsServer } from "./victoria-metrics/testing/victoria-metrics-server.ts";
import { openVictoriaMetricsStore } from "./victoria-metrics/victoria-metrics.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 2, 2);
const STEPS = 40;
/** Of each kind of what is hard, in all steps; five times as much and more is what comes. */
const SEEN_MIN = 10;

/** Two counties, three campuses, two boxes each; a box lies at its campus, a device in a room. */
const assets: Locatable[] = ["990101/shiyan", "990102/no1", "990102/no2"].flatMap((place) => {
  const path = `990100/${place}`;
  const campus = place.slice(7);
  return ["box-1", "box-2"].flatMap((box) => [
    { key: `${campus}/${box}`, path },
    { key: `${campus}/${box}/air`, path: `${path}/a/3/301` },
    { key: `${campus}/${box}/switch`, path: `${path}/a` },
  ]);
});

const metrics = [
  "Environment/Temperature",
  "Port/1/InOctets",
  "Port/2/InOctets",
  rollupMetric("Environment/Temperature", "5m", "mean"),
  rollupMetric("Environment/Temperature", "hour", "max"),
];

/** A stretch of one series: regular with gaps, late where another was before it, and some of it told a second time. */
const stretch = fc.record({
  device: fc.constantFrom(...assets.map(({ key }) => key)),
  metric: fc.constantFrom(...metrics),
  from: fc.integer({ min: 0, max: 3 * DAY }),
  every: fc.constantFrom(1, 1_000, 60_000, 300_000, HOUR),
  // null: a gap, as a device leaves that did not answer or whose reading was bad.
  values: fc.array(
    fc.oneof(
      fc.integer({ min: -400, max: 1_000 }).map((tenths) => tenths / 10),
      fc.constant(null),
    ),
    {
      maxLength: 30,
    },
  ),
  // Told a second time: one point of so many, with a value that differs by so much, in the same write or in a later one.
  again: fc.option(
    fc.record({ each: fc.integer({ min: 1, max: 4 }), by: fc.constantFrom(-7.5, 0, 3), later: fc.boolean() }),
  ),
});

type Stretch = typeof stretch extends fc.Arbitrary<infer Of> ? Of : never;

function pointsOf({ device, every, from, metric, values }: Stretch): readonly Point[] {
  return values.flatMap((value, index): Point[] =>
    value === null ? [] : [{ device, metric, time: START + from + index * every, value }],
  );
}

function toldAgain(of: Stretch): readonly Point[] {
  const { each, by } = of.again ?? { each: Number.POSITIVE_INFINITY, by: 0 };
  return pointsOf(of)
    .filter((_, index) => (index + 1) % each === 0)
    .map((point) => ({ ...point, value: point.value + by }));
}

const request: fc.Arbitrary<QueryRequest> = fc
  .record({
    metric: fc.constantFrom(...metrics),
    scope: fc.constantFrom(
      "",
      "990100/990102",
      "990100/990102/no2",
      "990100/990101/shiyan/a/3",
      "990100/990103",
    ),
    from: fc
      .oneof(fc.integer({ min: 0, max: 3 * DAY }), fc.constantFrom(0, HOUR, DAY))
      .map((from) => START + from),
    width: fc.constantFrom(1, 999, 300_000, HOUR, DAY, 4 * DAY),
    groupBy: fc.constantFrom("device", "campus", "county", "city", "none"),
    step_ms: fc.constantFrom(undefined, 1_000, 300_000, 7 * 60_000, HOUR, DAY),
    aggregation: fc.constantFrom("mean", "min", "max", "sum", "count", "last", "first"),
    limit: fc.constantFrom(1, 7, 100_000),
  } as const)
  .map(({ from, width, step_ms, ...more }) => ({
    ...more,
    from,
    to: from + width,
    ...(step_ms === undefined ? {} : { step_ms }),
  }));

let influxd: Influxd;
let victoria: VictoriaMetricsServer;
let folder: string;
let stores: Readonly<Record<string, PointStore>>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "differential-"));
  [influxd, victoria] = await Promise.all([Influxd.start(), VictoriaMetricsServer.start()]);
  stores = {
    embedded: await openEmbeddedStore(join(folder, "embedded")),
    influxdb: openInfluxDbStore({
      address: { generation: 1, url: influxd.url, database: "differential" },
      rejected: new RejectedPoints(join(folder, "rejected")),
      now: Date.now,
    }),
    "victoria-metrics": openVictoriaMetricsStore({
      address: { kind: "single", url: victoria.url },
      now: Date.now,
      uptime_ms: () => performance.now(),
    }),
  };
});
afterAll(async () => {
  await Promise.all(Object.values(stores).map((store) => store.close()));
  await Promise.all([influxd.stop(), victoria.stop()]);
  rmSync(folder, { recursive: true });
});

test("whatever is written and asked, the engines agree", { timeout: 120_000 }, async () => {
  let checkpoint = 0;
  let rows = 0;
  const seen = { again: 0, changed: 0, late: 0, gaps: 0 };
  const newest = new Map<string, number>();
  const write = async (points: readonly Point[]): Promise<void> => {
    checkpoint += 1;
    await Promise.all(Object.values(stores).map((store) => store.write(points, { seq: checkpoint })));
    for (const { device, metric, time } of points) {
      const series = `${metric} ${device}`;
      if (time < (newest.get(series) ?? 0)) seen.late += 1;
      else newest.set(series, time);
    }
  };
  await fc.assert(
    fc.asyncProperty(
      fc.array(stretch, { minLength: 1, maxLength: 6 }),
      fc.array(request, { minLength: 4, maxLength: 8 }),
      fc.boolean(),
      async (stretches, requests, maintain) => {
        const now = stretches.filter(({ again }) => again?.later === false).flatMap(toldAgain);
        const later = stretches.filter(({ again }) => again?.later === true).flatMap(toldAgain);
        await write([...stretches.flatMap(pointsOf), ...now]);
        if (later.length > 0) await write(later);
        seen.again += now.length + later.length;
        seen.changed += stretches.filter(({ again }) => (again?.by ?? 0) !== 0).flatMap(toldAgain).length;
        seen.gaps += stretches.flatMap(({ values }) => values.filter((value) => value === null)).length;
        await victoria.flush();
        if (maintain) await stores.embedded?.maintain(START + 3 * DAY, keeping(100 * DAY));
        for (const each of requests) {
          const plan = planQuery(each, assets);
          const [embedded, ...others] = await Promise.all(
            Object.entries(stores).map(async ([name, store]) => [name, await store.query(plan)] as const),
          );
          for (const [name, answer] of others)
            expectSame(`${name}: ${JSON.stringify(each)}`, answer, embedded?.[1]);
          rows += embedded?.[1].series.reduce((sum, { points: found }) => sum + found.length, 0) ?? 0;
        }
      },
    ),
    { numRuns: STEPS },
  );
  // Answers that were all empty would agree as well, and so would engines that never saw what is hard for them.
  expect(rows).toBeGreaterThan(STEPS);
  for (const [what, count] of Object.entries(seen)) expect(count, what).toBeGreaterThan(SEEN_MIN);
});

function expectSame(what: string, answer: StoreAnswer, expected: StoreAnswer | undefined): void {
  const shape = (of: StoreAnswer | undefined) => ({
    truncated: of?.truncated,
    series: of?.series.map(({ key, points }) => [key, points.map(([time]) => time)]),
  });
  expect(shape(answer), what).toEqual(shape(expected));
  answer.series.forEach(({ points }, at) => {
    points.forEach(([, value], index) => {
      expect(value, what).toBeCloseTo(expected?.series[at]?.points[index]?.[1] ?? Number.NaN, 8);
    });
  });
}
