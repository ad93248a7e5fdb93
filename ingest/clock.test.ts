import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openJournalReader, openJournalWriter } from "@campus-ops/broker/journal";
import { createLog } from "@campus-ops/service";
import { afterEach, beforeEach, expect, test } from "vitest";
import { AgingFile } from "./host/aging-file.ts";
import { startIngest } from "./hub-ingest.ts";
import { HOST, SITE } from "./testing/campus.ts";
import { until } from "./testing/until.ts";

const T = 1_790_000_000_000;
const DAY = 86_400_000;
const TEN_YEARS = 3_650 * DAY;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ingest-clock-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

test("a wall clock that jumps ten years ahead for a while drags no receive time along, and deletes no journal", async () => {
  const machine = { wall: T, uptime_ms: 0 };
  const passes = (ms: number): void => {
    machine.wall += ms;
    machine.uptime_ms += ms;
  };
  const ingest = await startIngest({
    data: folder,
    socket: join(folder, "run/ingest.sock"),
    site: SITE,
    // Nobody listens there: time passes without a broker.
    broker: { url: "mqtt://127.0.0.1:1" },
    hostId: HOST,
    retention: { journalDays: 1, journalBytes: 1e9, pointDays: 1 },
    log: createLog("ingest", "silent"),
    now: () => machine.wall,
    uptime_ms: () => machine.uptime_ms,
    onFailure: (error) => {
      throw error;
    },
  });
  const reader = openJournalReader(join(folder, "journal"), {});
  const times = async () => (await reader.read(0, 1_000)).map(({ receivedAt }) => receivedAt);
  const clockEntryAfter = (count: number) => until(async () => (await times()).length > count);
  try {
    passes(2_000);
    await clockEntryAfter(0);
    machine.wall += TEN_YEARS;
    for (let second = 0; second < 3; second += 1) {
      const before = (await times()).length;
      passes(2_000);
      await clockEntryAfter(before);
    }
    machine.wall -= TEN_YEARS;
    passes(2_000);
    const before = (await times()).length;
    await clockEntryAfter(before - 1);
    const all = await times();
    expect(all).toEqual(all.toSorted((a, b) => a - b));
    expect(Math.max(...all)).toBeLessThanOrEqual(T + 20_000);
  } finally {
    await ingest.stop();
    reader.close();
  }
  expect(Number(readFileSync(join(folder, "aging"), "utf8"))).toBeLessThanOrEqual(machine.wall);
});

test("a journal whose entries seem ten years old is not deleted before that much time has been believed", async () => {
  const time = { wall: T, uptime_ms: 0 };
  const machine = { now: () => time.wall, uptime_ms: () => time.uptime_ms };
  const aging = new AgingFile(join(folder, "aging"), machine);
  const retired: string[] = [];
  const journal = openJournalWriter(join(folder, "journal"), {
    segmentEntriesMax: 1,
    retention: { days: 30, now: () => aging.now() },
    onRetired: (path) => retired.push(path),
  });
  const tick = (receivedAt: number) =>
    journal.append([{ kind: "CLOCK", receivedAt, payload: new Uint8Array() }]);
  await tick(T);
  time.wall += TEN_YEARS;
  time.uptime_ms += 3_600_000;
  await tick(T + TEN_YEARS);
  await tick(T + TEN_YEARS + 1);
  expect(retired).toEqual([]);
  time.uptime_ms += 2 * DAY;
  await tick(T + TEN_YEARS + 2);
  expect(retired).toHaveLength(1);
  journal.close();
});

test("how far data has aged outlives a restart, and a file that makes no sense is as none", () => {
  const path = join(folder, "aging");
  const machine = (wall: number) => ({ now: () => wall, uptime_ms: () => 0 });
  const first = new AgingFile(path, machine(T));
  expect(existsSync(path)).toBe(false);
  first.save();
  expect(new AgingFile(path, machine(T + TEN_YEARS)).now()).toBe(T);
  writeFileSync(path, "garbage");
  expect(new AgingFile(path, machine(T + TEN_YEARS)).now()).toBe(T + TEN_YEARS);
});
