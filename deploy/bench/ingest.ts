/**
 * How much a hub takes in on one core: broker, ingest, journal, and every projection of it (registry, store, events,
 * roll-ups), until all have caught up. The edge is real, and has the other core.
 */
import { readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { QueryRequest, QueryResult } from "@campus-ops/ingest/api";
import { socketPath } from "@campus-ops/service";
import { type SocketClient, socketClient } from "@campus-ops/service/socket-client";
import { eventually } from "../testing/awaiting.ts";
import { type LoadEdge, ports } from "../testing/load/load-edge.ts";
import { figure } from "./figure.ts";
import { reported, sourceAt, withLoadedHub } from "./loaded-hub.ts";
import type { MinimalHub } from "./minimal-hub.ts";
import { cpuSeconds, residentBytes } from "./process-usage.ts";
import type { Report } from "./result.ts";

const PORTS = 50;
const RUNS = 5;
const RUN_MS = 6_000;
const OUTSTANDING_RECORDS_MAX = 1_200;
const SAMPLES_PER_S = 150_000;
const RSS_BYTES = 600e6;
const GATHERED_MS = 5_000;
const EVER_MS = 20 * 365 * 86_400_000;

export async function ingest(report: Report): Promise<void> {
  await withLoadedHub(PORTS, async ({ hub, edge, run: sockets }) => {
    const client = socketClient(socketPath(sockets, "ingest"));
    const broker = socketClient(socketPath(sockets, "broker"));
    try {
      const before = { wire: await receivedBytes(broker), samples: reported(edge, PORTS) };
      await measure(report, hub, edge, client);
      const samples = reported(edge, PORTS) - before.samples;
      const wire = (await receivedBytes(broker)) - before.wire;
      report(figure(`payload on the wire, ${PORTS} samples a record`, "B a sample", [wire / samples]));
      const journal = folderBytes(join(dirname(sockets), "journal"));
      report(figure("journal on the disk", "B a sample", [journal / reported(edge, PORTS)]));
    } finally {
      await client.close();
      await broker.close();
    }
  });
}

async function receivedBytes(broker: SocketClient): Promise<number> {
  const text = await (await broker.fetch("/metrics")).text();
  return Number(/^campus_ops_broker_bytes_received_total\S* (\d+)$/m.exec(text)?.[1] ?? Number.NaN);
}

function folderBytes(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
  return files.reduce((sum, { name, parentPath }) => sum + statSync(join(parentPath, name)).size, 0);
}

async function measure(
  report: Report,
  { pids }: MinimalHub,
  edge: LoadEdge,
  client: SocketClient,
): Promise<void> {
  await run(edge, client);
  const [perS, perCoreSecond, rss]: [number[], number[], number[]] = [[], [], []];
  for (let each = 0; each < RUNS; each += 1) {
    const [before, started] = [cpuSeconds(pids), performance.now()];
    const samples = await run(edge, client);
    perS.push((samples / (performance.now() - started)) * 1_000);
    perCoreSecond.push(samples / (cpuSeconds(pids) - before));
    rss.push(pids.reduce((sum, pid) => sum + residentBytes(pid), 0));
  }
  const more = { target: SAMPLES_PER_S, better: "higher" } as const;
  report(figure("sustained, broker to store, hub on one core", "samples/s", perS, more));
  report(figure("… a core-second of broker and ingest", "samples", perCoreSecond, more));
  report(figure("memory of broker and ingest together", "B", rss, { target: RSS_BYTES, better: "lower" }));
  // The store gathers for a second before it writes.
  await setTimeout(GATHERED_MS);
  const missing = reported(edge, PORTS) - (await stored(client));
  report(figure("reported and not in the store", "samples", [missing], { target: 0, better: "lower" }));
}

/** Reports for a while; ends when all of it is in the store. How many samples that were. */
async function run(edge: LoadEdge, client: SocketClient): Promise<number> {
  const before = reported(edge, PORTS);
  const started = performance.now();
  let failure: unknown;
  let turn = 0;
  while (performance.now() - started < RUN_MS && failure === undefined) {
    const room = OUTSTANDING_RECORDS_MAX - edge.outbox.stats().records;
    for (let each = 0; each < room; each += 1) {
      edge.report(sourceAt(turn)).catch((error: unknown) => {
        failure = error;
      });
      turn += 1;
    }
    await setTimeout(1);
  }
  if (failure !== undefined) throw failure;
  await eventually("everything is acknowledged", async () => edge.isEmpty || undefined);
  await eventually("every projection has caught up", async () => {
    const text = await (await client.fetch("/metrics")).text();
    const lags = [...text.matchAll(/^campus_ops_ingest_\w+_lag_entries\{[^}]*\} (\d+)$/gm)];
    return lags.every(([, lag]) => Number(lag) <= 1) || undefined;
  });
  return reported(edge, PORTS) - before;
}

async function stored(client: SocketClient): Promise<number> {
  let points = 0;
  for (const metric of ports(PORTS)) {
    const query: QueryRequest = {
      metric,
      from: 0,
      to: EVER_MS * 5,
      step_ms: EVER_MS * 5,
      aggregation: "count",
      groupBy: "none",
    };
    const response = await client.fetch("/query", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(query),
    });
    const { series } = (await response.json()) as QueryResult;
    points += series[0]?.points[0]?.[1] ?? 0;
  }
  return points;
}
