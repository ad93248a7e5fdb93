import { afterEach, beforeEach, expect, test } from "vitest";
import { type Probe, serveProbe, type WorkerStatus } from "./probe.ts";

const WELL: WorkerStatus = {
  role: "rules",
  worker: "machine.1.abc",
  campuses: ["first", "second"],
  changing: [],
  setAside: [],
  leaseAge_ms: 1_200,
  lease_ms: 10_000,
  beatAge_ms: 1_300,
};

let probe: Probe;
let status: WorkerStatus;
beforeEach(async () => {
  status = WELL;
  probe = await serveProbe({ host: "127.0.0.1", port: 0 }, () => status);
});
afterEach(() => probe.close());

async function asked(path: string): Promise<readonly [number, unknown]> {
  const answer = await fetch(`http://127.0.0.1:${probe.port}${path}`);
  const text = await answer.text();
  return [answer.status, text.startsWith("{") ? JSON.parse(text) : text];
}

test("a worker that is well says which campuses it answers for, and how old its leases are", async () => {
  expect(await asked("/readyz")).toEqual([200, WELL]);
  expect(await asked("/livez")).toEqual([200, WELL]);
});

test("a worker without PostgreSQL is not ready, and is left alive", async () => {
  status = { ...WELL, leaseAge_ms: 10_001 };
  expect((await asked("/readyz"))[0]).toBe(503);
  expect((await asked("/livez"))[0]).toBe(200);
  const { leaseAge_ms: _, ...never } = WELL;
  status = never;
  expect((await asked("/readyz"))[0]).toBe(503);
});

test("a worker that takes a campus on is not ready yet", async () => {
  status = { ...WELL, changing: ["third"] };
  expect((await asked("/readyz"))[0]).toBe(503);
});

test("a worker that has not looked after its leases for the time of six hangs", async () => {
  status = { ...WELL, beatAge_ms: 60_001 };
  expect((await asked("/livez"))[0]).toBe(503);
});

test("nothing else is told there", async () => {
  expect((await asked("/metrics"))[0]).toBe(404);
});
