/** The faults that real devices show, each through the driver, over Modbus TCP and over RTU behind a serial server. */
import { genericGateController } from "@campus-ops/device-profiles/profiles/access-gate/generic-modbus-controller";
import { waveshareModbusRtuRelay } from "@campus-ops/device-profiles/profiles/actuator/waveshare-modbus-rtu-relay";
import { genericRoomMonitor } from "@campus-ops/device-profiles/profiles/environment-sensor/generic-room-monitor";
import { carloGavazziEm24 } from "@campus-ops/device-profiles/profiles/meter/carlo-gavazzi-em24";
import { eastronSdm630 } from "@campus-ops/device-profiles/profiles/meter/eastron-sdm630";
import { suggestOrders } from "@campus-ops/device-profiles/profiles/modbus-orders";
import type { ModbusProfile } from "@campus-ops/device-profiles/profiles/modbus-profile";
import type { SimulatedFault } from "@campus-ops/device-profiles/simulator";
import {
  type SimulatedModbusDevice,
  startModbusSimulator,
} from "@campus-ops/device-profiles/simulator/modbus/simulator";
import type { MetricName, Reading, Sample } from "@campus-ops/device-profiles/vocabulary";
import { afterEach, describe, expect, test } from "vitest";
import { carryOut } from "../supervisor/carry-out.ts";
import { clock } from "../testing/test-agent.ts";
import type { DeviceSession } from "./driver.ts";
import { modbusDriver } from "./modbus.ts";

const patience = () => AbortSignal.timeout(5_000);
/** For a device that is known not to answer. */
const SOON = "&timeout=40";
const HOURS_MS = 3_600_000;

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

type Transport = "tcp" | "rtu-over-tcp";
type Open = Required<Pick<DeviceSession, "poll" | "write" | "close">> & DeviceSession;

async function open(url: string, profile: ModbusProfile, cursor?: string): Promise<Open> {
  const environment = { now: Date.now, pseudonym: (text: string) => text };
  const own = cursor === undefined ? environment : { ...environment, cursor };
  const session = await modbusDriver.open({ url: new URL(url) }, profile, own, patience());
  cleanups.push(() => session.close());
  return session as Open;
}

const sampleOf = (reading: Reading, metric: MetricName): Sample | undefined =>
  reading.samples.find((sample) => sample.metric === metric);
const shown = (reading: Reading, metric: MetricName) => sampleOf(reading, metric)?.value;

