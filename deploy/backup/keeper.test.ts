import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLog, OperatorError } from "@campus-ops/service";
import { type SocketClient, socketClient } from "@campus-ops/service/socket-client";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Happenings } from "../testing/awaiting.ts";
import type { BackupResult } from "./backup.ts";
import { BackupKeeper } from "./keeper.ts";

interface Told {
  readonly working: boolean;
  readonly reason?: { readonly en: string };
}

const NOW = Date.UTC(2026, 10, 22, 12);
const RESULT = {
  name: "b",
  bytes: 1,
  removed: 0,
  proof: { entries: 0, databases: 0 },
} as unknown as BackupResult;

let folder: string;
let server: Server;
let ingest: SocketClient;
let told: Happenings<Told>;
let keeper: BackupKeeper | undefined;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "keeper-"));
  told = new Happenings();
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      if (request.url === "/services/backup") told.add(JSON.parse(body) as Told);
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(join(folder, "ingest.sock"), resolve));
  ingest = socketClient(join(folder, "ingest.sock"));
});

afterEach(async () => {
  await keeper?.stop();
  await ingest.close();
  server.close();
  rmSync(folder, { recursive: true });
});

function keep(backUp: (signal: AbortSignal) => Promise<BackupResult>): BackupKeeper {
  keeper = new BackupKeeper({
    file: join(folder, "backup.json"),
    minute: 150,
    offset_ms: () => 0,
    now: () => NOW,
    ingest,
    log: createLog("test", "silent"),
    backUp,
  });
  return keeper;
}

test("a hub without a backup gets one at once, and another start on the same day makes none", async () => {
  let made = 0;
  const backUp = async () => {
    made += 1;
    return RESULT;
  };
  const first = keep(backUp);
  await told.until("it is well", ({ working }) => working && first.last.provenAt === NOW);
  await first.stop();
  const again = keep(backUp);
  await again.stop();
  expect(made).toBe(1);
  expect(again.last.provenAt).toBe(NOW);
});

test("one that fails is told to the hub with its reason, remembered, and over when one succeeds", async () => {
  let fails = true;
  const kept = keep(async () => {
    if (fails) throw new OperatorError("the vault is full");
    return RESULT;
  });
  const failing = await told.until("it failed", ({ working }) => !working);
  expect(failing.reason?.en).toContain("the vault is full");
  expect(JSON.parse(readFileSync(join(folder, "backup.json"), "utf8"))).toMatchObject({ failedAt: NOW });
  fails = false;
  const since = told.all.length;
  await kept.run();
  expect(kept.last).toEqual({ provenAt: NOW, failedAt: undefined, reason: undefined });
  await told.until("it is well again", ({ working }) => working, { since });
});

test("one that is asked for is of the hub as it is then: what was begun before is waited for, and another one made", async () => {
  const order: string[] = [];
  const release = Promise.withResolvers<void>();
  let number = 0;
  const kept = keep(async () => {
    number += 1;
    order.push(`begun ${number}`);
    if (number === 1) await release.promise;
    order.push(`made ${number}`);
    return { ...RESULT, name: String(number) };
  });
  const asked = kept.run();
  release.resolve();
  expect((await asked).name).toBe("2");
  expect(order).toEqual(["begun 1", "made 1", "begun 2", "made 2"]);
});
