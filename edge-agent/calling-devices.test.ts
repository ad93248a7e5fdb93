/** Devices that call in, through the whole agent: what they are told when, and how long they wait for us. */

import { connect } from "node:net";
import { findProfile, type Profile } from "@campus-ops/device-profiles/profiles";
import { startSimulator } from "@campus-ops/device-profiles/simulator";
import { soon } from "@campus-ops/service/testing/soon";
import { afterEach, describe, expect, test } from "vitest";
import type { Agent } from "./agent.ts";
import { callsTurnedAway, openSession } from "./drivers/registry.ts";
import { startAedes } from "./testing/brokers.ts";
import {
  CAMPUS,
  clock,
  configuration,
  device,
  NODE,
  startAgent,
  temporaryFolder,
} from "./testing/test-agent.ts";
import { TestHost } from "./testing/test-host.ts";

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

function profile(id: string): Profile {
  const found = findProfile(id);
  if (found === undefined) throw new Error(`no profile ${id}`);
  return found;
}

const BUS = "bus-terminal/generic-jt808-2019";
const FIRE = "fire-host/generic-gbt26875";

async function start(id: string) {
  const broker = await startAedes();
  cleanups.push(() => broker.stop());
  const host = await TestHost.start({ url: broker.url, campus: CAMPUS, node: NODE });
  cleanups.push(() => host.stop());
  const simulated = await startSimulator(profile(id));
  cleanups.push(() => simulated.close());
  const folder = temporaryFolder();
  cleanups.push(() => folder.remove());
  const settings = configuration(broker.url, [device("caller", id, simulated.url, 10)]);
  const run = (other: Parameters<typeof startAgent>[3] = {}): Agent =>
    startAgent(settings, folder.path, clock, other);
  const arrived = (metric: string, value: unknown) =>
    host.arrivals.some(({ samples }) =>
      samples.some((each) => each.metric === metric && each.value === value),
    );
  const happened = (event: string) =>
    host.arrivals.flatMap(({ events }) => events).filter((each) => each.event === event);
  return { simulated, run, arrived, happened };
}

describe("a device that calls in", () => {
  test("ends the back-off of an agent that had given it up: its SOS does not wait", async () => {
    const { arrived, run, simulated } = await start(BUS);
    await simulated.fault("down");
    /** Back-off at its longest: a test that waits for it does not end. */
    const patient = { random: () => 240 };
    const target = { url: new URL(simulated.url) };
    const agent = run({
      ...patient,
      openDevice: (_device, _cursor, signal, onCall) => {
        const environment = { now: Date.now, pseudonym: (text: string) => text, onCall };
        // Nobody waits for ten seconds here for a bus that does not call.
        return openSession(
          target,
          profile(BUS),
          environment,
          AbortSignal.any([signal, AbortSignal.timeout(50)]),
        );
      },
    });
    cleanups.push(() => agent.stop());
    const failures = (): number => [...agent.devices()].reduce((sum, { model }) => sum + model.failures, 0);
    await soon(() => expect(failures()).toBe(1));
    simulated.set("Bus/SOS", true);
    await simulated.fault(null);
    await soon(() => expect(arrived("Bus/SOS", true)).toBe(true));
  });

  test("and that nobody has configured, or cannot prove who it is, is told of by its box", async () => {
    const { arrived, run, simulated } = await start(BUS);
    const agent = run({ callsTurnedAway: () => ({ unknown: 3, refused: 2 }) });
    cleanups.push(() => agent.stop());
    await soon(() => expect(arrived("Edge/UnknownCallers", 3)).toBe(true));
    expect(arrived("Edge/RefusedCalls", 2)).toBe(true);
    const before = callsTurnedAway();
    const port = Number(new URL(simulated.url).port);
    connect(port, "127.0.0.1")
      .on("error", () => undefined)
      .end("GET / HTTP/1.1\r\n\r\n");
    await soon(() => expect(callsTurnedAway().unknown).toBeGreaterThan(before.unknown));
  });

  test("told while no agent ran is told to the next one, once", async () => {
    const { happened, run, simulated } = await start(FIRE);
    simulated.raise("Fire/Component", {
      system: 1,
      type: "感烟火灾探测器",
      address: "7",
      state: "fire",
      text: "三层",
    });
    const first = run();
    await soon(() => expect(happened("Fire/Component")).toHaveLength(1));
    await first.stop();
    const second = run();
    cleanups.push(() => second.stop());
    simulated.raise("Fire/Component", {
      system: 1,
      type: "感烟火灾探测器",
      address: "8",
      state: "fire",
      text: "三层",
    });
    await soon(() => expect(happened("Fire/Component")).toHaveLength(2));
    expect(new Set(happened("Fire/Component").map(({ fields }) => fields.address)).size).toBe(2);
  });
});
