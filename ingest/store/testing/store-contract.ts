/** What every store must do, whatever holds it: run by each implementation's tests. */
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Aggregation } from "../../api.ts";
import { rollupMetric, TIERS } from "../../core/series-name.ts";
import type { Point, PointStore, Retention, StoreAnswer, StoreQuery } from "../store.ts";

export interface StoreUnderTest {
  /** Opens the same store again and again; the first time it is empty. */
  open(): Promise<PointStore>;
  /** While the store is closed: keeps a number as its checkpoint as versions did that kept nothing else. */
  writeNumber(seq: number): Promise<void>;
  remove(): Promise<void> | void;
}

/** Every tier as long. */
export function keeping(keep_ms: number): Retention {
  return Object.fromEntries(TIERS.map((tier) => [tier, keep_ms])) as unknown as Retention;
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
      expect(await store.checkpoint()).toEqual({ seq: 0 });
      expect(await store.query(all)).toEqual({ series: [], truncated: false });
    });

    test("points and checkpoint are there after the store is opened again", async () => {
      await store.write([point("a/box/one", 5, 1.5), point("a/box/one", 7, 2, "Other/Metric")], { seq: 41 });
      await store.write([point("b/box/one", 6, -1)], { seq: 42 });
      await store.close();
      store = await subject.open();
      expect(await store.checkpoint()).toEqual({ seq: 42 });
      expect((await store.query(all)).series).toEqual([
        { key: "a/box/one", points: [[START + 5, 1.5]] },
        { key: "b/box/one", points: [[START + 6, -1]] },
      ]);
      await store.write([point("a/box/one", 5, 9)], { seq: 43 });
      expect((await store.query(all)).series[0]?.points).toEqual([[START + 5, 9]]);
    });

    test("a checkpoint without points is kept too, with the time its entry was received", async () => {
      const receivedAt = Date.UTC(2026, 10, 22) + 123;
      await store.write([], { seq: 7, receivedAt });
      await store.write([point("a/box/one", 5, 1)]);
      await store.close();
      store = await subject.open();
      expect(await store.checkpoint()).toEqual({ seq: 7, receivedAt });
      await store.write([], { seq: 8 });
      expect(await store.checkpoint()).toEqual({ seq: 8 });
    });

    test("a number that an older version kept is a checkpoint, without the time of what was there before or with none", async () => {
      await store.close();
      await subject.writeNumber(5);
      store = await subject.open();
      expect(await store.checkpoint()).toEqual({ seq: 5 });
      await store.write([], { seq: 7, receivedAt: START });
      await store.close();
      await subject.writeNumber(9);
      store = await subject.open();
      expect(await store.checkpoint()).toEqual({ seq: 9 });
    });

    test("from is included and to is not", async () => {
      await store.write([point("a/box/one", 0, 1), point("a/box/one", 10, 2)], { seq: 1 });
      const { series } = await store.query({ ...all, from: START, to: START + 10 });
      expect(series[0]?.points).toEqual([[START, 1]]);
    });

    test("an answer is cut at its limit and says so", async () => {
      await store.write(
        [1, 2, 3].map((time) => point("a/box/one", time, time)),
        { seq: 1 },
      );
      expect((await store.query({ ...all, limit: 3 })).truncated).toBe(false);
      const cut = await store.query({ ...all, limit: 2 });
      expect(cut.truncated).toBe(true);
      expect(cut.series[0]?.points).toHaveLength(2);
    });

    test("sealing changes no answer, late points and re-writes of a sealed day count, old days go", async () => {
      await store.write(
        [point("a/box/one", 0, 1), point("a/box/one", 1, 2), point("a/box/two", 4 * DAY, 3)],
        { seq: 1 },
      );
      const before = await store.query(all);
      const now = START + 5 * DAY;
      await store.maintain(now, keeping(30 * DAY));
      expect(await store.query(all)).toEqual(before);
      await store.write([point("a/box/one", 1, 20), point("a/box/one", 2, 30)], { seq: 2 });
      const late = [
        [START, 1],
        [START + 1, 20],
        [START + 2, 30],
      ];
      const one = { ...all, groups: new Map([["a/box/one", "one"]]) };
      const found = async () =>
        (await Promise.all([all, one].map((each) => store.query(each)))).map(
          ({ series }) => series[0]?.points,
        );
      expect(await found()).toEqual([late, late]);
      await store.maintain(now, keeping(30 * DAY));
      expect(await found()).toEqual([late, late]);
      await store.close();
      store = await subject.open();
      expect(await found()).toEqual([late, late]);
      await store.maintain(now, keeping(2 * DAY));
      expect((await store.query(all)).series.map(({ key }) => key)).toEqual(["a/box/two"]);
    });

    test("each tier is kept as long as its own retention says", async () => {
      const metrics = [METRIC, rollupMetric(METRIC, "5m", "mean"), rollupMetric(METRIC, "hour", "mean")];
      await store.write(
        metrics.map((metric) => point("a/box/one", 0, 1, metric)),
        { seq: 1 },
      );
      const now = START + 9 * DAY;
      const kept = async () => {
        const answers = await Promise.all(metrics.map((metric) => store.query({ ...all, metric })));
        return answers.map(({ series }) => series.length);
      };
      await store.maintain(now, keeping(100 * DAY));
      expect(await kept()).toEqual([1, 1, 1]);
      const { removed, problems } = await store.maintain(now, {
        ...keeping(100 * DAY),
        raw: 3 * DAY,
        "5m": 5 * DAY,
      });
      expect(await kept()).toEqual([0, 0, 1]);
      expect(removed.map(({ tier, count }) => [tier, count])).toEqual([
        ["raw", 1],
        ["5m", 1],
      ]);
      expect(problems).toEqual([]);
    });

    test("instances of a metric are series of their own", async () => {
      await store.write(
        ["Port/1/InOctets", "Port/2/InOctets", "Port/2/InOctets:5m:increase"].map((metric, index) =>
          point("a/box/one", 3, index, metric),
        ),
        { seq: 1 },
      );
      const { series } = await store.query({ ...all, metric: "Port/2/InOctets" });
      expect(series).toEqual([{ key: "a/box/one", points: [[START + 3, 1]] }]);
    });

    test("numbers come back as they went in", async () => {
      const values = [0, -1.5, 36.6, 101_325, 0.001, -273.15, 4_294_967_295, 1 / 3];
      await store.write(
        values.map((value, index) => point("a/box/one", index, value)),
        { seq: 1 },
      );
      const { series } = await store.query(all);
      const found = series[0]?.points.map(([, value]) => value) ?? [];
      expect(found).toHaveLength(values.length);
      values.forEach((value, index) => {
        expect(found[index]).toBeCloseTo(value, 9);
      });
    });

    test("a counter of 53 bits comes back to the last digit", async () => {
      const values = [2 ** 53 - 2, 2 ** 53 - 1, 2 ** 53];
      await store.write(
        values.map((value, index) => point("a/box/one", index, value)),
        { seq: 1 },
      );
      const { series } = await store.query(all);
      expect(series[0]?.points.map(([, value]) => value)).toEqual(values);
    });

    test("a scan gives every point once, with the value written last, and nothing outside its range", async () => {
      expect(await store.bounds()).toBeUndefined();
      const sealed = [
        point("a/box/one", 1, 1),
        point("b/box/one", 2, 2, rollupMetric(METRIC, "hour", "max")),
      ];
      await store.write(sealed, { seq: 1 });
      await store.maintain(START + 5 * DAY, keeping(100 * DAY));
      const hot = [
        point("a/box/one", 1, 10),
        point("a/box/one", 3 * DAY, 3),
        point("a/box/one", 3 * DAY, 4, "Port/9/InOctets"),
      ];
      await store.write(hot, { seq: 2 });
      const scanned = async (from: number, to: number) => {
        const found: Point[] = [];
        for await (const page of store.scan(START + from, START + to)) found.push(...page);
        return found.sort((a, b) => a.time - b.time || (a.metric < b.metric ? -1 : 1));
      };
      expect(await scanned(0, 4 * DAY)).toEqual([hot[0], sealed[1], hot[1], hot[2]]);
      expect(await scanned(2, 3 * DAY)).toEqual([sealed[1]]);
      const bounds = await store.bounds();
      expect(bounds?.from).toBeLessThanOrEqual(START + 1);
      expect(bounds?.to).toBeGreaterThan(START + 3 * DAY);
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
      const byCampus = new Map(devices.map((device) => [device, device.slice(0, 1)]));
      const queries = fc.array(
        fc.record({
          from: fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 2 * DAY })),
          width: fc.constantFrom(1, 17, 3_600_000, 4 * DAY),
          step_ms: fc.constantFrom(undefined, 7, 1_000, 3_600_000),
          aggregation: fc.constantFrom(...AGGREGATIONS),
          groups: fc.constantFrom(
            new Map(devices.map((device) => [device, device])),
            byCampus,
            new Map([["a/box/two", "all"]]),
            new Map(devices.map((device) => [device, "all"])),
          ),
        }),
        { minLength: 2, maxLength: 4 },
      );
      const written: Point[] = [];
      let checkpoint = 0;
      await fc.assert(
        fc.asyncProperty(points, queries, fc.boolean(), async (batch, asked, maintain) => {
          const more = batch.map(({ device, time, value, metric }) => point(device, time, value, metric));
          await store.write(more, { seq: ++checkpoint });
          written.push(...more);
          if (maintain) await store.maintain(START + 3 * DAY, keeping(100 * DAY));
          for (const { from, width, step_ms, aggregation, groups } of asked) {
            const query: StoreQuery = {
              metric: METRIC,
              groups,
              from: START + from,
              to: START + from + width,
              limit: 100_000,
              ...(groups === byCampus
                ? { wholeCampuses: new Map(["a", "b"].map((each) => [each, each])) }
                : {}),
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
