import type { SnmpProfile } from "@campus-ops/device-profiles/profiles/snmp-profile";
import { genericManaged } from "@campus-ops/device-profiles/profiles/switch/generic-managed";
import { genericPoe } from "@campus-ops/device-profiles/profiles/switch/generic-poe";
import { huaweiVrp } from "@campus-ops/device-profiles/profiles/switch/huawei-vrp";
import {
  type SnmpSimulatedDevice,
  startSnmpSimulator,
} from "@campus-ops/device-profiles/simulator/snmp/simulator";
import type { Reading, SampleValue } from "@campus-ops/device-profiles/vocabulary";
import { afterEach, expect, test } from "vitest";
import type { DeviceSession } from "./driver.ts";
import { OFF_ms } from "./snmp/power-cycle.ts";
import { snmpDriver } from "./snmp.ts";

const never = new AbortController().signal;
let now = Date.UTC(2026, 8, 1, 8);

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function start(profile: SnmpProfile): Promise<SnmpSimulatedDevice> {
  const device = await startSnmpSimulator(profile);
  cleanups.push(() => device.close());
  return device;
}

async function open(
  device: SnmpSimulatedDevice,
  profile: SnmpProfile,
  cursor?: string,
): Promise<DeviceSession> {
  const environment = {
    now: () => now,
    pseudonym: (text: string) => text,
    ...(cursor === undefined ? {} : { cursor }),
  };
  const session = await snmpDriver.open({ url: new URL(device.url) }, profile, environment, never);
  cleanups.push(() => session.close());
  return session;
}

const held = (reading: Reading | undefined, metric: string): SampleValue | undefined =>
  reading?.samples.find((sample) => sample.metric === metric)?.value;

test.each([genericPoe, huaweiVrp])(
  "$id: one command cuts the power of a port and gives it back",
  async (profile) => {
    const device = await start(profile);
    const session = await open(device, profile);
    await session.poll?.(never);
    await session.write?.("PoE/3/Cycle", "cycling", never);

    const journalled = await session.poll?.(never);
    expect([held(journalled, "PoE/3/Cycle"), held(journalled, "PoE/3/Enabled")]).toEqual(["cycling", true]);
    expect(journalled?.cursor).toBe(`[[3,${now},false]]`);

    const off = await session.poll?.(never);
    expect([held(off, "PoE/3/Enabled"), held(off, "Port/3/Oper")]).toEqual([false, "down"]);

    now += OFF_ms;
    const on = await session.poll?.(never);
    expect([held(on, "PoE/3/Enabled"), held(on, "PoE/3/Cycle")]).toEqual([true, "returned"]);
  },
);

test("a session that ends while the power is off gives it back", async () => {
  const device = await start(genericPoe);
  const session = await open(device, genericPoe);
  await session.poll?.(never);
  await session.write?.("PoE/3/Cycle", "cycling", never);
  await session.poll?.(never);
  await session.poll?.(never);
  expect(device.get("PoE/3/Enabled")).toBe(false);
  await session.close();
  expect(device.get("PoE/3/Enabled")).toBe(true);
});

test("a box that died while the power was off gives it back when it starts again", async () => {
  const device = await start(genericPoe);
  device.set("PoE/3/Enabled", false);
  const session = await open(device, genericPoe, `[[3,${now},false]]`);
  await session.poll?.(never);
  expect(device.get("PoE/3/Enabled")).toBe(true);
});

test("the power of a port behind which a switch was seen is neither cut nor cycled; that of an access point is", async () => {
  const device = await start(genericManaged);
  device.setNeighbour(2, { name: "core", forwards: true });
  device.setNeighbour(3, { name: "AP-301", forwards: false });
  const session = await open(device, genericManaged);
  await session.poll?.(never);
  for (const [metric, value] of [
    ["PoE/2/Enabled", false],
    ["PoE/2/Cycle", "cycling"],
    ["Port/2/Admin", false],
    ["PoE/3/Cycle", "returned"],
  ] as const) {
    await expect(session.write?.(metric, value, never)).rejects.toMatchObject({ kind: "unsupported" });
  }
  await session.write?.("PoE/3/Cycle", "cycling", never);
  await expect(session.write?.("PoE/3/Cycle", "cycling", never)).rejects.toMatchObject({
    kind: "device-exception",
    retry: false,
  });
  expect(device.get("PoE/2/Enabled")).toBe(true);
});

test("a switch that acknowledges and does nothing is found out by reading back", async () => {
  const device = await start(genericPoe);
  const session = await open(device, genericPoe);
  await device.fault("not-done");
  await session.write?.("PoE/3/Enabled", false, never);
  expect(held(await session.poll?.(never), "PoE/3/Enabled")).toBe(true);
});
