import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { JournalDecoder } from "@campus-ops/broker/journal";
import { embeddedPlace, openReaderAt } from "@campus-ops/broker/journal/place";
import { NatsServer } from "@campus-ops/broker/journal/testing/nats-server";
import { socketClient } from "@campus-ops/service/socket-client";
import { describe, expect, test } from "vitest";
import type { CampusRollup, NodeView, QueryResult } from "./api.ts";
import { Influxd } from "./store/influxdb/testing/influxd.ts";
import type { StoreConfiguration } from "./store/place.ts";
import { VictoriaMetricsServer } from "./store/victoria-metrics/testing/victoria-metrics-server.ts";
import { CAMPUS, devices, HOST, NODE, SITE, sample, swipe } from "./testing/campus.ts";
import { startLoopbackBroker } from "./testing/loopback-broker.ts";
import { SmallEdge } from "./testing/small-edge.ts";
import { until } from "./testing/until.ts";

const ROUNDS = 4;
const REPORT_MS = 2;
const HOUR = 3_600_000;
const start = Math.floor(Date.now() / HOUR) * HOUR - 24 * HOUR;

/**
 * Records are reported every 2 ms and acknowledged some 20 ms after their commit, so at every kill there are records
 * that are durable and not acknowledged, and records that are neither.
 */
describe.each([
  ["embedded", "embedded"],
  ["jetstream", "embedded"],
  ["embedded", "influxdb"],
  ["embedded", "victoria-metrics"],
] as const)("with the journal %s and the store %s", (kind, engine) => {
  test(
    "ingest killed under load, again and again: every sample is in journal, registry and store exactly once",
    {
      timeout: 120_000,
    },
    () => killUnderLoad(kind, engine),
  );
});

async function killUnderLoad(
  kind: "embedded" | "jetstream",
  engine: StoreConfiguration["engine"],
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "ingest-kill-"));
  const broker = await startLoopbackBroker();
  const nats = kind === "jetstream" ? await NatsServer.start() : undefined;
  const journal = nats === undefined ? { kind } : { kind, url: nats.url };
  const { store, server } = await startEngine(engine);
  const config = join(folder, "hub.yaml");
  // JSON is YAML.
  writeFileSync(
    config,
    JSON.stringify({ site: SITE, journal, ingest: { hostId: HOST, broker: { url: broker.url }, store } }),
  );
  const edge = new SmallEdge({
    url: broker.url,
    campus: CAMPUS,
    node: NODE,
    host: HOST,
    devices: devices(start),
  });
  let records = 0;
  const reporting = setInterval(() => {
    records += 1;
    edge.report(
      "air",
      [
        sample("Environment/Temperature", records, start + records),
        sample("Environment/CO2", 400 + records, start + records),
      ],
      [],
    );
    edge.report("gate", [], [swipe(records, "granted", start + records)]);
  }, REPORT_MS);

  let ingest = await startProcess(config, folder);
  for (let round = 1; round <= ROUNDS; round += 1) {
    const goal = records + 40 + 37 * round;
    await until(() => records - edge.unacknowledged / 2 >= goal);
    ingest.kill("SIGKILL");
    await once(ingest, "exit");
    expect(edge.unacknowledged).toBeGreaterThan(0);
    await nats?.kill();
    await nats?.begin();
    ingest = await startProcess(config, folder);
  }
  clearInterval(reporting);
  await until(() => edge.unacknowledged === 0);

  const client = socketClient(join(folder, "run/ingest.sock"));
  const ask = async <T>(path: string, init?: Parameters<typeof client.fetch>[1]) =>
    (await (await client.fetch(path, init)).json()) as T;
  await until(
    async () => (await ask<NodeView[]>(`/nodes?campus=${CAMPUS}`))[0]?.samples.received === edge.count,
  );
  expect((await ask<NodeView[]>(`/nodes?campus=${CAMPUS}`))[0]?.samples).toEqual({
    expected: edge.count,
    received: edge.count,
    lost: 0,
  });
  const rollups = await ask<CampusRollup[]>(`/rollups?from=${start}&to=${start + HOUR}`);
  const rollup = rollups.find(({ campus }) => campus === CAMPUS);
  expect(rollup?.counts["access.granted"]).toBe(records);
  expect(rollup?.counts["samples.received"]).toBe(edge.count);

  const query = { metric: "Environment/Temperature", from: start + 1, to: start + HOUR, limit: 100_000 };
  const init = {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(query),
  };
  const points = async () => (await ask<QueryResult>("/query", init)).series[0]?.points ?? [];
  await until(async () => (await points()).length === records);
  expect(await points()).toEqual(Array.from({ length: records }, (_, at) => [start + at + 1, at + 1]));
  expect(await (await client.fetch("/metrics")).text()).toMatch(/ingest_duplicates_total\{[^}]*\} [1-9]/);
  await client.close();

  const exited = once(ingest, "exit");
  ingest.kill("SIGTERM");
  expect(await exited).toEqual([0, null]);
  const place =
    nats === undefined
      ? embeddedPlace(folder)
      : ({
          kind: "jetstream",
          access: { url: nats.url },
          stream: "CAMPUS_OPS_JOURNAL",
          replicas: 1,
        } as const);
  const unreadable: unknown[] = [];
  const tell = (...told: unknown[]) => void unreadable.push(told);
  const reader = await openReaderAt(place, new AbortController().signal, {
    onAway: tell,
    onUnreadable: tell,
  });
  const decoder = new JournalDecoder();
  const entries = (await reader.read(0, 1_000_000)).map((entry) => decoder.decode(entry));
  expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, index) => index + 1));
  const numbers = entries.flatMap(({ range }) => (range === undefined ? [] : [range.first]));
  expect(new Set(numbers).size).toBe(numbers.length);
  expect(entries.reduce((sum, { range }) => sum + (range ? range.last - range.first + 1 : 0), 0)).toBe(
    edge.count,
  );
  expect(unreadable).toEqual([]);
  await reader.close();
  await edge.end();
  await broker.stop();
  await nats?.stop();
  await server?.stop();
  rmSync(folder, { recursive: true });
}

async function startEngine(engine: StoreConfiguration["engine"]) {
  switch (engine) {
    case "embedded":
      return { store: { engine }, server: undefined };
    case "influxdb": {
      const server = await Influxd.start();
      return { store: { engine, url: server.url, database: "hub" }, server };
    }
    case "victoria-metrics": {
      const server = await VictoriaMetricsServer.start();
      return { store: { engine, url: server.url }, server };
    }
  }
}

async function startProcess(config: string, data: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "main.ts")], {
    env: { ...process.env, CAMPUS_OPS_CONFIG: config, CAMPUS_OPS_DATA: data },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout });
  for await (const line of lines) if (line.includes('"ready":true')) break;
  child.stdout.resume();
  return child;
}
