import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  JournalLockedError,
  JournalOverloadedError,
  type JournalReader,
  type JournalWriter,
  WAITING_BYTES_MAX,
} from "../journal.ts";
import { CAMPUS, entry, NODE } from "../testing/entries.ts";
import { type JournalUnderTest, journalContract } from "../testing/journal-contract.ts";
import { NatsServer } from "../testing/nats-server.ts";
import { canSync, type JetStreamWriterOptions, openJetStreamReader, openJetStreamWriter } from "./index.ts";
import { listSnapshots } from "./snapshot.ts";
import { streamsNamed } from "./streams.ts";

let server: NatsServer;
let stream: string;
let streams = 0;
beforeAll(async () => {
  server = await NatsServer.start();
});
afterAll(() => server.stop());
beforeEach(() => {
  streams += 1;
  stream = `TEST_${streams}`;
});

const openWriter = (more: Partial<JetStreamWriterOptions> = {}): Promise<JournalWriter> =>
  openJetStreamWriter({ url: server.url, stream, ...more });
const openReader = (): Promise<JournalReader> => openJetStreamReader({ url: server.url, stream });

function underTest(options: Partial<JetStreamWriterOptions>): () => JournalUnderTest {
  return () => ({
    open: async () => {
      const writer = await openWriter(options);
      const reader = await openReader();
      return {
        writer,
        reader,
        close: async () => {
          await reader.close();
          await writer.close();
        },
      };
    },
    remove: removeStreams,
  });
}

async function removeStreams(): Promise<void> {
  const connection = await connect({ servers: server.url });
  const manager = await jetstreamManager(connection);
  for (const name of Object.values(streamsNamed(stream))) await manager.streams.delete(name);
  await connection.close();
}

journalContract("JetStream, without a snapshot", underTest({}));
journalContract("JetStream, with a snapshot every three entries", underTest({ snapshotEntries: 3 }));

