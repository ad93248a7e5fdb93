import { createHmac } from "node:crypto";
import { genericGateController } from "@campus-ops/device-profiles/profiles/access-gate/generic-modbus-controller";
import { genericRoomMonitor } from "@campus-ops/device-profiles/profiles/environment-sensor/generic-room-monitor";
import { aerasgardRftm } from "@campus-ops/device-profiles/profiles/environment-sensor/s-s-regeltechnik-aerasgard-rftm";
import { type ModbusProfile, modbusMetrics } from "@campus-ops/device-profiles/profiles/modbus-profile";
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
  pseudonym: (text) => createHmac("sha256", "a box's own key").update(text).digest("hex").slice(0, 16),
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
    const facts = await session.identify(patience());
    const told = [...facts.samples, ...reading.samples].map(({ metric }) => metric);
    expect(told.toSorted()).toEqual(modbusMetrics(profile).toSorted());
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
    await before.close();
    await expect(open(device, profile)).rejects.toMatchObject({ kind: "unreachable", retry: true });
    await device.fault("hang");
    const hanging = await open(device, profile);
    await expect(hanging.poll(AbortSignal.timeout(50))).rejects.toMatchObject({
      kind: "timeout",
      retry: true,
    });
    await hanging.close();
    await device.fault("garbage");
    const babbling = await open(device, profile);
    await expect(babbling.poll(patience())).rejects.toMatchObject({ kind: "garbage", retry: true });
    await babbling.close();
    await device.fault(null);
    const mended = await open(device, profile);
    expect((await mended.poll(patience())).samples.length).toBeGreaterThan(0);
  });
});

describe("a command", () => {
  const WRITABLE: readonly [ModbusProfile, MetricName][] = [
    [genericGateController, "Door/Unlocked"],
    [genericGateController, "Relay/1/Closed"],
    [genericPanicButton, "Relay/1/Closed"],
  ];

  test.each(WRITABLE)("%o: what is written to %s is what the device does", async (profile, metric) => {
    const device = await start(profile);
    const session = await open(device, profile);
    for (const value of [true, false]) {
      await session.write(metric, value, patience());
      expect(device.get(metric)).toBe(value);
      expect(shown(await session.poll(patience()), metric)).toBe(value);
    }
  });

  test("what cannot be written is refused and nothing is sent", async () => {
    const device = await start(genericGateController);
    const session = await open(device, genericGateController);
    const refused = { kind: "unsupported", retry: false };
    await expect(session.write("Door/Open", true, patience())).rejects.toMatchObject(refused);
    await expect(session.write("Door/Nothing", true, patience())).rejects.toMatchObject(refused);
    await expect(session.write("Door/Unlocked", "open", patience())).rejects.toMatchObject(refused);
  });
});

describe("a panic button", () => {
  test("a press that is over before the next poll is still told, and once told it is let go", async () => {
    const device = await start(genericPanicButton);
    const session = await open(device, genericPanicButton);
    device.set("Panic/Pressed", true);
    device.set("Panic/Pressed", false);
    expect(shown(await session.poll(patience()), "Panic/Pressed")).toBe(true);
    expect(shown(await session.poll(patience()), "Panic/Pressed")).toBe(false);
  });

  test("a press that nobody could note down is told again to the next session", async () => {
    const device = await start(genericPanicButton);
    const first = await open(device, genericPanicButton);
    device.set("Panic/Pressed", true);
    device.set("Panic/Pressed", false);
    await first.poll(patience());
    await first.close();
    const second = await open(device, genericPanicButton);
    expect(shown(await second.poll(patience()), "Panic/Pressed")).toBe(true);
  });

  test("a button that is held stays pressed", async () => {
    const device = await start(genericPanicButton);
    const session = await open(device, genericPanicButton);
    device.set("Panic/Pressed", true);
    for (let poll = 0; poll < 3; poll += 1)
      expect(shown(await session.poll(patience()), "Panic/Pressed")).toBe(true);
  });

  test("a cut line is a fault and no press", async () => {
    const device = await start(genericPanicButton);
    const session = await open(device, genericPanicButton);
    device.set("Panic/LineFault", true);
    const reading = await session.poll(patience());
    expect(shown(reading, "Panic/LineFault")).toBe(true);
    expect(shown(reading, "Panic/Pressed")).toBe(false);
    device.set("Panic/LineFault", false);
    expect(shown(await session.poll(patience()), "Panic/LineFault")).toBe(false);
  });
});

