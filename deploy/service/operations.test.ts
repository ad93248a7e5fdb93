import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createMetrics, Gauge } from "./metrics.ts";
import { type Operations, serveOperations } from "./operations.ts";
import { type SocketClient, socketClient } from "./socket-client.ts";

let folder: string;
let operations: Operations;
let client: SocketClient;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "campus-ops-operations-"));
  const registry = createMetrics("box");
  new Gauge({ name: "waiting", help: "Waiting", registers: [registry] }).set(7);
  const path = join(folder, "box.sock");
  operations = await serveOperations(path, { health: () => ({ status: "ok", waiting: 7 }), registry });
  client = socketClient(path);
});
afterEach(async () => {
  await client.close();
  await operations.close();
  rmSync(folder, { recursive: true });
});

test("health is told in the process's own words", async () => {
  expect(await (await client.fetch("/healthz")).json()).toEqual({ status: "ok", waiting: 7 });
});

test("metrics carry the process as a label", async () => {
  const answer = await client.fetch("/metrics");
  expect(answer.headers.get("content-type")).toContain("text/plain");
  expect(await answer.text()).toContain('waiting{process="box"} 7');
});

test("anything else is not there", async () => {
  const answer = await client.fetch("/../etc/passwd");
  expect(answer.status).toBe(404);
  await answer.text();
});

test("metrics that somebody makes are made when they are first asked for, and once", async () => {
  let made = 0;
  const path = join(folder, "lazy.sock");
  const registry = async () => {
    made += 1;
    return createMetrics("box");
  };
  const lazy = await serveOperations(path, { health: () => ({}), registry });
  const asking = socketClient(path);
  try {
    await (await asking.fetch("/healthz")).text();
    expect(made).toBe(0);
    for (let time = 0; time < 2; time += 1) {
      expect(await (await asking.fetch("/metrics")).text()).toContain('process="box"');
    }
    expect(made).toBe(1);
  } finally {
    await asking.close();
    await lazy.close();
  }
});
