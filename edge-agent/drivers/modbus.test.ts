import { genericGateController } from "@campus-ops/device-profiles/profiles/access-gate/generic-modbus-controller";
import { genericRoomMonitor } from "@campus-ops/device-profiles/profiles/environment-sensor/generic-room-monitor";
import { aerasgardRftm } from "@campus-ops/device-profiles/profiles/environment-sensor/s-s-regeltechnik-aerasgard-rftm";
import type { ModbusProfile } from "@campus-ops/device-profiles/profiles/modbus-profile";
import { genericPanicButton } from "@campus-ops/device-profiles/profiles/panic-button/generic-supervised-input";
import { genericTemperatureScanner } from "@campus-ops/device-profiles/profiles/temperature-scanner/generic-modbus-tcp";
import {
  type SimulatedModbusDevice,
  startModbusSimulator,
} from "@campus-ops/device-profiles/simulator/modbus/simulator";
import type { MetricName, Reading, SampleValue } from "@campus-ops/device-profiles/vocabulary";
import { afterEach, describe, expect, test } from "vitest";
import type { DeviceSession, DriverEnvironment } from "./driver.ts";
import { modbusDriver } from "./modbus.ts";

const environment: DriverEnvironment = {
  now: Date.now,
  pseudonym: (text) => `hidden-${text.length}-${text.slice(-4)}`,
};
const patience = () => AbortSignal.timeout(5_000);

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function start(profile: ModbusProfile, now?: () => number): Promise<SimulatedModbusDevice> {
  const device = await startModbusSimulator(profile, now === undefined ? {} : { now });
  cleanups.push(() => device.close());
  return device;
}

async function open(
  device: { readonly url: string },
  profile: ModbusProfile,
  cursor?: string,
): Promise<Required<Pick<DeviceSession, "poll" | "write" | "identify" | "close">>> {
  const target = { url: new URL(device.url) };
  const own = cursor === undefined ? environment : { ...environment, cursor };
  const session = await modbusDriver.open(target, profile, own, patience());
  cleanups.push(() => session.close());
  const { poll, write, identify } = session;
  if (poll === undefined || write === undefined || identify === undefined)
    throw new Error("incomplete session");
  return {
    poll: poll.bind(session),
    write: write.bind(session),
    identify: identify.bind(session),
    close: session.close.bind(session),
  };
}

const shown = (reading: Reading, metric: MetricName): SampleValue | undefined =>
  reading.samples.find((sample) => sample.metric === metric)?.value;

const WORLD: readonly [ModbusProfile, Readonly<Record<MetricName, SampleValue>>][] = [
  [genericTemperatureScanner, { "Temperature/Ambient": -3.4, "Temperature/Fault": "warning" }],
  [genericGateController, { "Door/Open": true, "Door/ExitRequest": true, "Door/Tamper": true }],
  [genericPanicButton, { "Panic/Pressed": true, "Panic/LineFault": false }],
  [
    genericRoomMonitor,
    {
      "Environment/Temperature": 31.2,
      "Environment/Humidity": 71.5,
      "Environment/CO2": 1850,
      "Environment/PM25": 75.3,
      "Environment/Smoke": true,
      "Environment/Leak": true,
    },
  ],
  [aerasgardRftm, { "Environment/CO2": 900, "Environment/Temperature": 19.9 }],
];

describe.each(WORLD)("$id", (profile, world) => {
  test("what the device holds is what a poll brings", async () => {
    const device = await start(profile);
    const session = await open(device, profile);
    for (const [metric, value] of Object.entries(world)) device.set(metric, value);
    const reading = await session.poll(patience());
    for (const [metric, value] of Object.entries(world)) expect(shown(reading, metric), metric).toBe(value);
    const asked = Object.keys(profile.points);
    expect(reading.samples.map(({ metric }) => metric)).toEqual(expect.arrayContaining(asked));
  });

  test("it says who it is", async () => {
    const session = await open(await start(profile), profile);
    const { samples } = await session.identify(patience());
    expect(Object.fromEntries(samples.map(({ metric, value }) => [metric, value]))).toEqual(
      Object.fromEntries(Object.keys(profile.identity).map((metric) => [metric, profile.atRest[metric]])),
    );
  });

  test("broken in each way it says so, and it is back once it is mended", async () => {
    const device = await start(profile);
    const before = await open(device, profile);
    await device.fault("down");
    await expect(before.poll(patience())).rejects.toMatchObject({ kind: "unreachable", retry: true });
    await expect(open(device, profile)).rejects.toMatchObject({ kind: "unreachable", retry: true });
    await device.fault("hang");
    const hanging = await open(device, profile);
    await expect(hanging.poll(AbortSignal.timeout(50))).rejects.toMatchObject({
      kind: "timeout",
      retry: true,
    });
    await device.fault("garbage");
    const babbling = await open(device, profile);
    await expect(babbling.poll(patience())).rejects.toMatchObject({ kind: "garbage", retry: true });
    await device.fault(null);
    const mended = await open(device, profile);
    expect((await mended.poll(patience())).samples.length).toBeGreaterThan(0);
  });
});
