/**
 * How much a hub takes in on one core: broker, ingest, journal, and every projection of it (registry, store, events,
 * roll-ups), until all have caught up. The edge is real, and has the other core.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { QueryRequest, QueryResult } from "@campus-ops/ingest/api";
import { socketPath } from "@campus-ops/service";
import { type SocketClient, socketClient } from "@campus-ops/service/socket-client";
import { eventually } from "../testing/awaiting.ts";
import { LoadEdge, ports, sourceIds } from "../testing/load/load-edge.ts";
import { figure } from "./figure.ts";
import { CAMPUS, EDGE_PASSWORD, MinimalHub } from "./minimal-hub.ts";
import { cpuSeconds, goFirst, residentBytes } from "./process-usage.ts";
import type { Report } from "./result.ts";

const SOURCES = 20;
const PORTS = 50;
const RUNS = 5;
const RUN_MS = 6_000;
const OUTSTANDING_RECORDS_MAX = 1_200;
const SAMPLES_PER_S = 150_000;
const RSS_BYTES = 600e6;
const HUB_CORE = "0";
const EDGE_CORE = "1";
const GATHERED_MS = 5_000;
const EVER_MS = 20 * 365 * 86_400_000;

export async function ingest(report: Report): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "campus-ops-ingest-"));
  const hub = await MinimalHub.start(folder, HUB_CORE);
  for (const pid of hub.pids) goFirst(pid);
  const client = socketClient(socketPath(join(folder, "run"), "ingest"));
  let edge: LoadEdge | undefined;
  try {
    execFileSync("taskset", ["--all-tasks", "--cpu-list", "--pid", EDGE_CORE, String(process.pid)]);
    goFirst(process.pid);
    edge = new LoadEdge({
      folder: join(folder, "edge"),
      url: hub.url,
      username: "box-1",
      password: EDGE_PASSWORD,
      campus: CAMPUS,
      campusPath: `990100/990102/${CAMPUS}`,
      node: "box-1",
      sources: SOURCES,
      ports: PORTS,
      since: Date.now(),
      step_ms: 1,
    });
    edge.connect();
    const ready = edge;
    await eventually("the edge is born", async () => ready.node.born || undefined);
    await run(edge, client);
    const [perS, perCoreSecond, rss]: [number[], number[], number[]] = [[], [], []];
    for (let each = 0; each < RUNS; each += 1) {
      const [before, started] = [cpuSeconds(hub.pids), performance.now()];
      const samples = await run(edge, client);
      perS.push((samples / (performance.now() - started)) * 1_000);
      perCoreSecond.push(samples / (cpuSeconds(hub.pids) - before));
      rss.push(hub.pids.reduce((sum, pid) => sum + residentBytes(pid), 0));
    }
    const more = { target: SAMPLES_PER_S, better: "higher" } as const;
    report(figure("sustained, broker to store, hub on one core", "samples/s", perS, more));
    report(figure("… a core-second of broker and ingest", "samples", perCoreSecond, more));
    report(figure("memory of broker and ingest together", "B", rss, { target: RSS_BYTES, better: "lower" }));
    // The store gathers for a second before it writes.
    await setTimeout(GATHERED_MS);
    const missing = reported(edge) - (await stored(client));
    report(figure("reported and not in the store", "samples", [missing], { target: 0, better: "lower" }));
  } finally {
    await edge?.stop();
    await client.close();
    await hub.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Reports for a while; ends when all of it is in the store. How many samples that were. */
async function run(edge: LoadEdge, client: SocketClient): Promise<number> {
  const before = reported(edge);
  const ids = sourceIds(SOURCES);
  const started = performance.now();
  let failure: unknown;
  let turn = 0;
  while (performance.now() - started < RUN_MS && failure === undefined) {
    const room = OUTSTANDING_RECORDS_MAX - edge.outbox.stats().records;
    for (let each = 0; each < room; each += 1) {
      edge.report(ids[turn % ids.length] ?? "").catch((error: unknown) => {
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
  return reported(edge) - before;
}

function reported(edge: LoadEdge): number {
  return sourceIds(SOURCES).reduce((sum, source) => sum + edge.count(source), 0) * PORTS;
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
