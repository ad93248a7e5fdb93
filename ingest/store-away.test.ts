/** A store elsewhere that is not there: ingest goes on, and nothing is missing afterwards. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLog, type Running } from "@campus-ops/service";
import { type SocketClient, socketClient } from "@campus-ops/service/socket-client";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { QueryResult } from "./api.ts";
import { startIngest } from "./hub-ingest.ts";
import { Influxd } from "./store/influxdb/testing/influxd.ts";
import type { StorePlace } from "./store/place.ts";
import { VictoriaMetricsServer } from "./store/victoria-metrics/testing/victoria-metrics-server.ts";
import { CAMPUS, devices, HOST, NODE, SITE, sample } from "./testing/campus.ts";
import { type LoopbackBroker, startLoopbackBroker } from "./testing/loopback-broker.ts";
import { SmallEdge } from "./testing/small-edge.ts";
import { until } from "./testing/until.ts";

const HOUR = 3_600_000;
const start = Math.floor(Date.now() / HOUR) * HOUR - HOUR;

let folder: string;
let broker: LoopbackBroker;
let client: SocketClient;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "ingest-store-"));
  broker = await startLoopbackBroker();
});
afterEach(async () => {
  await client.close();
  await broker.stop();
  rmSync(folder, { recursive: true });
});

async function startHub(store: StorePlace): Promise<Running> {
  const running = await startIngest({
    data: folder,
    socket: join(folder, "run/ingest.sock"),
    site: SITE,
    broker: { url: broker.url },
    hostId: HOST,
    store,
    retention: { journalDays: 30, journalBytes: 1e9, pointDays: 30 },
    log: createLog("ingest", "fatal"),
    now: Date.now,
    onFailure: (error) => {
      throw error;
    },
  });
  client = socketClient(join(folder, "run/ingest.sock"));
  return running;
}

async function points(): Promise<QueryResult["series"][number]["points"]> {
  const response = await client.fetch("/query", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ metric: "Environment/CO2", from: start + 1, to: start + HOUR, limit: 100_000 }),
  });
  if (response.status === 503) return [];
  return ((await response.json()) as QueryResult).series[0]?.points ?? [];
}

interface Engine {
  readonly server: {
    begin(): Promise<void>;
    end(signal?: "SIGKILL" | "SIGTERM"): Promise<void>;
    stop(): Promise<void>;
  };
  readonly place: StorePlace;
}

const engines: Readonly<Record<string, () => Promise<Engine>>> = {
  influxdb: async () => {
    const server = await Influxd.start();
    const address = { generation: 1, url: server.url, database: "hub" } as const;
    return { server, place: { engine: "influxdb", address, rejectedFile: join(folder, "rejected/points") } };
  },
  "victoria-metrics": async () => {
    const server = await VictoriaMetricsServer.start();
    return { server, place: { engine: "victoria-metrics", address: { kind: "single", url: server.url } } };
  },
};

describe.each(Object.entries(engines))("with %s", (_, startEngine) => {
  test("killed, ingest goes on acknowledging and says what is wrong; back, it has every point", {
    timeout: 60_000,
  }, async () => {
    const { server, place } = await startEngine();
    const ingest = await startHub(place);
    const edge = new SmallEdge({
      url: broker.url,
      campus: CAMPUS,
      node: NODE,
      host: HOST,
      devices: devices(start),
    });
    let reported = 0;
    const report = (count: number) => {
      for (let each = 0; each < count; each += 1) {
        reported += 1;
        edge.report("air", [sample("Environment/CO2", 400 + reported, start + reported)]);
      }
    };
    const expected = () => Array.from({ length: reported }, (_, at) => [start + at + 1, 401 + at]);

    report(50);
    await until(async () => (await points()).length === 50);
    await server.end("SIGKILL");
    report(50);
    await until(() => edge.unacknowledged === 0);
    await until(async () => (await client.fetch("/healthz")).status === 503);
    const { ailments } = (await (await client.fetch("/healthz")).json()) as { ailments: string[] };
    expect(ailments.join()).toMatch(/the store is away .*; the journal keeps what is not in it yet/);
    const answer = await client.fetch("/query", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ metric: "Environment/CO2", from: start, to: start + HOUR }),
    });
    expect(answer.status).toBe(503);
    report(50);

    await server.begin();
    await until(async () => (await client.fetch("/healthz")).status === 200);
    report(50);
    await until(async () => (await points()).length === reported);
    expect(await points()).toEqual(expected());
    await ingest.stop();
    await edge.end();
    await server.stop();
  });

  test("not there when ingest starts, it is waited for", { timeout: 60_000 }, async () => {
    const { server, place } = await startEngine();
    await server.end();
    const ingest = await startHub(place);
    const edge = new SmallEdge({
      url: broker.url,
      campus: CAMPUS,
      node: NODE,
      host: HOST,
      devices: devices(start),
    });
    edge.report("air", [sample("Environment/CO2", 401, start + 1)]);
    await until(() => edge.unacknowledged === 0);
    await server.begin();
    await until(async () => (await points()).length === 1);
    await ingest.stop();
    await edge.end();
    await server.stop();
  });
});
