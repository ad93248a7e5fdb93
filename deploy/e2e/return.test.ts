/** After a long time away: everything comes, and what matters comes first. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { AlarmFeed } from "../testing/api-client.ts";
import { eventually } from "../testing/awaiting.ts";
import { GATE, LoadEdge } from "../testing/load/load-edge.ts";
import { LoadHub } from "../testing/load/load-hub.ts";
import { carryOut } from "../testing/load/load-plan.ts";

const HOUR_MS = 3_600_000;
/** 72 hours of 20 sources, one record each quarter of an hour, unless more is asked for. */
const OFFLINE_RECORDS = Number(process.env.CAMPUS_OPS_OFFLINE_RECORDS ?? 20_000);
const AWAY = "long-away";
const PORTS = 5;
const SOURCES = 20;
/** The backlog drains at 2,000 records a second, on a machine with other work at half of that. */
const DRAIN_MS_MAX = 120_000 + OFFLINE_RECORDS;
const TIMEOUT = { timeout: 2 * DRAIN_MS_MAX };

let hub: LoadHub;
beforeAll(async () => {
  hub = await LoadHub.start([AWAY]);
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
