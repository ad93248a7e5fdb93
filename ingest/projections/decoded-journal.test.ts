import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type DecodedEntry,
  type JournalReader,
  type JournalWriter,
  type NewEntry,
  openJournalReader,
  openJournalWriter,
  type ReadJournal,
} from "@campus-ops/broker/journal";
import { encodePayload, sampleToMetric } from "@campus-ops/broker/sparkplug";
import { DataType, DeviceId } from "@campus-ops/device-profiles/vocabulary";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CAMPUS, NODE, sample } from "../testing/campus.ts";
import { until } from "../testing/until.ts";
import { DecodedJournal, KEPT_SAMPLES_MAX, STEP_ENTRIES_MAX } from "./decoded-journal.ts";
import { type Projection, runProjection } from "./projection.ts";

const node = { campus: CAMPUS, node: NODE };
const gate = { ...node, device: DeviceId("gate") };
const encoded = (metrics: Parameters<typeof encodePayload>[0]["metrics"]) =>
  encodePayload({ timestamp: 1, metrics });
const births: NewEntry[] = [
  {
    kind: "NBIRTH",
    address: node,
    receivedAt: 1,
    payload: encoded([{ name: "bdSeq", datatype: DataType.Int64, value: 0 }]),
  },
  {
    kind: "DBIRTH",
    address: gate,
    receivedAt: 1,
    payload: encoded([{ ...sampleToMetric(sample("Environment/Temperature", 0, 1)), alias: 5 }]),
  },
];
const reading = (value: number, times = 1): NewEntry => ({
  kind: "DDATA",
  address: gate,
  receivedAt: 10 + value,
  payload: encoded(Array.from({ length: times }, () => ({ alias: 5, timestamp: value, value }))),
});
const readings = (from: number, count: number, times?: number) =>
  Array.from({ length: count }, (_, at) => reading(from + at, times));

let folder: string;
let writer: JournalWriter;
let reader: JournalReader;
let stop: AbortController;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "decoded-journal-"));
  writer = openJournalWriter(folder);
  reader = openJournalReader(folder);
  stop = new AbortController();
});
afterEach(async () => {
  stop.abort();
  await writer.close();
  await reader.close();
  rmSync(folder, { recursive: true });
});

/** The reader, and how many entries were read through it. */
function counted() {
  const count = { entries: 0 };
  const journal: ReadJournal = {
    read: async (after, limit) => {
      const entries = await reader.read(after, limit);
      count.entries += entries.length;
      return entries;
    },
    births: (seq) => reader.births(seq),
    bounds: () => reader.bounds(),
    waitFor: (after, signal) => reader.waitFor(after, signal),
  };
  return { journal, count };
}

/** Takes everything; `gate` lets it go on after each step. */
function taker(checkpoint: number, go: () => Promise<void> = async () => undefined) {
  const seen: (readonly [number, unknown])[] = [];
  const projection: Projection = {
    name: "taker",
    place: "a test",
    checkpoint: async () => ({ seq: checkpoint }),
    project: async (entries: readonly DecodedEntry[]) => {
      for (const { seq, samples } of entries) seen.push([seq, samples[0]?.value]);
      await go();
    },
  };
  return { projection, seen };
}

test("projections that begin together read and decode the journal once, in steps", async () => {
  const { journal, count } = counted();
  await writer.append([...births, ...readings(1, 3 * STEP_ENTRIES_MAX)]);
  const decoded = new DecodedJournal(journal);
  const takers = [taker(0), taker(0), taker(0)];
  const runs = takers.map(({ projection }) => runProjection(projection, decoded, stop.signal));
  const last = writer.last;
  await until(() => runs.every(({ position }) => position.seq === last));
  await writer.append(readings(9_000, 2));
  await until(() => runs.every(({ position }) => position.seq === last + 2));
  expect(count.entries).toBe(last + 2);
  for (const { seen } of takers) expect(seen).toEqual(takers[0]?.seen);
  expect(takers[0]?.seen.slice(1, 4)).toEqual([
    [2, 0],
    [3, 1],
    [4, 2],
  ]);
  expect(takers[0]?.seen.at(-1)).toEqual([last + 2, 9_001]);
});

test("one that begins behind the others decodes for itself until it has caught up, and then with them", async () => {
  const { journal, count } = counted();
  await writer.append([...births, ...readings(1, 600)]);
  const decoded = new DecodedJournal(journal);
  const [behind, ahead] = [taker(2), taker(500)];
  const first = runProjection(ahead.projection, decoded, stop.signal);
  await until(() => first.position.seq === 602);
  const second = runProjection(behind.projection, decoded, stop.signal);
  await until(() => second.position.seq === 602);
  expect(behind.seen).toEqual(Array.from({ length: 600 }, (_, at) => [at + 3, at + 1]));
  const before = count.entries;
  await writer.append(readings(601, 5));
  await until(() => first.position.seq === 607 && second.position.seq === 607);
  expect(count.entries - before).toBe(5);
  expect(behind.seen.slice(-5)).toEqual(ahead.seen.slice(-5));
});

test("one that stands still keeps nobody else, holds a bounded number of samples, and misses nothing", async () => {
  await writer.append(births);
  const decoded = new DecodedJournal(reader);
  const held = Promise.withResolvers<void>();
  const [slow, fast] = [taker(0, () => held.promise), taker(0)];
  const runs = [slow, fast].map(({ projection }) => runProjection(projection, decoded, stop.signal));
  await until(() => slow.seen.length > 0);
  const entries = 4 * STEP_ENTRIES_MAX;
  for (let at = 0; at < entries; at += STEP_ENTRIES_MAX) {
    await writer.append(readings(1 + at, STEP_ENTRIES_MAX, 110));
    await until(() => runs[1]?.position.seq === writer.last);
  }
  expect(entries * 110).toBeGreaterThan(KEPT_SAMPLES_MAX);
  // The place after the births is not kept any more; the newest step is.
  expect(await decoded.read(2)).toBeUndefined();
  expect(await decoded.read(writer.last - 1)).toHaveLength(1);
  held.resolve();
  await until(() => runs[0]?.position.seq === writer.last);
  expect(slow.seen).toEqual(fast.seen);
});
