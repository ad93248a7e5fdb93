/**
 * `kill -9` of every part of the road, at random instants, while 5,000 samples a second come in: what the source counted
 * is in the journal, in the store and in the alarm history, once.
 *
 * `CAMPUS_OPS_KILL_SECONDS` says for how long; some seconds unless it does.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { LoadChild } from "../testing/load/load-child.ts";
import type { LoadEdgeOptions } from "../testing/load/load-edge.ts";
import { LoadHub } from "../testing/load/load-hub.ts";
import type { LoadPlan } from "../testing/load/load-plan.ts";
import { type Random, random, seedOf } from "../testing/random.ts";

const SECONDS = Number(process.env.CAMPUS_OPS_KILL_SECONDS ?? 25);
const PORTS = 20;
const SOURCES = 10;
const RECORDS_PER_S = 250;
/** Before a part is killed it has worked for so long. */
const LIFE_MS = { least: 300, most: 2_500 };
const VICTIMS = ["edge", "broker", "ingest", "rules"] as const;
/** What is left after the last kill drains at the backlog's rate, on a machine with other work. */
const DRAIN_MS_MAX = 60_000 + SECONDS * 2_000;

const plan: LoadPlan = {
  sources: SOURCES,
  numbers: Math.round((SECONDS * RECORDS_PER_S) / SOURCES),
  refusals: Math.min(2_000, SECONDS * 10),
  recordsPerS: RECORDS_PER_S,
  refusalsPerS: 10,
};

let hub: LoadHub;
let edge: LoadEdgeOptions;
let child: LoadChild | undefined;

beforeAll(async () => {
  hub = await LoadHub.start(["box-1"]);
  edge = hub.edge("box-1", {
    sources: SOURCES,
    ports: PORTS,
    since: Date.now(),
    step_ms: (1000 * SOURCES) / RECORDS_PER_S,
  });
});
afterAll(async () => {
  await child?.stop();
  await hub?.stop();
});

test("everything a source counted is in journal, store and alarm history once, whoever was killed", {
  timeout: SECONDS * 1_000 + DRAIN_MS_MAX + 120_000,
}, async () => {
  const seed = seedOf(process.env.CAMPUS_OPS_SEED);
  console.log(`CAMPUS_OPS_SEED=${seed}`);
  const chance = random(seed);
  const until = performance.now() + SECONDS * 1_000;
  child = new LoadChild(edge, plan);
  const kills = new Map<string, number>();
  // Each in turn, so that even the shortest run kills each of them.
  for (let turn = 0; performance.now() < until || kills.size < VICTIMS.length; turn += 1) {
    await lives(chance);
    const victim = VICTIMS[turn % VICTIMS.length] ?? "edge";
    kills.set(victim, (kills.get(victim) ?? 0) + 1);
    if (victim === "edge") {
      await child.kill();
      child = new LoadChild(edge, plan);
    } else {
      await hub.process.killAndAwaitReturn(victim);
    }
  }
  console.log(`killed: ${[...kills].map(([name, times]) => `${name} ${times}`).join(", ")}`);
  await child.drained(DRAIN_MS_MAX);
  const account = await hub.account(edge, plan);
  const samples = plan.numbers * SOURCES * PORTS;
  expect(account).toEqual({
    journal: { samples, refusals: plan.refusals, wrong: [] },
    store: { points: samples },
    alarms: { raised: plan.refusals, wrong: [] },
  });
  const node = await hub.node("box-1");
  expect(node?.samples.lost).toBe(0);
  expect(node?.samples.received).toBe(node?.samples.expected);
  // Kills that no session had noticed would have proven little.
  let births = 0;
  for await (const { kind } of hub.entries()) if (kind === "NBIRTH") births += 1;
  expect(births).toBeGreaterThan(VICTIMS.length);
});

function lives(chance: Random): Promise<void> {
  const { least, most } = LIFE_MS;
  return new Promise((resolve) => setTimeout(resolve, least + chance() * (most - least)));
}
