import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DOORBELL, DoorbellReader, DoorbellWriter } from "./doorbell.ts";
import { openJournalReader } from "./embedded-reader.ts";
import { openJournalWriter } from "./embedded-writer.ts";
import { SegmentReader } from "./segment.ts";
import { entry } from "./testing/entries.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "doorbell-"));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const never = new AbortController().signal;

test("it says which segments there are and the newest number, and nothing where nobody has rung", () => {
  const reader = new DoorbellReader(folder);
  expect(reader.read()).toBeUndefined();
  const writer = new DoorbellWriter(folder);
  expect(reader.read()).toBeUndefined();
  writer.ring(1, 501, 900);
  const first = reader.read();
  expect(first?.last).toBe(900);
  writer.ring(1, 501, 901);
  expect(reader.read()).toEqual({ segments: first?.segments, last: 901 });
  writer.ring(501, 501, 901);
  expect(reader.read()?.segments).not.toBe(first?.segments);
  // As an older version rings it.
  writeFileSync(join(folder, DOORBELL), "!");
  expect(reader.read()).toBeUndefined();
  writer.close();
  reader.close();
});

test.each([
  ["is of before the newest segments, as a kill between commit and ring leaves it", "stale"],
  ["says nothing", ""],
  ["is an older version's", "!"],
])("a reader finds what is new when the doorbell %s", async (_, left) => {
  const writer = openJournalWriter(folder, { segmentEntriesMax: 2 });
  const reader = openJournalReader(folder);
  await writer.append([entry("NDATA", "1"), entry("NDATA", "2")]);
  expect(await reader.read(0, 10)).toHaveLength(2);
  const bell = join(folder, DOORBELL);
  const before = new DoorbellReader(folder);
  const { segments = "" } = before.read() ?? {};
  before.close();
  for (const number of [3, 4, 5, 6]) await writer.append([entry("NDATA", String(number))]);
  writeFileSync(bell, left === "stale" ? `${segments} ${"2".padStart(15, "0")}` : left);
  await reader.waitFor(4, never);
  expect((await reader.read(2, 10)).map(({ seq }) => seq)).toEqual([3, 4, 5, 6]);
  reader.close();
  writer.close();
});

test("entries that came to a segment after it was read, and before another followed, are not passed over", async () => {
  const writer = openJournalWriter(folder, { segmentEntriesMax: 3 });
  await writer.append([entry("NDATA", "1")]);
  const reader = openJournalReader(folder);
  const read = SegmentReader.prototype.read;
  let looks = 0;
  vi.spyOn(SegmentReader.prototype, "read").mockImplementation(function (this: SegmentReader, after, limit) {
    const found = read.call(this, after, limit);
    looks += 1;
    if (looks === 1) {
      // Closing commits what waits: the first segment is filled, and a second begun, between two looks of the reader.
      for (const pair of [
        ["2", "3"],
        ["4", "5"],
      ])
        void writer.append(pair.map((text) => entry("NDATA", text)));
      writer.close();
    }
    return found;
  });
  expect((await reader.read(0, 10)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
  reader.close();
});
