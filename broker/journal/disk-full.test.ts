import { statfsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openJournalReader } from "./embedded-reader.ts";
import { openJournalWriter } from "./embedded-writer.ts";
import { entry } from "./testing/entries.ts";
import { SmallDisk } from "./testing/small-disk.ts";

const MEBIBYTE = 1024 * 1024;

let disk: SmallDisk;
beforeEach(() => {
  disk = new SmallDisk(16 * MEBIBYTE);
});
afterEach(() => disk.remove());

const freeBytes = (): number => {
  const { bavail, bsize } = statfsSync(disk.folder);
  return bavail * bsize;
};

test("a full disk refuses appends whole, across new segments, and the journal goes on without a gap when there is room", {
  timeout: 60_000,
}, async () => {
  const folder = join(disk.folder, "journal");
  const writer = openJournalWriter(folder, { segmentBytesMax: 256 * 1024 });
  const makeRoom = disk.fill(2 * MEBIBYTE, freeBytes);
  const payload = new Uint8Array(8 * 1024).fill(7);
  const appended: number[] = [];
  let refused = 0;
  // Often enough beyond the end to meet a full disk while appending and while beginning a segment.
  for (let number = 1; refused < 40; number += 1) {
    try {
      await writer.append([
        entry("NDATA", "", { payload, range: { epoch: 1, first: number, last: number } }),
      ]);
      appended.push(number);
    } catch (error) {
      expect((error as { errcode?: number }).errcode).toBe(13);
      refused += 1;
    }
  }
  expect(appended.length).toBeGreaterThan(50);
  expect(writer.last).toBe(appended.length);

  makeRoom();
  for (let more = 0; more < 100; more += 1)
    await writer.append([
      entry("NDATA", "", { payload, range: { epoch: 2, first: more + 1, last: more + 1 } }),
    ]);
  writer.close();

  const reader = openJournalReader(folder);
  const entries = await reader.read(0, 10_000);
  expect(entries.map(({ seq }) => seq)).toEqual(
    Array.from({ length: appended.length + 100 }, (_, index) => index + 1),
  );
  reader.close();
  const again = openJournalWriter(folder);
  const held = again.received.runsOf("qiyun-no1/box-1", 1);
  expect(held.reduce((sum, { first, last }) => sum + last - first + 1, 0)).toBe(appended.length);
  again.close();
});
