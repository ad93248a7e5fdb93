import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openEmbeddedStore } from "./embedded.ts";
import { keeping, storeContract } from "./testing/store-contract.ts";

storeContract("embedded", () => {
  const folder = mkdtempSync(join(tmpdir(), "store-"));
  return { open: () => openEmbeddedStore(folder), remove: () => rmSync(folder, { recursive: true }) };
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
  await store.write(points, 9);
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