describe("a log", () => {
  const SCREENING = {
    celsius: 37.8,
    raw: 35.12,
    correction: 2.68,
    ambient: 18.4,
    distance: 48.5,
    retest: 1,
  };

  test("a screening is told once, with all its fields, at the time the device says", async () => {
    const skew = -8 * 3_600_000;
    const device = await start(genericTemperatureScanner, () => Date.now() + skew);
    const session = await open(device, genericTemperatureScanner);
    expect((await session.poll(patience())).events).toEqual([]);
    const before = Date.now();
    device.raise("Temperature/Screening", SCREENING);
    const reading = await session.poll(patience());
    expect(reading.events).toMatchObject([
      { event: "Temperature/Screening", quality: { status: "good" }, fields: { serial: 1, ...SCREENING } },
    ]);
    // The clock was eight hours slow, and what is left is the time a poll takes.
    expect(reading.events[0]?.eventTime).toBeGreaterThanOrEqual(before - 1_000);
    expect(reading.events[0]?.eventTime).toBeLessThanOrEqual(Date.now());
    expect(shown(reading, "Connectivity/ClockOffset")).toBeCloseTo(skew / 1000, 0);
    expect((await session.poll(patience())).events).toEqual([]);
  });

  test("a card's number leaves the driver only as a pseudonym, and not in the event's id either", async () => {
    const device = await start(genericGateController);
    const session = await open(device, genericGateController);
    device.raise("Access/Swipe", {
      credential: "04a1b2c3",
      result: "refused",
      reason: "revoked",
      direction: "out",
    });
    const { events } = await session.poll(patience());
    expect(events).toMatchObject([
      {
        event: "Access/Swipe",
        fields: {
          serial: 1,
          credential: environment.pseudonym("04a1b2c3"),
          result: "refused",
          reason: "revoked",
          direction: "out",
        },
      },
    ]);
    expect(JSON.stringify(events)).not.toContain("04a1b2c3");
  });

  test("records made while nobody was connected are told when somebody is, once", async () => {
    const device = await start(genericGateController);
    const first = await open(device, genericGateController);
    device.raise("Access/Swipe", { credential: "01" });
    const { cursor } = await first.poll(patience());
    await first.close();
    device.raise("Access/Swipe", { credential: "02" });
    device.raise("Access/Swipe", { credential: "03" });
    const second = await open(device, genericGateController, cursor);
    const { events } = await second.poll(patience());
    expect(events.map(({ fields }) => fields.serial)).toEqual([2, 3]);
  });

  test("without a cursor the ring is told from its beginning, under the ids it had before", async () => {
    const device = await start(genericGateController);
    device.raise("Access/Swipe", { credential: "01" });
    device.raise("Access/Swipe", { credential: "02" });
    const told = await (await open(device, genericGateController)).poll(patience());
    const again = await (await open(device, genericGateController, "no cursor of ours")).poll(patience());
    expect(told.events).toHaveLength(2);
    expect(again.events.map(({ id }) => id)).toEqual(told.events.map(({ id }) => id));
  });

  test("what the ring overwrote is counted, and the rest is told", async () => {
    const device = await start(genericGateController);
    const session = await open(device, genericGateController);
    device.raise("Access/Swipe", {});
    await session.poll(patience());
    for (let swipe = 0; swipe < 70; swipe += 1) device.raise("Access/Swipe", {});
    const reading = await session.poll(patience());
    expect(reading.events.map(({ fields }) => fields.serial)).toEqual(
      Array.from({ length: 64 }, (_, i) => i + 8),
    );
    expect(reading.samples.find(({ metric }) => metric === "Connectivity/LostRecords")).toMatchObject({
      value: 6,
      quality: { status: "good" },
    });
  });

  test("after a factory reset every record is told and no id repeats", async () => {
    const device = await start(genericGateController);
    const session = await open(device, genericGateController);
    for (let swipe = 0; swipe < 3; swipe += 1) device.raise("Access/Swipe", { credential: "0a" });
    const before = await session.poll(patience());
    device.resetLog();
    for (let swipe = 0; swipe < 5; swipe += 1) device.raise("Access/Swipe", { credential: "0b" });
    const after = await session.poll(patience());
    expect(after.events.map(({ fields }) => fields.serial)).toEqual([1, 2, 3, 4, 5]);
    expect(new Set([...before.events, ...after.events].map(({ id }) => id)).size).toBe(8);
    expect(after.samples.find(({ metric }) => metric === "Connectivity/LostRecords")).toMatchObject({
      value: 0,
      quality: { status: "uncertain", reason: "log-reset" },
    });
  });
});

describe("an address", () => {
  test("a unit that is not there is unreachable behind its gateway", async () => {
    const device = await start(genericPanicButton);
    const session = await open({ url: device.url.replace("unit=1", "unit=9") }, genericPanicButton);
    await expect(session.poll(patience())).rejects.toMatchObject({ kind: "unreachable", retry: true });
  });

  test("a profile that does not fit the device is an exception that no retry mends", async () => {
    const device = await start(genericPanicButton);
    const session = await open(device, genericRoomMonitor);
    await expect(session.poll(patience())).rejects.toMatchObject({ kind: "device-exception", retry: false });
  });

  test.each([
    "modbus://",
    "http://127.0.0.1:502",
    "modbus://127.0.0.1?unit=300",
    "modbus://127.0.0.1?unit=x",
  ])("%s is refused", async (url) => {
    await expect(open({ url }, genericPanicButton)).rejects.toMatchObject({
      kind: "unsupported",
      retry: false,
    });
  });
});
