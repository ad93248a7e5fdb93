/** What every store must do, whatever holds it: run by each implementation's tests. */
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Aggregation } from "../../api.ts";
import type { Point, PointStore, StoreAnswer, StoreQuery } from "../store.ts";

export interface StoreUnderTest {
  /** Opens the same store again and again; the first time it is empty. */
  open(): Promise<PointStore>;
  remove(): Promise<void> | void;
}

const DAY = 86_400_000;
const START = Date.UTC(2026, 2, 2);
const METRIC = "Environment/Temperature";
const AGGREGATIONS: readonly Aggregation[] = ["mean", "min", "max", "sum", "count", "last", "first"];

const devices = ["a/box/one", "a/box/two", "b/box/one"];
const all: StoreQuery = {
  metric: METRIC,
  groups: new Map(devices.map((device) => [device, device])),
  from: START,
  to: START + 10 * DAY,
  limit: 100_000,
};

const point = (device: string, time: number, value: number, metric: string = METRIC): Point => ({
  device,
  metric,
  time: START + time,
  value,
});

export function storeContract(name: string, make: () => StoreUnderTest): void {
  describe(`store: ${name}`, () => {
    let subject: StoreUnderTest;
    let store: PointStore;
    beforeEach(async () => {
      subject = make();
      store = await subject.open();
    });
    afterEach(async () => {
      await store.close();
      await subject.remove();
    });

    test("a new store starts at checkpoint 0 and answers with nothing", async () => {
      expect(await store.checkpoint()).toBe(0);
      expect(await store.query(all)).toEqual({ series: [], truncated: false });
    });

    test("points and checkpoint are there after the store is opened again", async () => {
      await store.write([point("a/box/one", 5, 1.5), point("a/box/one", 7, 2, "Other/Metric")], 41);
      await store.write([point("b/box/one", 6, -1)], 42);
      await store.close();
      store = await subject.open();
      expect(await store.checkpoint()).toBe(42);
      expect((await store.query(all)).series).toEqual([
        { key: "a/box/one", points: [[START + 5, 1.5]] },
        { key: "b/box/one", points: [[START + 6, -1]] },
      ]);
      await store.write([point("a/box/one", 5, 9)], 43);
      expect((await store.query(all)).series[0]?.points).toEqual([[START + 5, 9]]);
    });

    test("a checkpoint without points is kept too", async () => {
      await store.write([], 7);
      await store.close();
      store = await subject.open();
      expect(await store.checkpoint()).toBe(7);
    });

    test("from is included and to is not", async () => {
      await store.write([point("a/box/one", 0, 1), point("a/box/one", 10, 2)], 1);
      const { series } = await store.query({ ...all, from: START, to: START + 10 });
      expect(series[0]?.points).toEqual([[START, 1]]);
    });

    test("an answer is cut at its limit and says so", async () => {
      await store.write(
        [1, 2, 3].map((time) => point("a/box/one", time, time)),
        1,
      );
      expect((await store.query({ ...all, limit: 3 })).truncated).toBe(false);
      const cut = await store.query({ ...all, limit: 2 });
      expect(cut.truncated).toBe(true);
      expect(cut.series[0]?.points).toHaveLength(2);
    });

    test("sealing changes no answer, late points and re-writes of a sealed day count, old days go", async () => {
      await store.write(
        [point("a/box/one", 0, 1), point("a/box/one", 1, 2), point("a/box/two", 4 * DAY, 3)],
        1,
      );
      const before = await store.query(all);
      const now = START + 5 * DAY;
      await store.maintain(now, 30 * DAY);
      expect(await store.query(all)).toEqual(before);
      await store.write([point("a/box/one", 1, 20), point("a/box/one", 2, 30)], 2);
      const late = [
        [START, 1],
        [START + 1, 20],
        [START + 2, 30],
      ];
      expect((await store.query(all)).series[0]?.points).toEqual(late);
      await store.maintain(now, 30 * DAY);
      expect((await store.query(all)).series[0]?.points).toEqual(late);
      await store.close();
      store = await subject.open();
      expect((await store.query(all)).series[0]?.points).toEqual(late);
      await store.maintain(now, 2 * DAY);
      expect((await store.query(all)).series.map(({ key }) => key)).toEqual(["a/box/two"]);
    });

    test("answers are those of a plain list, whatever was written in whatever order", {
      timeout: 60_000,
    }, async () => {
      const points = fc.array(
        fc.record({
          device: fc.constantFrom(...devices),
          metric: fc.constantFrom(METRIC, "Other/Metric"),
          time: fc.oneof(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 4 * DAY })),
          value: fc.integer({ min: -50, max: 50 }),
        }),
        { maxLength: 40 },
      );
      const queries = fc.array(
        fc.record({
          from: fc.integer({ min: 0, max: 2 * DAY }),
          width: fc.constantFrom(1, 17, 3_600_000, 4 * DAY),
          step_ms: fc.constantFrom(undefined, 7, 1_000, 3_600_000),
          aggregation: fc.constantFrom(...AGGREGATIONS),
          groups: fc.constantFrom(
            new Map(devices.map((device) => [device, device])),
            new Map(devices.map((device) => [device, device.slice(0, 1)])),
            new Map([["a/box/two", "all"]]),
          ),
        }),
        { minLength: 2, maxLength: 4 },
      );
      const written: Point[] = [];
      let checkpoint = 0;
      await fc.assert(
        fc.asyncProperty(points, queries, fc.boolean(), async (batch, asked, maintain) => {
          const more = batch.map(({ device, time, value, metric }) => point(device, time, value, metric));
          await store.write(more, ++checkpoint);
          written.push(...more);
          if (maintain) await store.maintain(START + 3 * DAY, 100 * DAY);
          for (const { from, width, step_ms, aggregation, groups } of asked) {
            const query: StoreQuery = {
              metric: METRIC,
              groups,
              from: START + from,
              to: START + from + width,
              limit: 100_000,
              ...(step_ms === undefined ? {} : { buckets: { step_ms, aggregation } }),
            };
            expectSame(await store.query(query), bruteForce(written, query));
          }
        }),
        { numRuns: 30 },
      );
    });
  });
}

