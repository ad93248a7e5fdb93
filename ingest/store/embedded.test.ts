import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { expect, test } from "vitest";
import { openEmbeddedStore } from "./embedded.ts";
import { keeping, storeContract } from "./testing/store-contract.ts";

storeContract("embedded", () => {
  const folder = mkdtempSync(join(tmpdir(), "store-"));
  return {
    open: () => openEmbeddedStore(folder),
    writeNumber: async (seq) => {
      const instance = await DuckDBInstance.create(join(folder, "hot.duckdb"));
      const connection = await instance.connect();
      await connection.run(`DELETE FROM checkpoint; INSERT INTO checkpoint VALUES (${seq}, 0)`);
      connection.closeSync();
      instance.closeSync();
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
});

test("a crash after a day was sealed and before its points left the hot table doubles nothing", async () => {
  const folder = mkdtempSync(join(tmpdir(), "store-"));
  const hot = join(folder, "hot.duckdb");
  const day = Date.UTC(2026, 2, 2);
  const points = [1, 2, 3].map((time) => ({
    device: "a/box/x",
    metric: "Door/Open",
    time: day + time,
    value: time,
  }));
  let store = await openEmbeddedStore(folder);
  await store.write(points, { seq: 9 });
  await store.close();
  copyFileSync(hot, `${hot}.before`);
  store = await openEmbeddedStore(folder);
  expect((await store.maintain(day + 5 * 86_400_000, keeping(1e12))).sealed).toBe(1);
  await store.close();
  copyFileSync(`${hot}.before`, hot);
  store = await openEmbeddedStore(folder);
  const query = {
    metric: "Door/Open",
    groups: new Map([["a/box/x", "x"]]),
    from: day,
    to: day + 10,
    limit: 99,
  };
  const sum = { ...query, buckets: { step_ms: 10, aggregation: "sum" as const } };
  expect((await store.query(sum)).series).toEqual([{ key: "x", points: [[day, 6]] }]);
  await store.maintain(day + 5 * 86_400_000, keeping(1e12));
  expect((await store.query(sum)).series).toEqual([{ key: "x", points: [[day, 6]] }]);
  await store.close();
  rmSync(folder, { recursive: true });
});

test("the last value is right whatever is remembered: over late points, re-writes, sealing, retention and an opening", async () => {
  const folder = mkdtempSync(join(tmpdir(), "store-"));
  const day = Date.UTC(2026, 2, 2);
  const point = (device: string, time: number, value: number) => ({
    device,
    metric: "Door/Open",
    time: day + time,
    value,
  });
  const groups = new Map(["a/box/x", "a/box/y"].map((device) => [device, device]));
  const buckets = { step_ms: 1e13, aggregation: "last" as const };
  let store = await openEmbeddedStore(folder);
  const lasts = async (from = 0, to = 400 * 86_400_000) => {
    const { series } = await store.query({
      metric: "Door/Open",
      groups,
      from: day + from,
      to: day + to,
      buckets,
      limit: 9,
    });
    return Object.fromEntries(series.map(({ key, points }) => [key.slice(-1), points[0]?.[1]]));
  };
  await store.write([point("a/box/x", 100, 1), point("a/box/y", 100, 2)]);
  await store.write([point("a/box/x", 50, 3), point("a/box/y", 100, 4)]);
  expect(await lasts()).toEqual({ x: 1, y: 4 });
  expect(await lasts(0, 60)).toEqual({ x: 3 });
  expect(await lasts(101)).toEqual({});
  await store.maintain(day + 5 * 86_400_000, keeping(1e12));
  await store.close();
  store = await openEmbeddedStore(folder);
  expect(await lasts()).toEqual({ x: 1, y: 4 });
  // Of a day that is sealed, and so perhaps not the newest; and of one that is.
  await store.write([point("a/box/x", 90, 5), point("a/box/y", 6 * 86_400_000, 6)]);
  expect(await lasts()).toEqual({ x: 1, y: 6 });
  await store.maintain(day + 5 * 86_400_000, keeping(2 * 86_400_000));
  expect(await lasts()).toEqual({ y: 6 });
  await store.close();
  rmSync(folder, { recursive: true });
});

test("a snapshot taken while points are written opens as the store was at one moment, sealed days with it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "store-"));
  const day = Date.UTC(2026, 2, 2);
  const now = day + 5 * 86_400_000;
  const point = (time: number) => ({ device: "a/box/x", metric: "Door/Open", time, value: 1 });
  const count = async (folder_: string) => {
    const opened = await openEmbeddedStore(folder_);
    const { series } = await opened.query({
      metric: "Door/Open",
      groups: new Map([["a/box/x", "x"]]),
      from: day,
      to: now + 10_000,
      limit: 99,
      buckets: { step_ms: 10 * 86_400_000, aggregation: "sum" as const },
    });
    const checkpoint = await opened.checkpoint();
    await opened.close();
    return { checkpoint, points: series.flatMap(({ points }) => points).reduce((sum, [, n]) => sum + n, 0) };
  };
  const store = await openEmbeddedStore(join(folder, "live"));
  await store.write([point(day), point(day + 1)], { seq: 1 });
  await store.maintain(now, keeping(1e12));
  await store.write([point(now)], { seq: 2 });
  const copied = store.snapshot(join(folder, "copy"));
  // As many points as the checkpoint says, whichever of these writes the copy saw.
  for (let seq = 3; seq < 40; seq += 1) await store.write([point(now + seq)], { seq });
  await copied;
  // Afterwards the two have nothing to do with each other.
  await store.maintain(now + 3 * 86_400_000, keeping(1e12));
  const { checkpoint, points } = await count(join(folder, "copy"));
  expect(checkpoint.seq).toBeGreaterThanOrEqual(2);
  expect(points).toBe(checkpoint.seq + 1);
  await store.close();
  expect((await count(join(folder, "live"))).points).toBe(40);
  rmSync(folder, { recursive: true });
});
