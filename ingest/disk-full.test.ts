import { existsSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { JournalDecoder, openJournalReader } from "@campus-ops/broker/journal";
import { SmallDisk } from "@campus-ops/broker/journal/testing/small-disk";
import { createLog } from "@campus-ops/service";
import { socketClient } from "@campus-ops/service/socket-client";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startIngest } from "./hub-ingest.ts";
import { CAMPUS, devices, HOST, NODE, SITE, sample, swipe } from "./testing/campus.ts";
import { startLoopbackBroker } from "./testing/loopback-broker.ts";
import { SmallEdge } from "./testing/small-edge.ts";
import { until } from "./testing/until.ts";

const MEBIBYTE = 1024 * 1024;
const LIMITS = { lowBytes: 8 * MEBIBYTE, reserveBytes: 4 * MEBIBYTE };

let disk: SmallDisk;
beforeEach(() => {
  disk = new SmallDisk(48 * MEBIBYTE);
});
afterEach(() => disk.remove());

const freeBytes = (): number => {
  const { bavail, bsize } = statfsSync(disk.folder);
  return bavail * bsize;
};

test("on a full disk telemetry waits at the edge, access events pass from the reserve, and nothing is lost or doubled", {
  timeout: 60_000,
}, async () => {
  const broker = await startLoopbackBroker();
  const data = join(disk.folder, "data");
  const socket = join(disk.folder, "ingest.sock");
  const failures: unknown[] = [];
  const ingest = await startIngest({
    data,
    socket,
    site: SITE,
    broker: { url: broker.url },
    hostId: HOST,
    disk: LIMITS,
    retention: { journalDays: 30, journalBytes: 1e9, pointDays: 30 },
    log: createLog("ingest", "silent"),
    now: Date.now,
    onFailure: (error) => failures.push(error),
  });
  const client = socketClient(socket);
  const health = async () =>
    (await (await client.fetch("/healthz")).json()) as { ok: boolean; ailments: string[] };
  const reserve = join(data, "disk-reserve");
  const start = Date.now();
  const edge = new SmallEdge({
    url: broker.url,
    campus: CAMPUS,
    node: NODE,
    host: HOST,
    devices: devices(start),
  });
  let numbers = 0;
  const warm = () => {
    numbers += 1;
    edge.report("air", [sample("Environment/Temperature", numbers, start + numbers)]);
  };
  const pass = () => {
    numbers += 1;
    edge.report("gate", [], [swipe(numbers, "granted", start + numbers)]);
  };
  warm();
  pass();
  await until(() => edge.unacknowledged === 0);
  expect(await health()).toEqual({ ok: true, ailments: [] });
  expect(existsSync(reserve)).toBe(true);

  // Nearly full: access passes, telemetry waits.
  const makeSomeRoom = disk.fill(LIMITS.lowBytes - MEBIBYTE, freeBytes);
  await until(async () => !(await health()).ok);
  expect((await health()).ailments).toEqual(["the disk is nearly full; telemetry waits at the edges"]);
  for (let round = 0; round < 10; round += 1) {
    warm();
    pass();
  }
  await until(() => edge.unacknowledged === 10);
  expect(existsSync(reserve)).toBe(true);

  // Full to the last block: the reserve is released, and access still passes.
  disk.fill(0, freeBytes);
  await until(() => !existsSync(reserve));
  expect((await health()).ailments).toEqual(["the disk is full; telemetry waits at the edges"]);
  for (let round = 0; round < 10; round += 1) {
    warm();
    pass();
  }
  await until(() => edge.unacknowledged === 20);
  const metrics = await (await client.fetch("/metrics")).text();
  expect(metrics).toMatch(/campus_ops_ingest_withheld_total\{[^}]*\} [1-9]/);
  expect(metrics).toMatch(/campus_ops_ingest_disk_free_bytes\{[^}]*\} \d/);

  makeSomeRoom();
  await until(() => edge.unacknowledged === 0);
  expect(await health()).toEqual({ ok: true, ailments: [] });
  await until(() => existsSync(reserve));
  expect(failures).toEqual([]);
  await edge.end();
  await client.close();
  await ingest.stop();
  await broker.stop();

  const reader = openJournalReader(join(data, "journal"));
  const decoder = new JournalDecoder();
  const ranges = (await reader.read(0, 100_000)).flatMap((each) => decoder.decode(each).range ?? []);
  reader.close();
  expect(ranges.map(({ first }) => first).toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: numbers }, (_, index) => index + 1),
  );
});