describe("journal on JetStream", () => {
  const day = 86_400_000;

  test("retention deletes to a snapshot, and what is left can still be read from its births and known as received", async () => {
    const retired: number[] = [];
    const writer = await openWriter({
      snapshotEntries: 2,
      retention: { days: 1 },
      onRetired: (first) => retired.push(first),
    });
    await writer.append([
      entry("NBIRTH", "node", { receivedAt: day, range: { epoch: 1, first: 1, last: 9 } }),
      entry("NDATA", "old", { receivedAt: day }),
    ]);
    await writer.append([entry("NDATA", "newer", { receivedAt: 3 * day })]);
    await writer.append([entry("NDATA", "newer", { receivedAt: 3 * day })]);
    await writer.append([entry("NDATA", "newest", { receivedAt: 3 * day })]);
    await writer.close();
    expect(retired).toEqual([3]);
    const reader = await openReader();
    expect(await reader.bounds()).toEqual({ first: 3, last: 5 });
    expect((await reader.read(0, 1))[0]?.seq).toBe(3);
    expect((await reader.births(3)).map(({ seq }) => seq)).toEqual([1]);
    expect(await reader.births(0)).toEqual([
      {
        seq: 1,
        receivedAt: day,
        kind: "NBIRTH",
        address: { campus: CAMPUS, node: NODE },
        payload: new TextEncoder().encode("node"),
      },
    ]);
    await reader.close();
    const again = await openWriter();
    expect(again.received.has(`${CAMPUS}/${NODE}`, { epoch: 1, first: 1, last: 9 })).toBe(true);
    expect(again.lastReceivedAt).toBe(3 * day);
    await again.close();
  });

  test("retention judges age by the time it is given: a clock that leapt deletes nothing that has not aged", async () => {
    const retired: number[] = [];
    let aged = 2 * day;
    const writer = await openWriter({
      snapshotEntries: 1,
      retention: { days: 1, now: () => aged },
      onRetired: (first) => retired.push(first),
    });
    await writer.append([entry("NDATA", "before the leap", { receivedAt: 1.5 * day })]);
    await writer.append([entry("NDATA", "after it", { receivedAt: 900 * day })]);
    await writer.append([entry("NDATA", "after it", { receivedAt: 900 * day })]);
    expect(retired).toEqual([]);
    aged = 3 * day;
    await writer.append([entry("NDATA", "a day later", { receivedAt: 901 * day })]);
    await writer.close();
    expect(retired).toEqual([2]);
  });

  test("retention by bytes keeps what came after the newest snapshot, whatever its size, and no older snapshot", async () => {
    const writer = await openWriter({ snapshotEntries: 2, retention: { bytes: 1 } });
    for (let index = 0; index < 9; index += 1) await writer.append([entry("NDATA", "x")]);
    await writer.close();
    const reader = await openReader();
    const { first, last } = await reader.bounds();
    expect(last).toBe(9);
    expect(first).toBeGreaterThan(2);
    await reader.close();
    const connection = await connect({ servers: server.url });
    const snapshots = await listSnapshots(await jetstreamManager(connection), streamsNamed(stream));
    expect(snapshots[0]).toBe(first - 1);
    await connection.close();
  });

  test("a snapshot that was never finished does not count", async () => {
    const writer = await openWriter();
    await writer.append([
      entry("NBIRTH", "node"),
      entry("NDATA", "x", { range: { epoch: 1, first: 1, last: 3 } }),
    ]);
    const connection = await connect({ servers: server.url });
    await jetstream(connection).publish(`${stream}_SNAPSHOTS.2.begin`);
    await connection.close();
    await writer.close();
    const again = await openWriter();
    expect(again.received.has(`${CAMPUS}/${NODE}`, { epoch: 1, first: 1, last: 3 })).toBe(true);
    const reader = await openReader();
    expect((await reader.births(2)).map(({ seq }) => seq)).toEqual([1]);
    await reader.close();
    await again.close();
  });

  test("a second writer is refused and told why", async () => {
    const writer = await openWriter();
    await expect(openWriter()).rejects.toThrow(JournalLockedError);
    await writer.close();
    await (await openWriter()).close();
  });

  test("a writer that was overtaken ends, and nothing of what it still sends gets in", async () => {
    const ended = Promise.withResolvers<Error>();
    const writer = await openWriter({ onEnded: ended.resolve });
    await writer.append([entry("NDATA", "mine")]);
    const connection = await connect({ servers: server.url });
    await jetstream(connection).publish(`${stream}.entry.NDATA`, "another's", {
      msgID: "another:2",
      expect: { lastSequence: 1 },
    });
    const appends = await Promise.allSettled(
      ["late 1", "late 2", "late 3"].map((text) => writer.append([entry("NDATA", text)])),
    );
    expect(appends.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    expect(await ended.promise).toBeInstanceOf(JournalLockedError);
    const manager = await jetstreamManager(connection);
    expect((await manager.streams.info(stream)).state.last_seq).toBe(2);
    await connection.close();
    await writer.close();
  });

  test("a server that lost what it had confirmed is found out, and no number is given twice", async () => {
    const ended = Promise.withResolvers<Error>();
    const writer = await openWriter({ onEnded: ended.resolve });
    await writer.append([entry("NDATA", "1"), entry("NDATA", "2")]);
    await removeStreams();
    await expect(writer.append([entry("NDATA", "3")])).rejects.toThrow("had confirmed entry 2");
    expect((await ended.promise).name).toBe("JournalRolledBackError");
    await writer.close();
  });

  test("more than may wait is refused, and so is an entry that the server does not take", async () => {
    const writer = await openWriter();
    const half = entry("NDATA", "", { payload: new Uint8Array(1_000_000) });
    const fits = Math.floor(WAITING_BYTES_MAX / 1_000_000);
    const waiting = Promise.all(Array.from({ length: fits }, () => writer.append([half])));
    await expect(writer.append([half])).rejects.toThrow(JournalOverloadedError);
    await waiting;
    const large = entry("NDATA", "", { payload: new Uint8Array(1_048_576) });
    await expect(writer.append([large])).rejects.toThrow("raise max_payload");
    expect(await writer.append([entry("NDATA", "fits again")])).toBe(fits + 1);
    await writer.close();
  }, 30_000);

  test("nats-server killed in the middle of appends: each is there once, in order, and readers go on", {
    timeout: 60_000,
  }, async () => {
    const away: unknown[] = [];
    const writer = await openWriter({ onAway: (error) => away.push(error) });
    const reader = await openReader();
    const appended: Promise<number>[] = [];
    const total = 3_000;
    for (let number = 1; number <= total; number += 1) {
      appended.push(
        writer.append([entry("NDATA", String(number), { range: { epoch: 1, first: number, last: number } })]),
      );
      if (number % 1_000 === 500) {
        await appended[number - 100];
        await server.kill("SIGKILL");
        await server.begin();
      }
    }
    expect(await Promise.all(appended)).toEqual(Array.from({ length: total }, (_, index) => index + 1));
    expect(away.length).toBeGreaterThan(0);
    const entries = await reader.read(0, total + 1);
    expect(entries.map(({ payload }) => Number(new TextDecoder().decode(payload)))).toEqual(
      Array.from({ length: total }, (_, index) => index + 1),
    );
    expect(writer.received.runsOf(`${CAMPUS}/${NODE}`, 1)).toEqual([{ first: 1, last: total }]);
    await reader.close();
    await writer.close();
  });

  test("every append that resolved before the writer was killed is there once, and numbering has no gap", {
    timeout: 60_000,
  }, async () => {
    let start = 1;
    for (let round = 0; round < 3; round += 1) {
      const resolved = await appendAndKill(start, 400);
      const writer = await openWriter();
      const reader = await openReader();
      const entries = await reader.read(0, 1_000_000);
      const numbers = entries.map(({ payload }) => Number(new TextDecoder().decode(payload)));
      expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, index) => index + 1));
      expect(new Set(numbers).size).toBe(numbers.length);
      expect(numbers).toEqual(expect.arrayContaining(resolved));
      const received = writer.received.runsOf(`${CAMPUS}/${NODE}`, 1);
      expect(received.reduce((sum, { first, last }) => sum + last - first + 1, 0)).toBe(numbers.length);
      start = Math.max(...numbers) + 1;
      await reader.close();
      await writer.close();
    }
  });

  test("says of a version whether it can sync before it confirms", () => {
    expect(["2.9.10", "2.10.0", "2.12.1", "3.0.0", "unknown"].map(canSync)).toEqual([
      false,
      true,
      true,
      true,
      false,
    ]);
  });
});

/** Runs a process that appends from `start`, kills it after about `count` appends, and tells which had resolved. */
async function appendAndKill(start: number, count: number): Promise<number[]> {
  const script = join(import.meta.dirname, "../testing/append-to-jetstream-until-killed.ts");
  const child = spawn(process.execPath, [script, server.url, stream, String(start)], {
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
