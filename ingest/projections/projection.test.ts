import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type DecodedEntry,
  type NewEntry,
  openJournalReader,
  openJournalWriter,
} from "@campus-ops/broker/journal";
import { encodePayload, sampleToMetric } from "@campus-ops/broker/sparkplug";
import { DataType, DeviceId } from "@campus-ops/device-profiles/vocabulary";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CAMPUS, NODE, sample } from "../testing/campus.ts";
import { DecodedJournal } from "./decoded-journal.ts";
import { type Projection, runProjection } from "./projection.ts";

const node = { campus: CAMPUS, node: NODE };
const gate = { ...node, device: DeviceId("gate") };
const DAY = 86_400_000;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "projection-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const nbirth: NewEntry = {
  kind: "NBIRTH",
  address: node,
  receivedAt: 1,
  payload: encodePayload({ timestamp: 1, metrics: [{ name: "bdSeq", datatype: DataType.Int64, value: 0 }] }),
};
const dbirth: NewEntry = {
  kind: "DBIRTH",
  address: gate,
  receivedAt: 1,
  payload: encodePayload({
    timestamp: 1,
    metrics: [{ ...sampleToMetric(sample("Door/Open", false, 1)), alias: 5 }],
  }),
};
const ddata = (open: boolean, receivedAt: number): NewEntry => ({
  kind: "DDATA",
  address: gate,
  receivedAt,
  payload: encodePayload({
    timestamp: receivedAt,
    metrics: [{ alias: 5, timestamp: receivedAt, value: open }],
  }),
});

/** Keeps what it is given, and resolves `enough` once that is so much. */
function collector(checkpoint: number, enough: number) {
  const seen: DecodedEntry[] = [];
  const done = Promise.withResolvers<void>();
  const projection: Projection = {
    name: "test",
    place: "a test",
    checkpoint: async () => ({ seq: checkpoint }),
    project: async (entries) => {
      seen.push(...entries);
      if (seen.length >= enough) done.resolve();
    },
  };
  return { projection, seen, enough: done.promise };
}

test("a projection goes on after its checkpoint, with the aliases of the births before it, and follows what comes", async () => {
  const writer = openJournalWriter(folder);
  await writer.append([nbirth, dbirth, ddata(true, 10), ddata(false, 11)]);
  const reader = openJournalReader(folder);
  const stop = new AbortController();
  const { projection, seen, enough } = collector(3, 2);
  const run = runProjection(projection, new DecodedJournal(reader), stop.signal);
  await writer.append([ddata(true, 12)]);
  await enough;
  stop.abort();
  await run.done;
  expect(seen.map(({ seq, samples }) => [seq, samples[0]?.value])).toEqual([
    [4, false],
    [5, true],
  ]);
  expect(run.position).toEqual({ seq: 5, receivedAt: 12 });
  reader.close();
  writer.close();
});

test("a projection that begins after retention took the beginning is given the births that stand in for it", async () => {
  const writer = openJournalWriter(folder, { segmentEntriesMax: 2, retention: { days: 1 } });
  await writer.append([nbirth, dbirth]);
  await writer.append([ddata(true, 5 * DAY)]);
  await writer.append([ddata(false, 5 * DAY + 1)]);
  await writer.append([ddata(true, 5 * DAY + 2)]);
  const reader = openJournalReader(folder);
  expect((await reader.bounds()).first).toBe(3);
  const stop = new AbortController();
  const { projection, seen, enough } = collector(0, 5);
  const run = runProjection(projection, new DecodedJournal(reader), stop.signal);
  await enough;
  stop.abort();
  await run.done;
  expect(seen.map(({ kind, samples }) => [kind, samples[0]?.value])).toEqual([
    ["NBIRTH", undefined],
    ["DBIRTH", false],
    ["DDATA", true],
    ["DDATA", false],
    ["DDATA", true],
  ]);
  reader.close();
  writer.close();
});

test("a projection that fails says so", async () => {
  const writer = openJournalWriter(folder);
  await writer.append([nbirth]);
  const reader = openJournalReader(folder);
  const failing: Projection = {
    name: "failing",
    place: "a test",
    checkpoint: async () => ({ seq: 0 }),
    project: () => Promise.reject(new Error("disk full")),
  };
  await expect(
    runProjection(failing, new DecodedJournal(reader), new AbortController().signal).done,
  ).rejects.toThrow("disk full");
  reader.close();
  writer.close();
});
