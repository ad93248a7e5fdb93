/** A journal from a backup under a registry that was not restored with it. */
import { cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openJournalReader, openJournalWriter } from "@campus-ops/broker/journal";
import { createLog, OperatorError, type Running } from "@campus-ops/service";
import { socketClient } from "@campus-ops/service/socket-client";
import { expect, test } from "vitest";
import { startIngest } from "./hub-ingest.ts";
import { HOST, SITE } from "./testing/campus.ts";
import { until } from "./testing/until.ts";

const T = Date.now() - 60_000;
const clock = (at: number) => ({ kind: "CLOCK", receivedAt: at, payload: new Uint8Array() }) as const;

test("an older journal is refused before anything is written to it, and the operator is told what to do", async () => {
  const data = mkdtempSync(join(tmpdir(), "restored-in-part-"));
  const journal = join(data, "journal");
  const socket = join(data, "ingest.sock");
  const start = (): Promise<Running> =>
    startIngest({
      data,
      socket,
      site: SITE,
      broker: { url: "mqtt://127.0.0.1:1" },
      hostId: HOST,
      retention: { journalDays: 30, journalBytes: 1e9, pointDays: 30 },
      log: createLog("ingest", "silent"),
      now: Date.now,
      onFailure: (error) => {
        throw error;
      },
    });
  const caughtUp = async (): Promise<boolean> => {
    const client = socketClient(socket);
    const text = await (await client.fetch("/metrics")).text();
    await client.close();
    return /registry_lag_entries\{[^}]*\} 0\n/.test(text);
  };
  const last = async (): Promise<number> => {
    const reader = openJournalReader(journal);
    const { last: newest } = await reader.bounds();
    reader.close();
    return newest;
  };
  const writer = openJournalWriter(journal);
  await writer.append([clock(T), clock(T + 1)]);
  cpSync(journal, join(data, "backup"), { recursive: true });
  await writer.append([clock(T + 2), clock(T + 3)]);
  writer.close();
  const before = await start();
  await until(caughtUp);
  await before.stop();

  rmSync(journal, { recursive: true });
  cpSync(join(data, "backup"), journal, { recursive: true });
  const refusal = await start().catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(OperatorError);
  expect(String(refusal)).toMatch(
    /the journal ends at entry 2, and registry.sqlite has read up to entry \d+/,
  );
  expect(await last()).toBe(2);

  // Whatever has read on is made anew.
  const projections = readdirSync(data).filter((name) => name === "store" || name.includes(".sqlite"));
  for (const name of projections) rmSync(join(data, name), { recursive: true });
  const after = await start();
  await until(caughtUp);
  await after.stop();
  expect(await last()).toBeGreaterThanOrEqual(2);
  rmSync(data, { recursive: true });
});
