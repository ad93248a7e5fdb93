import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type CopyOptions, copyStore } from "./copy.ts";
import { openEmbeddedStore } from "./embedded.ts";
import { openInfluxDbStore } from "./influxdb/influxdb.ts";
import { Influxd } from "./influxdb/testing/influxd.ts";
import { DAY_MS } from "./partitions.ts";
import { RejectedPoints } from "./rejected-points.ts";
import type { Point, PointStore } from "./store.ts";
import { keeping } from "./testing/store-contract.ts";
import { VictoriaMetricsServer } from "./victoria-metrics/testing/victoria-metrics-server.ts";
import { openVictoriaMetricsStore } from "./victoria-metrics/victoria-metrics.ts";

const START = Date.UTC(2026, 2, 2);
const DAYS = 6;
let folder: string;
let from: PointStore;
let written: number;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "store-copy-"));
  from = await openEmbeddedStore(join(folder, "from"));
  const points = Array.from({ length: DAYS * 24 }, (_, hour): Point[] =>
    ["a/box/one", "b/box/two"].flatMap((device) =>
      ["Environment/Temperature", "Port/3/InOctets", "Environment/Temperature:hour:mean"].map(
        (metric, at) => ({
          device,
          metric,
          time: START + hour * 3_600_000 + at,
          value: hour / 3 + at * 1e6,
        }),
      ),
    ),
  ).flat();
  written = points.length;
  await from.write(points, { seq: 4_711 });
  await from.maintain(START + 4 * DAY_MS, keeping(1_000 * DAY_MS));
});
afterEach(async () => {
  await from.close();
  rmSync(folder, { recursive: true });
});

const copy = (to: PointStore, more: Partial<CopyOptions> = {}) =>
  copyStore({
    from,
    to,
    names: ["embedded", "other"],
    progressFile: join(folder, "progress.json"),
    onProgress: () => undefined,
    signal: new AbortController().signal,
    ...more,
  });

test("an embedded store goes to InfluxDB, on to VictoriaMetrics, and back, and is the same", {
  timeout: 120_000,
}, async () => {
  const [influxd, victoria] = await Promise.all([Influxd.start(), VictoriaMetricsServer.start()]);
  const influxdb = openInfluxDbStore({
    address: { generation: 1, url: influxd.url, database: "copy" },
    rejected: new RejectedPoints(join(folder, "rejected")),
    now: Date.now,
  });
  const victoriaMetrics = openVictoriaMetricsStore({
    address: { kind: "single", url: victoria.url },
    now: Date.now,
    uptime_ms: () => performance.now(),
    settle_ms: 1_000,
  });
  const back = await openEmbeddedStore(join(folder, "back"));
  const expected = { points: written, series: 6, checkpoint: 4_711, resumed: 0, differences: [] };
  expect(await copy(influxdb)).toMatchObject(expected);
  expect(await copy(victoriaMetrics, { from: influxdb })).toMatchObject(expected);
  expect(await copy(back, { from: victoriaMetrics })).toMatchObject(expected);
  expect(await back.checkpoint()).toEqual({ seq: 4_711 });
  await Promise.all([influxdb.close(), victoriaMetrics.close(), back.close()]);
  await Promise.all([influxd.stop(), victoria.stop()]);
});

test("a copy that was interrupted goes on with the day it was at", async () => {
  let to = await openEmbeddedStore(join(folder, "to"));
  const stop = new AbortController();
  const interrupted = copy(to, {
    signal: stop.signal,
    onProgress: ({ done }) => {
      if (done === 3) stop.abort();
    },
  });
  await expect(interrupted).rejects.toThrow(/abort/i);
  expect(await to.checkpoint()).toEqual({ seq: 0 });
  await to.close();
  to = await openEmbeddedStore(join(folder, "to"));
  const seen: number[] = [];
  const result = await copy(to, {
    onProgress: ({ phase, day }) => {
      if (phase === "copying") seen.push((day - START) / DAY_MS);
    },
  });
  expect(result).toMatchObject({ resumed: 3, points: written, checkpoint: 4_711, differences: [] });
  expect(Math.min(...seen)).toBe(3);
  expect(await to.checkpoint()).toEqual({ seq: 4_711 });
  await to.close();
});

test("what was kept of another copy is not taken for this one's", async () => {
  const first = await openEmbeddedStore(join(folder, "first"));
  const stop = new AbortController();
  await copy(first, { signal: stop.signal, onProgress: ({ done }) => done === 3 && stop.abort() }).catch(
    () => undefined,
  );
  const second = await openEmbeddedStore(join(folder, "second"));
  expect(await copy(second, { names: ["embedded", "another"] })).toMatchObject({
    resumed: 0,
    points: written,
  });
  await first.close();
  await second.close();
});

test("a difference is told by series and day, and the copy gets no checkpoint", async () => {
  const to = await openEmbeddedStore(join(folder, "to"));
  const stray = {
    device: "b/box/two",
    metric: "Environment/Temperature",
    time: START + DAY_MS + 7,
    value: 1,
  };
  await to.write([stray]);
  const { differences } = await copy(to);
  expect(differences).toEqual([
    {
      day: START + DAY_MS,
      series: "Environment/Temperature b/box/two",
      expected: 24,
      found: 25,
      what: "points",
    },
  ]);
  expect(await to.checkpoint()).toEqual({ seq: 0 });
  await to.close();
});
