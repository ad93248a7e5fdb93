/**
 * After a cut of the whole county many edges return at once. They are run by several processes: in one process the
 * generator itself would decide who has its turn. What each has got is read at the hub.
 */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../testing/awaiting.ts";
import { FleetChild } from "../testing/load/fleet-child.ts";
import type { LoadEdgeOptions } from "../testing/load/load-edge.ts";
import type { ReturnReport } from "../testing/load/load-fleet.ts";
import { LoadHub } from "../testing/load/load-hub.ts";
import type { LoadPlan } from "../testing/load/load-plan.ts";

const EDGES = Number(process.env.CAMPUS_OPS_EDGES ?? 200);
const RECORDS = Number(process.env.CAMPUS_OPS_EDGE_RECORDS ?? 500);
const PROCESSES = 4;
const PORTS = 5;
const HOUR_MS = 3_600_000;
const INGEST_RSS_BYTES_MAX = 600e6;
const PLAN: LoadPlan = { sources: 1, numbers: RECORDS, refusals: 2, recordsPerS: 1e6, refusalsPerS: 1e6 };
/** Filling, draining, counting; on a machine with other work. */
const DRAIN_MS_MAX = 120_000 + EDGES * RECORDS;
const LOOK_MS = 100;
/** 1 when all have got the same, 1/n when one has got everything. */
const FAIRNESS_MIN = 0.9;

const names = Array.from({ length: EDGES }, (_, index) => `returning-${index + 1}`);
let hub: LoadHub;
let fleets: readonly FleetChild[] = [];

beforeAll(async () => {
  hub = await LoadHub.start(names);
});
afterAll(async () => {
  await Promise.all(fleets.map((fleet) => fleet.stop()));
  await hub?.stop();
});

/** Jain's index. */
function fairness(shares: readonly number[]): number {
  const sum = shares.reduce((total, each) => total + each, 0);
  const squares = shares.reduce((total, each) => total + each * each, 0);
  return squares === 0 ? 0 : (sum * sum) / (shares.length * squares);
}

/** The most memory that ingest holds for as long as `running`, bytes. */
async function watch(running: AbortSignal): Promise<number> {
  const ingest = hub.process.pid("ingest");
  let rss = 0;
  while (!running.aborted) {
    rss = Math.max(rss, residentBytes(ingest));
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return rss;
}

/**
 * Samples that each edge had in the journal when half of all that returns was there. The journal keeps the order in
 * which ingest gave each its turn; who looks at a running hub sees how far its readers are instead.
 */
async function sharesAtHalf(total: number): Promise<readonly number[]> {
  const shares = new Map(names.map((node) => [node, 0]));
  let sum = 0;
  for await (const { address, kind, samples } of hub.entries()) {
    if (kind !== "DDATA" || address === undefined) continue;
    shares.set(address.node, (shares.get(address.node) ?? 0) + samples.length);
    sum += samples.length;
    if (sum >= total / 2) break;
  }
  return [...shares.values()];
}

test(`${EDGES} edges return at once: all get their share, none waits with what is new, and nothing is lost`, {
  timeout: 3 * DRAIN_MS_MAX,
}, async () => {
  // The second source is the live one.
  const size = { sources: 2, ports: PORTS, since: Date.now() - HOUR_MS, step_ms: 1_000 };
  const edges = names.map((node) => hub.edge(node, size));
  fleets = Array.from(
    { length: PROCESSES },
    (_, process) =>
      new FleetChild(
        edges.filter((__, index) => index % PROCESSES === process),
        PLAN,
      ),
  );
  await Promise.all(fleets.map((fleet) => fleet.reported(DRAIN_MS_MAX)));
  const ended = new AbortController();
  const watching = watch(ended.signal);
  for (const fleet of fleets) fleet.go();
  const reports = (await Promise.all(fleets.map((fleet) => fleet.drained(DRAIN_MS_MAX)))).flat();
  ended.abort();
  const rss = await watching;

  const whole = RECORDS * PORTS;
  const contested = await sharesAtHalf(EDGES * whole);
  const speeds = reports.map(({ drained_ms }) => 1 / drained_ms);
  const slowest = (of: (report: ReturnReport) => number) => Math.round(Math.max(...reports.map(of)));
  const again = reports.reduce((sum, { overdue }) => sum + overdue, 0);
  console.log(
    `Jain's index of their speeds ${fairness(speeds).toFixed(3)}, of their shares at half the way ` +
      `${fairness(contested).toFixed(3)} (${Math.min(...contested)} to ${Math.max(...contested)} of ${whole} samples); ` +
      `drained after ${seconds(reports.map(({ drained_ms }) => drained_ms))}; a new refusal acknowledged after ` +
      `${slowest(({ refusal_ms }) => refusal_ms)} ms at most, a live record after ${slowest(({ liveMax_ms }) => liveMax_ms)} ms; ` +
      `${again} records sent again; ingest held ${Math.round(rss / 1e6)} MB at most`,
  );
  expect(fairness(speeds)).toBeGreaterThan(FAIRNESS_MIN);
  expect(fairness(contested)).toBeGreaterThan(FAIRNESS_MIN);
  expect(rss).toBeLessThan(INGEST_RSS_BYTES_MAX);
  // What is new is acknowledged while the edge's own backlog still waits: each overtook it.
  const overtaken = reports.filter(({ drained_ms, refusal_ms }) => refusal_ms >= drained_ms);
  expect(overtaken).toEqual([]);
  const received = (live: number) => ({ lost: 0, received: whole + live * PORTS + PLAN.refusals + 1 });
  const wanted = new Map(reports.map(({ live, node }) => [node, received(live)]));
  await eventually("the registry has read on", async () => {
    const seen = await hub.nodes();
    return seen.every(({ node, samples }) => samples.received === wanted.get(node)?.received) || undefined;
  }).catch(() => undefined);
  const seen = (await hub.nodes()).map(({ node, samples: { lost, received } }) => [node, { lost, received }]);
  expect(new Map(seen as [string, { lost: number; received: number }][])).toEqual(wanted);
  for (const options of edges.slice(0, 3)) await expectWhole(options, reports);
});

async function expectWhole(options: LoadEdgeOptions, reports: readonly { node: string; live: number }[]) {
  const live = reports.find(({ node }) => node === options.node)?.live ?? 0;
  const { alarms, journal } = await hub.account(
    { ...options, sources: 1 },
    { ...PLAN, refusals: PLAN.refusals + 1 },
  );
  expect(alarms).toEqual({ raised: PLAN.refusals + 1, wrong: [] });
  expect(journal).toEqual({ samples: (RECORDS + live) * PORTS, refusals: PLAN.refusals + 1, wrong: [] });
}

function seconds(all: readonly number[]): string {
  const [first, last] = [Math.min(...all), Math.max(...all)].map((each) => (each / 1_000).toFixed(1));
  return `${first} to ${last} s`;
}

function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
}
