/**
 * Six edges on six bad networks load one hub: what they counted is in journal, store and alarm history once, when the
 * network is well again. `CAMPUS_OPS_FAULT_SECONDS` says how long it is bad.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../testing/awaiting.ts";
import { FAULTS, FaultProxy } from "../testing/fault-proxy.ts";
import { LoadEdge } from "../testing/load/load-edge.ts";
import { LoadHub } from "../testing/load/load-hub.ts";
import { carryOut, type LoadPlan } from "../testing/load/load-plan.ts";
import { random, seedOf } from "../testing/random.ts";

const SECONDS = Number(process.env.CAMPUS_OPS_FAULT_SECONDS ?? 8);
const PORTS = 5;
const RECORDS_PER_S = 60;
/** A connection that was swallowed into is noticed by keep-alive, 22 s, and tried again after half a minute at most. */
const RECOVERY_MS_MAX = 120_000;

const plan: LoadPlan = {
  sources: 3,
  // A little longer than the fault, so that some come before it and some after.
  numbers: ((SECONDS + 4) * RECORDS_PER_S) / 3,
  refusals: SECONDS * 4,
  recordsPerS: RECORDS_PER_S,
  refusalsPerS: 4,
};
const seed = seedOf(process.env.CAMPUS_OPS_SEED);

let hub: LoadHub;

beforeAll(async () => {
  hub = await LoadHub.start([...FAULTS]);
  console.log(`CAMPUS_OPS_SEED=${seed}`);
});
afterAll(async () => {
  await hub?.stop();
});

test.concurrent.each(FAULTS)(
  "%s between agent and broker: nothing lost, nothing doubled",
  {
    timeout: SECONDS * 2_000 + RECOVERY_MS_MAX + 60_000,
  },
  async (fault) => {
    const proxy = await FaultProxy.start(hub.process.mqttPort, random(seed));
    const size = { sources: plan.sources, ports: PORTS, since: Date.now(), step_ms: 3_000 / RECORDS_PER_S };
    const options = hub.edge(fault, size, proxy.url);
    const edge = new LoadEdge(options);
    try {
      edge.connect();
      const said = carryOut(edge, plan);
      await eventually(
        "the first acknowledgement",
        async () => edge.sender.stats().acknowledged > 0 || undefined,
      );
      proxy.inject(fault);
      await new Promise((resolve) => setTimeout(resolve, SECONDS * 1_000));
      expect(proxy.harmed).toBeGreaterThan(0);
      proxy.heal();
      await said;
      await eventually("an empty outbox", async () => edge.isEmpty || undefined, RECOVERY_MS_MAX);
      const samples = plan.numbers * plan.sources * PORTS;
      expect(await hub.account(options, plan)).toEqual({
        journal: { samples, refusals: plan.refusals, wrong: [] },
        store: { points: samples },
        alarms: { raised: plan.refusals, wrong: [] },
      });
    } finally {
      await edge.stop();
      await proxy.stop();
    }
  },
);
