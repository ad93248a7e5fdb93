import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DoorbellReader } from "./doorbell.ts";
import { openJournalReader } from "./embedded-reader.ts";
import { openJournalWriter } from "./embedded-writer.ts";
import { JournalLockedError, JournalOverloadedError, WAITING_BYTES_MAX } from "./journal.ts";
import { listSegments } from "./segment.ts";
import { CAMPUS, entry, NODE } from "./testing/entries.ts";
import { journalContract } from "./testing/journal-contract.ts";

const newFolder = (): string => mkdtempSync(join(tmpdir(), "journal-"));

function embedded(options: Parameters<typeof openJournalWriter>[1]): () => ReturnType<typeof underTest> {
  return () => underTest(newFolder(), options);
}

function underTest(folder: string, options: Parameters<typeof openJournalWriter>[1]) {
  return {
    open: () => {
      const writer = openJournalWriter(folder, options);
      const reader = openJournalReader(folder);
      const close = (): void => {
        reader.close();
        writer.close();
      };
      return { writer, reader, close };
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}

journalContract("embedded, in one segment", embedded({}));
journalContract("embedded, with a new segment every three entries", embedded({ segmentEntriesMax: 3 }));
journalContract("embedded, with a new segment at every commit", embedded({ segmentBytesMax: 1 }));

/** What this process has open, as the kernel says. */
const openFiles = (): readonly string[] =>
  readdirSync("/proc/self/fd").flatMap((name) => {
    try {
      return [readlinkSync(`/proc/self/fd/${name}`)];
    } catch {
      return [];
    }
  });

describe("embedded journal", () => {
  let folder: string;
  beforeEach(() => {
    folder = newFolder();
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test("every append that resolved before a kill is there once, and numbering has no gap", {
    timeout: 60_000,
  }, async () => {
    let start = 1;
    for (let round = 0; round < 3; round += 1) {
      const resolved = await appendAndKill(folder, start, 700);
      const writer = openJournalWriter(folder);
      const reader = openJournalReader(folder);
      const entries = await reader.read(0, 1_000_000);
      const numbers = entries.map(({ payload }) => Number(new TextDecoder().decode(payload)));
      expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, index) => index + 1));
      expect(new Set(numbers).size).toBe(numbers.length);
      for (const number of resolved)
        expect(writer.received.has(`${CAMPUS}/${NODE}`, { epoch: 1, first: number, last: number })).toBe(
          true,
        );
      expect(numbers).toEqual(expect.arrayContaining(resolved));
      const received = writer.received.runsOf(`${CAMPUS}/${NODE}`, 1);
      expect(received.reduce((sum, { first, last }) => sum + last - first + 1, 0)).toBe(numbers.length);
      start = Math.max(...numbers) + 1;
      reader.close();
      writer.close();
    }
  });

  test("a reader in another place sees what is committed while the writer has it open", async () => {
    const reader = openJournalReader(folder);
    expect(await reader.bounds()).toEqual({ first: 1, last: 0 });
    const waiting = reader.waitFor(0, new AbortController().signal);
    const writer = openJournalWriter(folder);
    await writer.append([entry("CLOCK", "")]);
    await waiting;
    expect(await reader.bounds()).toEqual({ first: 1, last: 1 });
    reader.close();
    writer.close();
  });

  test("retention deletes whole segments and what is left can still be read from its births", async () => {
    const writer = openJournalWriter(folder, { segmentEntriesMax: 2, retention: { days: 1 } });
    const day = 86_400_000;
    await writer.append([
      entry("NBIRTH", "node", { receivedAt: day, range: { epoch: 1, first: 1, last: 9 } }),
    ]);
    await writer.append([entry("NDATA", "old", { receivedAt: day })]);
    await writer.append([entry("NDATA", "newer", { receivedAt: 3 * day })]);
    await writer.append([entry("NDATA", "newer", { receivedAt: 3 * day })]);
    await writer.append([entry("NDATA", "newest", { receivedAt: 3 * day })]);
    const reader = openJournalReader(folder);
    expect(await reader.bounds()).toEqual({ first: 3, last: 5 });
    expect((await reader.read(0, 1))[0]?.seq).toBe(3);
    expect((await reader.births(3)).map(({ seq }) => seq)).toEqual([1]);
    expect((await reader.births(0)).map(({ seq }) => seq)).toEqual([1]);
    reader.close();
    writer.close();
    const again = openJournalWriter(folder);
    expect(again.received.has(`${CAMPUS}/${NODE}`, { epoch: 1, first: 1, last: 9 })).toBe(true);
    again.close();
  });

  test("retention by bytes keeps the newest segment whatever its size", async () => {
    const retired: string[] = [];
    const writer = openJournalWriter(folder, {
      segmentEntriesMax: 1,
      retention: { bytes: 1 },
      onRetired: (path) => retired.push(path),
    });
    for (let index = 0; index < 4; index += 1) await writer.append([entry("NDATA", "x")]);
    expect(listSegments(folder).map(({ first }) => first)).toEqual([4]);
    expect(retired).toHaveLength(3);
    expect(readdirSync(folder).filter((name) => name.startsWith("00000000000000"))).not.toContain(retired[0]);
    writer.close();
  });

  test("a damaged segment is set aside whole, and its numbers are never given again", async () => {
    const options = { segmentEntriesMax: 100 };
    const first = openJournalWriter(folder, { segmentEntriesMax: 2 });
    await first.append([entry("NBIRTH", "node")]);
    await first.append([entry("NDATA", "a")]);
    await first.append([entry("NDATA", "lost")]);
    first.close();
    const damaged = listSegments(folder).at(-1)?.path ?? "";
    writeFileSync(damaged, "this is no database");
    const aside: string[] = [];
    const writer = openJournalWriter(folder, { ...options, onSetAside: (path) => aside.push(path) });
    expect(await writer.append([entry("NDATA", "b")])).toBe(103);
    const reader = openJournalReader(folder);
    expect((await reader.read(0, 9)).map(({ seq }) => seq)).toEqual([1, 2, 103]);
    expect((await reader.births(103)).map(({ seq }) => seq)).toEqual([1]);
    expect(aside).toHaveLength(1);
    expect(existsSync(aside[0] ?? "")).toBe(true);
    reader.close();
    writer.close();
  });

  test("a reader lets go of segments that it has left behind", async () => {
    const writer = openJournalWriter(folder, { segmentEntriesMax: 1 });
    for (const text of ["a", "b", "c"]) await writer.append([entry("NDATA", text)]);
    writer.close();
    const reader = openJournalReader(folder);
    const held = (): readonly string[] =>
      listSegments(folder)
        .map(({ path }) => path)
        .filter((path) => openFiles().includes(path));
    expect(await reader.read(0, 10)).toHaveLength(3);
    expect(held()).toHaveLength(3);
    for (let reads = 0; reads < 100; reads += 1) await reader.read(2, 1);
    expect(held()).toEqual([listSegments(folder).at(-1)?.path]);
    // Whoever goes back finds them all the same.
    expect(await reader.read(0, 10)).toHaveLength(3);
    reader.close();
  });

  test("a reader tells of a damaged older segment once and goes on after it", async () => {
    const writer = openJournalWriter(folder, { segmentEntriesMax: 1 });
    for (const text of ["a", "b", "c"]) await writer.append([entry("NDATA", text)]);
    truncateSync(listSegments(folder)[1]?.path ?? "", 100);
    const told: string[] = [];
    const reader = openJournalReader(folder, { onUnreadable: (path) => told.push(path) });
    expect((await reader.read(0, 9)).map(({ seq }) => seq)).toEqual([1, 3]);
    await reader.read(0, 9);
    expect(told).toHaveLength(1);
    reader.close();
    writer.close();
  });

  test("a second writer is refused and told why", () => {
    const writer = openJournalWriter(folder);
    expect(() => openJournalWriter(folder)).toThrow(JournalLockedError);
    writer.close();
    openJournalWriter(folder).close();
  });

  test("where appends come thick, they share commits; each resolves with its own number", async () => {
    const writer = openJournalWriter(folder);
    const reader = new DoorbellReader(folder);
    const commits = new Set<number | undefined>();
    const numbers: number[] = [];
    const appended: Promise<void>[] = [];
    for (let number = 1; number <= 500; number += 1) {
      appended.push(
        writer.append([entry("NDATA", String(number))]).then((last) => {
          numbers.push(last);
          commits.add(reader.read()?.last);
        }),
      );
      await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(appended);
    expect(numbers).toEqual(Array.from({ length: 500 }, (_, index) => index + 1));
    expect(commits.size).toBeLessThan(500);
    reader.close();
    writer.close();
  });

  test("more than may wait is refused, and what waited is still written", async () => {
    const writer = openJournalWriter(folder);
    const large = entry("NDATA", "", { payload: new Uint8Array(WAITING_BYTES_MAX - 1) });
    const waiting = writer.append([large]);
    await expect(writer.append([entry("NDATA", "too much")])).rejects.toThrow(JournalOverloadedError);
    expect(await waiting).toBe(1);
    expect(await writer.append([entry("NDATA", "fits again")])).toBe(2);
    writer.close();
  });
});

/** Runs a process that appends from `start`, kills it after about `count` appends, and tells which had resolved. */
async function appendAndKill(folder: string, start: number, count: number): Promise<number[]> {
  const script = join(import.meta.dirname, "testing/append-until-killed.ts");
  const child = spawn(process.execPath, [script, folder, String(start)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const resolved: number[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    resolved.push(Number(line));
    if (resolved.length === count) child.kill("SIGKILL");
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  expect(child.signalCode).toBe("SIGKILL");
  return resolved;
}
