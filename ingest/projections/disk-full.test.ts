/** The disk under the registry and under the store is full, that of the journal is not. */
import { cpSync, mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type NewEntry, openJournalReader, openJournalWriter } from "@campus-ops/broker/journal";
import { SmallDisk } from "@campus-ops/broker/journal/testing/small-disk";
import { encodePayload, eventToMetric, sampleToMetric } from "@campus-ops/broker/sparkplug";
import { DataType, DeviceId } from "@campus-ops/device-profiles/vocabulary";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openEmbeddedStore } from "../store/embedded.ts";
import { CAMPUS, NODE, sample, swipe } from "../testing/campus.ts";
import { DecodedJournal } from "./decoded-journal.ts";
import { pointsProjection } from "./points.ts";
import { type Projection, runProjection } from "./projection.ts";
import { RegistryProjection } from "./registry.ts";

const MEBIBYTE = 1024 * 1024;
const T = 1_790_000_000_000;
const METRIC = "Environment/Temperature";
const node = { campus: CAMPUS, node: NODE };
const gate = { ...node, device: DeviceId("gate") };
const GATE = `${CAMPUS}/${NODE}/gate`;
/** More than one transaction's worth, so that something is written while the disk is full. */
const READINGS = 20_000;
const TIMEOUT = { timeout: 60_000 };

let disk: SmallDisk;
let elsewhere: string;
beforeEach(() => {
  disk = new SmallDisk(40 * MEBIBYTE);
  elsewhere = mkdtempSync(join(tmpdir(), "projection-disk-full-"));
});
afterEach(() => {
  disk.remove();
  rmSync(elsewhere, { recursive: true });
});

const freeBytes = (): number => {
  const { bavail, bsize } = statfsSync(disk.folder);
  return bavail * bsize;
};

const births: readonly NewEntry[] = [
  {
    kind: "NBIRTH",
    address: node,
    receivedAt: T,
    payload: encodePayload({
      timestamp: T,
      metrics: [{ name: "bdSeq", datatype: DataType.Int64, value: 0 }],
    }),
  },
  {
    kind: "DBIRTH",
    address: gate,
    receivedAt: T,
    payload: encodePayload({ timestamp: T, metrics: [sampleToMetric(sample(METRIC, 0, T))] }),
  },
];

/** Each with a value, a time and an event of its own. */
const readings = (from: number, count: number): NewEntry[] =>
  Array.from({ length: count }, (_, index) => {
    const number = from + index;
    const metrics = [
      sampleToMetric(sample(METRIC, number, T + number)),
      eventToMetric(swipe(number, "granted", T + number)),
    ];
    return {
      kind: "DDATA",
      address: gate,
      receivedAt: T + number,
      payload: encodePayload({ timestamp: T + number, metrics }),
    };
  });

/** Runs a projection through a full disk, and resolves when it has caught up. */
async function throughFullDisk(projection: Projection): Promise<void> {
  const writer = openJournalWriter(join(elsewhere, "journal"));
  await writer.append([...births, ...readings(1, 1_000)]);
  const reader = openJournalReader(join(elsewhere, "journal"));
  const stop = new AbortController();
  const [away, back] = [Promise.withResolvers<unknown>(), Promise.withResolvers<void>()];
  const run = runProjection(projection, new DecodedJournal(reader), stop.signal, {
    onAway: away.resolve,
    onBack: back.resolve,
  });
  await expect.poll(() => run.position.seq, { timeout: 20_000 }).toBe(1_002);
  const makeRoom = disk.fill(0, freeBytes);
  await writer.append(readings(1_001, READINGS - 1_000));
  expect(String(await away.promise)).toMatch(/full|space/);
  makeRoom();
  await back.promise;
  await writer.append([{ kind: "CLOCK", receivedAt: T + READINGS + 5_000, payload: new Uint8Array() }]);
  await expect.poll(() => run.position.seq, { timeout: 20_000 }).toBe(READINGS + 3);
  stop.abort();
  await run.done;
  reader.close();
  writer.close();
}

test(
  "a registry whose disk is full waits, goes on by itself, and has counted everything once",
  TIMEOUT,
  async () => {
    const open = (file = join(disk.folder, "registry.sqlite")) =>
      new RegistryProjection({
        file,
        campusPath: (campus) => `990100/990102/${campus}`,
        onChange: () => undefined,
      });
    const projection = open();
    await throughFullDisk(projection);
    const counted = (each: RegistryProjection) => {
      const [rollup] = each.rollups.all(T - 600_000, T + 600_000);
      const value = each.registry.devices.get(GATE)?.metrics.get(METRIC)?.value;
      return [rollup?.counts["access.granted"], value];
    };
    expect(counted(projection)).toEqual([READINGS, READINGS]);
    projection.close();
    const again = open();
    expect(counted(again)).toEqual([READINGS, READINGS]);
    again.close();
  },
);

test(
  "a store whose disk is full waits, goes on by itself, and holds every point once, after a crash too",
  TIMEOUT,
  async () => {
    const folder = join(disk.folder, "store");
    const store = await openEmbeddedStore(folder);
    await throughFullDisk(pointsProjection(store));
    const count = async (of: typeof store): Promise<unknown> => {
      const { series } = await of.query({
        metric: METRIC,
        groups: new Map([[GATE, GATE]]),
        from: T - 1,
        to: T + READINGS + 1,
        limit: 2 * READINGS,
      });
      const [points] = series.map((each) => each.points.filter(([time]) => time > T));
      return [points?.length, new Set(points?.map(([, value]) => value)).size];
    };
    expect(await count(store)).toEqual([READINGS, READINGS]);
    // What lies on the disk when the process is killed here.
    const copy = join(elsewhere, "store");
    cpSync(folder, copy, { recursive: true });
    await store.close();
    const after = await openEmbeddedStore(copy);
    expect(await count(after)).toEqual([READINGS, READINGS]);
    await after.close();
  },
);
