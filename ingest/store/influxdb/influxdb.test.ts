import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RejectedPoints } from "../rejected-points.ts";
import { StoreAwayError } from "../store.ts";
import { storeContract } from "../testing/store-contract.ts";
import { openInfluxDbStore } from "./influxdb.ts";
import { Influxd } from "./testing/influxd.ts";

let influxd: Influxd;
const folder = mkdtempSync(join(tmpdir(), "influxdb-"));
beforeAll(async () => {
  influxd = await Influxd.start();
});
afterAll(async () => {
  await influxd.stop();
  rmSync(folder, { recursive: true });
});

let databases = 0;
const rejected = new RejectedPoints(join(folder, "rejected-points"));

storeContract("influxdb 1.6", () => {
  const database = `contract-${++databases}`;
  return {
    open: async () =>
      openInfluxDbStore({
        address: { generation: 1, url: influxd.url, database },
        rejected,
        now: Date.now,
      }),
    writeNumber: async (seq) => {
      const hour = Math.floor(Date.now() / 3_600_000) * 3_600_000;
      const body = new URLSearchParams({ q: `CREATE DATABASE "${database}"` });
      await fetch(`${influxd.url}/query`, { method: "POST", body });
      await fetch(`${influxd.url}/write?db=${database}&precision=ms`, {
        method: "POST",
        body: `campus_ops_checkpoint value=${seq} ${hour}`,
      });
    },
    remove: () => undefined,
  };
});

const day = Date.UTC(2026, 2, 2);
const pointsOf = (metric: string, count: number) =>
  Array.from({ length: count }, (_, index) => ({
    device: `a/box/${index}`,
    metric,
    time: day + index,
    value: index,
  }));
const open = (database: string) =>
  openInfluxDbStore({ address: { generation: 1, url: influxd.url, database }, rejected, now: Date.now });

test("a point that the server refuses is set aside and counted; the others of its batch are there, and the checkpoint too", async () => {
  const store = open("refusals");
  await store.checkpoint();
  // Somebody else wrote a text where a number belongs: that series takes no numbers for a week.
  await fetch(`${influxd.url}/write?db=refusals&precision=ms`, {
    method: "POST",
    body: `Door/Open value="no" ${day}`,
  });
  const before = rejected.count;
  const points = [
    ...pointsOf("Environment/CO2", 30),
    ...pointsOf("Door/Open", 2),
    ...pointsOf("Meter/Energy", 30),
  ];
  await store.write(points, { seq: 9 });
  expect(rejected.count - before).toBe(2);
  const lines = readFileSync(join(folder, "rejected-points"), "utf8").trimEnd().split("\n");
  expect(lines.map((line) => line.split(" # ")[0])).toEqual([
    `Door/Open,campus=a,device=a/box/0 value=0 ${day}`,
    `Door/Open,campus=a,device=a/box/1 value=1 ${day + 1}`,
  ]);
  expect(lines[0]).toMatch(/field type conflict/);
  const groups = new Map(pointsOf("x", 30).map(({ device }) => [device, "all"]));
  for (const metric of ["Environment/CO2", "Meter/Energy"]) {
    const query = { metric, groups, from: day, to: day + 100, limit: 99 };
    expect((await store.query(query)).series[0]?.points).toHaveLength(30);
  }
  expect(await store.checkpoint()).toEqual({ seq: 9 });
  await store.close();
});

test("more devices than one statement names are all found, and others of their campuses are not", async () => {
  const store = open("many");
  const points = pointsOf("Environment/CO2", 450);
  await store.write(points, { seq: 1 });
  const asked = points.slice(0, 440);
  const query = {
    metric: "Environment/CO2",
    groups: new Map(asked.map(({ device }) => [device, device])),
    from: day,
    to: day + 1_000,
    limit: 10_000,
  };
  expect((await store.query(query)).series).toHaveLength(440);
  const counted = { ...query, groups: new Map(asked.map(({ device }) => [device, "all"])) };
  const count = { step_ms: 1_000, aggregation: "count" as const };
  expect((await store.query({ ...counted, buckets: count })).series[0]?.points).toEqual([[day, 440]]);
  await store.close();
});

test("a server that is not there, or that was, is away and loses nothing that was written before", async () => {
  const store = open("away");
  await store.write(pointsOf("Environment/CO2", 3), { seq: 5 });
  await influxd.end();
  await expect(store.checkpoint()).rejects.toThrow(StoreAwayError);
  await expect(store.write(pointsOf("Environment/CO2", 4), { seq: 6 })).rejects.toThrow(StoreAwayError);
  await influxd.begin();
  expect(await store.checkpoint()).toEqual({ seq: 5 });
  await store.write(pointsOf("Environment/CO2", 4), { seq: 6 });
  expect(await store.checkpoint()).toEqual({ seq: 6 });
  await store.close();
});
