/**
 * The edge in a network of its own; the cable between it and the hub is pulled until the hub has noticed.
 * `CAMPUS_OPS_CUTS` says how often; once unless it does.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../testing/awaiting.ts";
import { LoadChild } from "../testing/load/load-child.ts";
import { LoadHub } from "../testing/load/load-hub.ts";
import type { LoadPlan } from "../testing/load/load-plan.ts";
import { NetworkNamespace } from "../testing/network-namespace.ts";

const PORTS = 10;
const RECORDS_PER_S = 100;
const CUTS = Number(process.env.CAMPUS_OPS_CUTS ?? 1);
const SECONDS = 20 * CUTS;
const RECOVERY_MS_MAX = 120_000;

const plan: LoadPlan = {
  sources: 5,
  numbers: (SECONDS * RECORDS_PER_S) / 5,
  refusals: SECONDS * 5,
  recordsPerS: RECORDS_PER_S,
  refusalsPerS: 5,
};

let network: NetworkNamespace;
let hub: LoadHub;

beforeAll(async () => {
  network = new NetworkNamespace();
  hub = await LoadHub.start(["box-1"], { host: network.outside });
});
afterAll(async () => {
  await hub?.stop();
  network?.remove();
});

test("a cable pulled for a while: the box is seen to be away, and everything it counted comes once", {
  timeout: RECOVERY_MS_MAX * (CUTS + 1),
}, async () => {
  const size = { sources: plan.sources, ports: PORTS, since: Date.now(), step_ms: 5_000 / RECORDS_PER_S };
  const options = hub.edge("box-1", size);
  const edge = new LoadChild(options, plan, network.enter);
  const online = (expected: boolean) =>
    eventually(expected ? "the box is there" : "the box is away", async () =>
      (await hub.node("box-1"))?.online === expected ? true : undefined,
    );
  try {
    await online(true);
    for (let cut = 0; cut < CUTS; cut += 1) {
      network.cut();
      await online(false);
      network.heal();
      await online(true);
    }
    await edge.drained(RECOVERY_MS_MAX);
    const samples = plan.numbers * plan.sources * PORTS;
    expect(await hub.account(options, plan)).toEqual({
      journal: { samples, refusals: plan.refusals, wrong: [] },
      store: { points: samples },
      alarms: { raised: plan.refusals, wrong: [] },
    });
  } finally {
    await edge.stop();
  }
});
