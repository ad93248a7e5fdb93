/** A switch under the agent's own loop: what the driver alone cannot promise, because the agent keeps its cursor. */

import { genericPoe } from "@campus-ops/device-profiles/profiles/switch/generic-poe";
import { startSnmpSimulator } from "@campus-ops/device-profiles/simulator/snmp/simulator";
import { soon } from "@campus-ops/service/testing/soon";
import { afterEach, expect, test } from "vitest";
import { DeviceModel } from "../core/device.ts";
import { DeviceSupervisor } from "../supervisor/supervisor.ts";
import { clock } from "../testing/test-agent.ts";
import { snmpDriver } from "./snmp.ts";

/** The driver's time runs so much faster: a power cycle takes five seconds of it. */
const HASTE = 50;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

interface Kept {
  readonly cursor: string;
  /** Whether the port had its power when the cursor was kept. */
  readonly powered: boolean;
}

async function supervise(began: number, url: string, powered: () => boolean, cursor?: string) {
  const kept: Kept[] = [];
  const model = new DeviceModel(["System/Uptime"], []);
  const now = (): number => began + (Date.now() - began) * HASTE;
  const supervisor = new DeviceSupervisor({
    model,
    pollInterval_ms: 20,
    open: (signal) =>
      snmpDriver.open(
        { url: new URL(url) },
        genericPoe,
        { now, pseudonym: (text) => text, ...(cursor === undefined ? {} : { cursor }) },
        signal,
      ),
    keep: async (_, next) => {
      if (next !== undefined) kept.push({ cursor: next, powered: powered() });
    },
    lose: () => undefined,
    onFailure: () => undefined,
    onReturn: () => undefined,
    clock,
    random: () => 0,
  });
  const stopping = new AbortController();
  const running = supervisor.run(stopping.signal);
  const stop = async (): Promise<void> => {
    stopping.abort();
    await running;
  };
  cleanups.push(stop);
  await soon(() => expect(model.latest("PoE/3/Cycle")?.value).toBeDefined());
  return { kept, model, stop, supervisor };
}

test("a power cycle is confirmed, journalled before the power goes, and ends with the camera's return", async () => {
  const began = Date.now();
  const device = await startSnmpSimulator(genericPoe);
  cleanups.push(() => device.close());
  const powered = (): boolean => device.get("PoE/3/Enabled") === true;
  const { kept, model, supervisor } = await supervise(began, device.url, powered);

  expect(await supervisor.command("PoE/3/Cycle", "cycling")).toEqual({ state: "confirmed", detail: "" });
  await soon(() => expect(model.latest("PoE/3/Cycle")?.value).toBe("returned"));
  expect(powered()).toBe(true);
  expect(kept.map(({ cursor }) => JSON.parse(cursor)[0][2])).toEqual([false, true]);
  expect(kept[0]?.powered).toBe(true);

  const again = await supervisor.command("PoE/3/Cycle", "cycling");
  expect(again.state).toBe("refused");
  expect(again.detail).toContain("half an hour");
});

test("an agent that was killed in the middle gives the power back when it starts again", async () => {
  const began = Date.now();
  const device = await startSnmpSimulator(genericPoe);
  cleanups.push(() => device.close());
  device.set("PoE/3/Enabled", false);
  const cursor = JSON.stringify([[3, began, false]]);
  const { model } = await supervise(began, device.url, () => device.get("PoE/3/Enabled") === true, cursor);
  await soon(() => expect(model.latest("PoE/3/Cycle")?.value).toBe("returned"));
  expect(device.get("PoE/3/Enabled")).toBe(true);
});