function expectSame(found: StoreAnswer, expected: StoreAnswer): void {
  expect(found.series.map(({ key, points }) => [key, points.map(([time]) => time)])).toEqual(
    expected.series.map(({ key, points }) => [key, points.map(([time]) => time)]),
  );
  found.series.forEach(({ points }, at) => {
    points.forEach(([, value], index) => {
      expect(value).toBeCloseTo(expected.series[at]?.points[index]?.[1] ?? Number.NaN, 9);
    });
  });
}

/** The same question answered by looking at every point. */
function bruteForce(written: readonly Point[], query: StoreQuery): StoreAnswer {
  const newest = new Map<string, Point>();
  for (const each of written) {
    const { device, metric, time } = each;
    if (metric === query.metric && query.groups.has(device) && time >= query.from && time < query.to)
      newest.set(`${device} ${time}`, each);
  }
  const ordered = [...newest.values()].sort((a, b) => a.time - b.time || (a.device < b.device ? -1 : 1));
  const { buckets } = query;
  const series = [...new Set(query.groups.values())].sort().flatMap((key) => {
    const own = ordered.filter(({ device }) => query.groups.get(device) === key);
    if (own.length === 0) return [];
    if (buckets === undefined) return [{ key, points: own.map(({ time, value }) => [time, value] as const) }];
    const values = Map.groupBy(own, ({ time }) => Math.floor(time / buckets.step_ms) * buckets.step_ms);
    const points = [...values].map(
      ([time, each]) =>
        [
          time,
          aggregate(
            each.map(({ value }) => value),
            buckets.aggregation,
          ),
        ] as const,
    );
    return [{ key, points }];
  });
  return { series, truncated: false };
}

function aggregate(values: readonly number[], aggregation: Aggregation): number {
  const sum = values.reduce((total, value) => total + value, 0);
  switch (aggregation) {
    case "mean":
      return sum / values.length;
    case "min":
      return Math.min(...values);
    case "max":
      return Math.max(...values);
    case "sum":
      return sum;
    case "count":
      return values.length;
    case "first":
      return values[0] ?? Number.NaN;
    case "last":
      return values.at(-1) ?? Number.NaN;
  }
}
