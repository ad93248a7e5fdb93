import { PROFILES } from "@campus-ops/device-profiles/profiles";
import type { SnmpProfile } from "@campus-ops/device-profiles/profiles/snmp-profile";
import { genericManaged } from "@campus-ops/device-profiles/profiles/switch/generic-managed";
import {
  type SnmpSimulatedDevice,
  startSnmpSimulator,
} from "@campus-ops/device-profiles/simulator/snmp/simulator";
import type { Reading, Sample } from "@campus-ops/device-profiles/vocabulary";
import { afterEach, describe, expect, test } from "vitest";
import type { DeviceSession } from "./driver.ts";
import { SNMP_LIMITS } from "./snmp/link.ts";
import { createSnmpDriver, TOPOLOGY_INTERVAL_ms } from "./snmp.ts";

const never = new AbortController().signal;
const driver = createSnmpDriver({ ...SNMP_LIMITS, timeout_ms: 200, retries: 2 });
let now = Date.UTC(2026, 8, 1, 8);

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function start(profile: SnmpProfile): Promise<[SnmpSimulatedDevice, DeviceSession]> {
  const device = await startSnmpSimulator(profile, { now: () => now });
  cleanups.push(() => device.close());
  const environment = { now: () => now, pseudonym: (text: string) => text };
  const session = await driver.open({ url: new URL(device.url) }, profile, environment, never);
  cleanups.push(() => session.close());
  return [device, session];
}

const sample = (reading: Reading | undefined, metric: string): Sample | undefined =>
  reading?.samples.find((each) => each.metric === metric);

test("who hangs from which port", async () => {
  const [device, session] = await start(genericManaged);
  device.setNeighbour(1, { name: "核心交换机", forwards: true });
  device.set("Port/1/Stations", "02:00:00:00:00:01 02:00:00:00:00:02");
  device.set("Port/3/Neighbour", "IPC-门口");
  device.set("Port/3/Stations", "00:1a:2b:3c:4d:5e");
  device.set("Port/4/Stations", Array.from({ length: 40 }, (_, i) => mac(i)).join(" "));
  const reading = await session.poll?.(never);
  const shown = (port: number, what: string) => sample(reading, `Port/${port}/${what}`)?.value;
  expect([shown(1, "Neighbour"), shown(1, "Stations")]).toEqual(["核心交换机", ""]);
  expect([shown(3, "Neighbour"), shown(3, "Stations")]).toEqual(["IPC-门口", "00:1a:2b:3c:4d:5e"]);
  expect([shown(2, "Neighbour"), shown(2, "Stations")]).toEqual(["", ""]);
  expect(shown(4, "Stations")).toBe("");
});

test("the long tables are read once a minute, and at once after a restart", async () => {
  const [device, session] = await start(genericManaged);
  await session.poll?.(never);
  device.set("Port/3/Neighbour", "IPC");
  now += TOPOLOGY_INTERVAL_ms - 1;
  expect(sample(await session.poll?.(never), "Port/3/Neighbour")).toBeUndefined();
  now += 1;
  expect(sample(await session.poll?.(never), "Port/3/Neighbour")?.value).toBe("IPC");
  now += 1_000;
  await device.fault("counter-reset");
  expect(sample(await session.poll?.(never), "Port/3/Neighbour")?.value).toBe("IPC");
});

test("the long tables are read at once where a link changed", async () => {
  const [device, session] = await start(genericManaged);
  await session.poll?.(never);
  device.set("Port/3/Stations", "00:1a:2b:3c:4d:5e");
  expect(sample(await session.poll?.(never), "Port/3/Stations")).toBeUndefined();
  device.set("Port/4/Oper", "down");
  expect(sample(await session.poll?.(never), "Port/3/Stations")?.value).toBe("00:1a:2b:3c:4d:5e");
  expect(sample(await session.poll?.(never), "Port/3/Stations")).toBeUndefined();
});

describe("a device shows its faults", () => {
  test("a counter that began anew comes as it is, together with the uptime", async () => {
    const [device, session] = await start(genericManaged);
    device.set("Port/1/InOctets", 5_000_000);
    device.set("System/Uptime", 86_400);
    await session.poll?.(never);
    await device.fault("counter-reset");
    const reading = await session.poll?.(never);
    expect([sample(reading, "Port/1/InOctets")?.value, sample(reading, "System/Uptime")?.value]).toEqual([
      0, 0,
    ]);
  });

  test("texts that were cut inside a character are marked, and their bytes are kept", async () => {
    const [device, session] = await start(genericManaged);
    await device.fault("mislabelled-text");
    expect(sample(await session.identify?.(never), "System/Name")).toMatchObject({
      value: "bdccd1a7c2",
      quality: { status: "bad", reason: "encoding" },
    });
    await device.fault(null);
    expect(sample(await session.identify?.(never), "System/Name")?.quality).toEqual({ status: "good" });
  });

  test("answers that come after the next request are not taken for the next one's", async () => {
    const [device, session] = await start(genericManaged);
    device.set("Port/2/Speed", 100);
    await device.fault("late-replies");
    const reading = await session.poll?.(never);
    await device.fault(null);
    for (const { metric, value } of reading?.samples ?? []) {
      if (!metric.endsWith("/Cycle")) expect(value, metric).toEqual(device.get(metric));
    }
    expect(sample(reading, "Port/2/Speed")?.value).toBe(100);
  });

  test("one that restarts after every few requests is read all the same", async () => {
    const [device, session] = await start(genericManaged);
    await device.fault("reboot-loop");
    expect(sample(await session.poll?.(never), "Port/2/Oper")?.value).toBe("up");
  });

  test("one that is stuck shows the same, whatever happens", async () => {
    const [device, session] = await start(genericManaged);
    await device.fault("stuck");
    device.set("Port/2/Oper", "down");
    expect(sample(await session.poll?.(never), "Port/2/Oper")?.value).toBe("up");
    await device.fault(null);
    expect(sample(await session.poll?.(never), "Port/2/Oper")?.value).toBe("down");
  });
});

const snmpProfiles = PROFILES.filter((profile): profile is SnmpProfile => profile.protocol === "snmp");

test.each(snmpProfiles)("$id: everything its simulator has arrives with that value", async (profile) => {
  const [device, session] = await start(profile);
  const facts = await session.identify?.(never);
  const reading = await session.poll?.(never);
  const samples = [...(facts?.samples ?? []), ...(reading?.samples ?? [])];
  for (const { metric, value, quality } of samples) {
    if (metric.endsWith("/Cycle")) continue;
    expect(value, metric).toEqual(device.get(metric));
    expect(quality, metric).toEqual({ status: "good" });
  }
  const told = new Set(samples.map(({ metric }) => metric));
  for (const { metric } of [...profile.attributes, ...profile.scalars, ...(profile.figures ?? [])]) {
    expect(told, metric).toContain(metric);
  }
  for (const { capability, metric } of profile.columns) expect(told).toContain(`${capability}/1/${metric}`);
});

const mac = (i: number): string => `02:00:00:00:01:${i.toString(16).padStart(2, "0")}`;
