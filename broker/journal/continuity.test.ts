import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { discontinuityText, findDiscontinuity } from "./continuity.ts";
import { openJournalReader, openJournalWriter } from "./index.ts";

const T = 1_790_000_000_000;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "continuity-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const clock = (at: number) => ({ kind: "CLOCK", receivedAt: at, payload: new Uint8Array() }) as const;

/** Appends a CLOCK entry for each time, in a journal that is closed afterwards. */
async function write(name: string, ...times: readonly number[]): Promise<void> {
  const writer = openJournalWriter(join(folder, name));
  await writer.append(times.map(clock));
  writer.close();
}

async function found(name: string, checkpoint: { seq: number; receivedAt?: number }) {
  const reader = openJournalReader(join(folder, name));
  try {
    return await findDiscontinuity(reader, checkpoint);
  } finally {
    reader.close();
  }
}

test("a checkpoint within its own journal, or of a reader that has read nothing, is in order", async () => {
  await write("journal", T + 1, T + 2, T + 3);
  expect(await found("journal", { seq: 0 })).toBeUndefined();
  expect(await found("journal", { seq: 3, receivedAt: T + 3 })).toBeUndefined();
  expect(await found("journal", { seq: 2, receivedAt: T + 2 })).toBeUndefined();
});

test("a journal that ends before the checkpoint is found out, an empty one too", async () => {
  await write("journal", T + 1, T + 2);
  expect(await found("journal", { seq: 5 })).toEqual({ kind: "ends-before", last: 2 });
  await write("empty");
  expect(await found("empty", { seq: 1, receivedAt: T })).toMatchObject({ kind: "ends-before" });
});

test("a restored journal that has gone on is found out by the entry at the checkpoint", async () => {
  await write("journal", T + 1, T + 2);
  cpSync(join(folder, "journal"), join(folder, "restored"), { recursive: true });
  await write("journal", T + 3, T + 4);
  await write("restored", T + 30, T + 40, T + 50);
  const checkpoint = { seq: 4, receivedAt: T + 4 };
  expect(await found("journal", checkpoint)).toBeUndefined();
  const difference = await found("restored", checkpoint);
  expect(difference).toEqual({ kind: "another-entry", receivedAt: T + 40 });
  if (difference === undefined) throw new Error("nothing was found");
  const text = discontinuityText(checkpoint, difference, { file: "rules.sqlite", lost: "" });
  expect(text).toContain("rules.sqlite has read up to entry 4");
  expect(text).toContain(new Date(T + 40).toISOString());
});