describe.each<Transport>(["tcp", "rtu-over-tcp"])("over %s", (transport) => {
  async function start(profile: ModbusProfile): Promise<SimulatedModbusDevice> {
    const device = await startModbusSimulator(profile, { transport });
    cleanups.push(() => device.close());
    return device;
  }

  async function broken(profile: ModbusProfile, fault: SimulatedFault) {
    const device = await start(profile);
    await device.fault(fault);
    return { device, session: await open(device.url, profile) };
  }

  test.each<[SimulatedFault, number]>([
    ["clock-1970", 0],
    ["clock-ahead", 8 * HOURS_MS],
  ])("%s: an event has the time it happened, and the clock's offset is told", async (fault, ahead) => {
    const { device, session } = await broken(genericGateController, fault);
    await session.poll(patience());
    const before = Date.now();
    device.raise("Access/Swipe", { credential: "04a1" });
    const reading = await session.poll(patience());
    expect(reading.events).toHaveLength(1);
    expect(reading.events[0]?.eventTime).toBeGreaterThanOrEqual(before - 1_000);
    expect(reading.events[0]?.eventTime).toBeLessThanOrEqual(Date.now());
    const offset = Number(shown(reading, "Connectivity/ClockOffset"));
    expect(offset).toBeCloseTo(fault === "clock-1970" ? -Date.now() / 1000 : ahead / 1000, -1);
  });

  test("replay: a session after a lost one tells no event again, and one without memory tells it under its old id", async () => {
    const device = await start(genericGateController);
    device.raise("Access/Swipe", { credential: "04a1" });
    const first = await (await open(device.url, genericGateController)).poll(patience());
    const resumed = await (await open(device.url, genericGateController, first.cursor)).poll(patience());
    const forgetful = await (await open(device.url, genericGateController)).poll(patience());
    expect(resumed.events).toEqual([]);
    expect(forgetful.events.map(({ id }) => id)).toEqual(first.events.map(({ id }) => id));
  });

  test("counter-reset: the log begins anew, and no event takes the id of another", async () => {
    const device = await start(genericGateController);
    const session = await open(device.url, genericGateController);
    for (const credential of ["01", "02"]) device.raise("Access/Swipe", { credential });
    const before = await session.poll(patience());
    await device.fault("counter-reset");
    device.raise("Access/Swipe", { credential: "03" });
    const after = await session.poll(patience());
    expect(after.events.map(({ fields }) => fields.credential)).toEqual(["03"]);
    expect(new Set([...before.events, ...after.events].map(({ id }) => id)).size).toBe(3);
    expect(sampleOf(after, "Connectivity/LostRecords")).toMatchObject({ quality: { reason: "log-reset" } });
  });

  test("sentinel: “no reading” is bad and without a value, for each sensor of its kind", async () => {
    for (const profile of [genericRoomMonitor, carloGavazziEm24, eastronSdm630]) {
      const { session } = await broken(profile, "sentinel");
      const reading = await session.poll(patience());
      const numbers = reading.samples.filter(({ value }) => typeof value !== "boolean");
      expect(numbers.length).toBeGreaterThan(3);
      for (const sample of numbers) {
        expect(sample).toMatchObject({ value: null, quality: { status: "bad", reason: "sentinel" } });
      }
    }
  });

  test("half-open: the silence is a time-out, and a new session reaches the device", async () => {
    const device = await start(genericRoomMonitor);
    const session = await open(`${device.url}&timeout=200`, genericRoomMonitor);
    await session.poll(patience());
    await device.fault("half-open");
    await expect(session.poll(patience())).rejects.toMatchObject({ kind: "timeout", retry: true });
    await session.close();
    const next = await open(device.url, genericRoomMonitor);
    expect((await next.poll(patience())).samples.length).toBeGreaterThan(0);
  });

  test("late-replies: an answer to an earlier question is never told as a value of a later one", async () => {
    const device = await start(genericGateController);
    device.set("Door/Open", true);
    await device.fault("late-replies");
    const session = await open(`${device.url}${SOON}`, genericGateController);
    for (let poll = 0; poll < 3; poll += 1) {
      const outcome = await session.poll(patience()).catch((error: unknown) => error);
      if (outcome instanceof Error) expect(outcome).toMatchObject({ retry: true });
      else expect(shown(outcome as Reading, "Door/Open")).toBe(true);
    }
  });

  test("fragmented: an answer in pieces is an answer", async () => {
    const { device, session } = await broken(eastronSdm630, "fragmented");
    device.set("Meter/Power", 7.5);
    // Noise between frames is a fault of lines; nothing can find the next frame of Modbus TCP by.
    expect(shown(await session.poll(patience()), "Meter/Power")).toBe(7.5);
  });

  test("reboot-loop: each restart is a lost device, and between them it is read", async () => {
    const { device, session } = await broken(genericRoomMonitor, "reboot-loop");
    let current = session;
    const outcomes: string[] = [];
    for (let poll = 0; poll < 6; poll += 1) {
      const outcome = await current.poll(patience()).catch((error: unknown) => error);
      outcomes.push(outcome instanceof Error ? "lost" : "read");
      if (!(outcome instanceof Error)) continue;
      expect(outcome).toMatchObject({ kind: "unreachable", retry: true });
      await current.close();
      current = await open(device.url, genericRoomMonitor);
    }
    expect(new Set(outcomes)).toEqual(new Set(["lost", "read"]));
  });

  test("not-done: what was acknowledged and not done is no success", async () => {
    const { device, session } = await broken(waveshareModbusRtuRelay, "not-done");
    const giveUp = new AbortController();
    const readBack = async () => {
      const value = shown(await session.poll(patience()), "Relay/1/Closed");
      giveUp.abort();
      return value ?? null;
    };
    const work = { session, metric: "Relay/1/Closed", value: true, readBack, clock };
    expect(await carryOut(work, giveUp.signal)).toMatchObject({ state: "unknown" });
    expect(device.get("Relay/1/Closed")).toBe(false);
  });

  test("stuck: the device is read as well as ever, and shows what it showed", async () => {
    const { device, session } = await broken(genericRoomMonitor, "stuck");
    device.set("Environment/CO2", 2_000);
    expect(shown(await session.poll(patience()), "Environment/CO2")).toBe(620);
  });

  test("word-swapped: values are bad, and the right order is suggested", async () => {
    const { session } = await broken(eastronSdm630, "word-swapped");
    const reading = await session.poll(patience());
    const volts = sampleOf(reading, "Phase/1/Voltage");
    expect(volts?.value).not.toBe(230.5);
    const registers = [0x8000, 0x4366];
    expect(suggestOrders({ registers, layout: "float32", plausible: [100, 300] })).toEqual([
      { order: "CDAB", value: 230.5 },
    ]);
  });
});
