/** After a long time away: everything comes, what matters comes first, and the hub is not overrun. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { AlarmFeed } from "../testing/api-client.ts";
import { eventually } from "../testing/awaiting.ts";
import { GATE, LoadEdge } from "../testing/load/load-edge.ts";
import { LoadHub } from "../testing/load/load-hub.ts";
import { carryOut, type LoadPlan } from "../testing/load/load-plan.ts";

const HOUR_MS = 3_600_000;
/** 72 hours of 20 sources, one record each quarter of an hour, unless more is asked for. */
const OFFLINE_RECORDS = Number(process.env.CAMPUS_OPS_OFFLINE_RECORDS ?? 20_000);
const EDGES = Number(process.env.CAMPUS_OPS_EDGES ?? 200);
const AWAY = "long-away";
const PORTS = 5;
const SOURCES = 20;
/** Each edge that returns brings so much. */
const RETURNING: LoadPlan = { sources: 1, numbers: 500, refusals: 2, recordsPerS: 1e6, refusalsPerS: 1e6 };
const INGEST_RSS_BYTES_MAX = 600e6;
/** The backlog drains at 2,000 records a second, on a machine with other work at half of that. */
const DRAIN_MS_MAX = 120_000 + OFFLINE_RECORDS;
const TIMEOUT = { timeout: 2 * DRAIN_MS_MAX };

const returning = Array.from({ length: EDGES }, (_, index) => `returning-${index + 1}`);

let hub: LoadHub;
beforeAll(async () => {
  hub = await LoadHub.start([AWAY, ...returning]);
});
afterAll(async () => {
  await hub?.stop();
});

test("72 hours offline drain completely, and a new alarm does not wait for them", TIMEOUT, async () => {
  const numbers = OFFLINE_RECORDS / SOURCES;
  const plan = { sources: SOURCES, numbers, refusals: 20, recordsPerS: 1e6, refusalsPerS: 1e6 };
  const step_ms = (72 * HOUR_MS) / numbers;
  const size = { sources: SOURCES, ports: PORTS, since: Date.now() - 72 * HOUR_MS, step_ms };
  const options = hub.edge(AWAY, size);
  const edge = new LoadEdge(options);
  const feed = await new AlarmFeed(hub.process.url).listening();
  try {
    await carryOut(edge, plan);
    expect(edge.outbox.stats().records).toBe(OFFLINE_RECORDS + plan.refusals);
    edge.connect();
    await eventually(
      "a tenth of the backlog is there",
      async () => edge.outbox.stats().records < OFFLINE_RECORDS * 0.9 || undefined,
    );
    const fresh = String(plan.refusals + 1);
    const refusedAt = performance.now();
    await edge.refuse();
    await feed.alarms.until("the new alarm", ({ instance }) => instance === fresh);
    const passed_ms = Math.round(performance.now() - refusedAt);
    console.log(`the new alarm was on the stream ${passed_ms} ms after it happened, beside the backlog`);
    // It overtook: by far the most of what was there before it is still at the edge.
    expect(edge.outbox.stats().records).toBeGreaterThan(OFFLINE_RECORDS * 0.3);
    await eventually("an empty outbox", async () => edge.isEmpty || undefined, DRAIN_MS_MAX);
    const samples = OFFLINE_RECORDS * PORTS;
    const whole = { ...plan, refusals: edge.count(GATE) };
    expect(await hub.account(options, whole)).toEqual({
      journal: { samples, refusals: whole.refusals, wrong: [] },
      store: { points: samples },
      alarms: { raised: whole.refusals, wrong: [] },
    });
  } finally {
    feed.close();
    await edge.stop();
  }
});

test(
  `${EDGES} edges return at once: each is served, nothing is lost, and ingest stays small`,
  TIMEOUT,
  async () => {
    const size = { sources: 1, ports: PORTS, since: Date.now() - HOUR_MS, step_ms: 1_000 };
    const edges = returning.map((node) => {
      const options = hub.edge(node, size);
      return { options, edge: new LoadEdge(options) };
    });
    const ingest = hub.process.pid("ingest");
    let highest = 0;
    const watching = setInterval(() => {
      highest = Math.max(highest, residentBytes(ingest));
    }, 100);
    try {
      await Promise.all(edges.map(({ edge }) => carryOut(edge, RETURNING)));
      for (const { edge } of edges) edge.connect();
      await eventually(
        "all of it",
        async () => edges.every(({ edge }) => edge.isEmpty) || undefined,
        DRAIN_MS_MAX,
      );
      expect(highest).toBeLessThan(INGEST_RSS_BYTES_MAX);
      console.log(`ingest held ${Math.round(highest / 1e6)} MB at most`);
      for (const { options } of edges.slice(0, 3)) {
        const samples = RETURNING.numbers * PORTS;
        expect(await hub.account(options, RETURNING)).toEqual({
          journal: { samples, refusals: RETURNING.refusals, wrong: [] },
          store: { points: samples },
          alarms: { raised: RETURNING.refusals, wrong: [] },
        });
      }
      for (const node of returning) {
        const seen = await hub.node(node);
        expect(seen?.samples).toMatchObject({
          lost: 0,
          received: RETURNING.numbers * PORTS + RETURNING.refusals,
        });
      }
    } finally {
      clearInterval(watching);
      await Promise.all(edges.map(({ edge }) => edge.stop()));
    }
  },
);

function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
}
