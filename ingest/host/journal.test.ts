import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openJournalReader, openJournalWriter } from "@campus-ops/broker/journal";
import { expect, test } from "vitest";
import { journalRetention } from "./journal.ts";

const DAY = 86_400_000;

test("age takes nothing of the journal that a projection has not taken, and the bound in bytes does", async () => {
  const folder = mkdtempSync(join(tmpdir(), "journal-retention-"));
  let taken = 0;
  let now = 0;
  const retention = { journalDays: 1, journalBytes: 1e9 };
  const writer = openJournalWriter(folder, {
    segmentEntriesMax: 2,
    retention: journalRetention({ retention, ageNow: () => now, takenUntil: () => taken }),
  });
  const reader = openJournalReader(folder);
  // An entry a day, for ten days, two of them a segment; retention looks whenever a segment is begun.
  const tenDays = async () => {
    for (let day = 0; day < 10; day += 1) {
      now += DAY;
      await writer.append([{ kind: "CLOCK", receivedAt: now, payload: new Uint8Array() }]);
    }
  };
  await tenDays();
  expect((await reader.bounds()).first).toBe(1);
  taken = now;
  await tenDays();
  expect((await reader.bounds()).first).toBeGreaterThan(8);
  expect((await reader.bounds()).first).toBeLessThanOrEqual(11);
  reader.close();
  writer.close();
  rmSync(folder, { recursive: true });
});

test("a projection that is far behind keeps the journal only up to its bytes", async () => {
  const folder = mkdtempSync(join(tmpdir(), "journal-retention-"));
  const retention = { journalDays: 1, journalBytes: 1 };
  const writer = openJournalWriter(folder, {
    segmentEntriesMax: 2,
    retention: journalRetention({ retention, ageNow: () => 0, takenUntil: () => 0 }),
  });
  const reader = openJournalReader(folder);
  for (let at = 1; at <= 9; at += 1)
    await writer.append([{ kind: "CLOCK", receivedAt: at, payload: new Uint8Array() }]);
  expect((await reader.bounds()).first).toBeGreaterThan(5);
  reader.close();
  writer.close();
  rmSync(folder, { recursive: true });
});
