import { genericPjlinkClass2 } from "@campus-ops/device-profiles/profiles/projector/generic-pjlink-class-2";
import { genericPjlinkLaser } from "@campus-ops/device-profiles/profiles/projector/generic-pjlink-laser";
import {
  type SimulatedProjectorDevice,
  startPjlinkSimulator,
} from "@campus-ops/device-profiles/simulator/pjlink/simulator";
import type { Reading, SampleValue } from "@campus-ops/device-profiles/vocabulary";
import { soon } from "@campus-ops/service/testing/soon";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { DeviceSession } from "./driver.ts";
import { NOTICE_PORTS, NoticePort } from "./pjlink/notices.ts";
import { pjlinkDriver } from "./pjlink.ts";

const patience = () => AbortSignal.timeout(5_000);
const environment = { now: Date.now, pseudonym: (text: string) => text };

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

const held = (reading: Reading | undefined, metric: string): SampleValue | undefined =>
  reading?.samples.find((sample) => sample.metric === metric)?.value;

async function start(profile = genericPjlinkClass2): Promise<SimulatedProjectorDevice> {
  const device = await startPjlinkSimulator(profile);
  cleanups.push(() => device.close());
  return device;
}

async function freePort(): Promise<number> {
  const port = await NoticePort.open("127.0.0.1", 0);
  const free = port.port;
  await port.close();
  return free;
}

describe("a projector whose notices are awaited", () => {
  let device: SimulatedProjectorDevice;
  let session: DeviceSession;
  let port: number;
  const readings: Reading[] = [];

  beforeEach(async () => {
    readings.length = 0;
    device = await start();
    port = await freePort();
    const url = new URL(`${device.url}?notices=127.0.0.1:${port}`);
    session = await pjlinkDriver.open({ url }, genericPjlinkClass2, environment, patience());
    const ending = new AbortController();
    const subscription = session.subscribe?.((reading) => readings.push(reading), ending.signal);
    cleanups.push(async () => {
      ending.abort();
      await subscription;
    });
    await soon(async () => {
      expect(held(await session.poll?.(patience()), "Notices/Listening")).toBe(true);
    });
    device.notify(port);
  });

  test("is looked at when its power, its input or its state changes", async () => {
    device.set("Projector/Power", "on");
    await soon(() => expect(held(readings.at(-1), "Projector/Power")).toBe("on"));
    device.set("Projector/Overheat", "error");
    await soon(() => expect(held(readings.at(-1), "Projector/Overheat")).toBe("error"));
    expect(held(readings.at(-1), "Notices/Received")).toBe(2);
  });

  test("is not believed: a projector that is on stays on, whatever a datagram says", async () => {
    device.set("Projector/Power", "on");
    device.say("%2POWR=0\r");
    await soon(() => expect(held(readings.at(-1), "Projector/Power")).toBe("on"));
  });

  test("that came back to the network is looked at", async () => {
    device.say("%2LKUP=02:00:00:00:43:52\r");
    await soon(() => expect(readings).toHaveLength(1));
  });

  test("sends something else: it is counted, and is no reason to look", async () => {
    device.say("GET / HTTP/1.1\r\n");
    await soon(async () => {
      expect(held(await session.poll?.(patience()), "Notices/Refused")).toBe(1);
    });
    expect(readings).toHaveLength(0);
  });

  test("that sends a storm is looked at a few times", async () => {
    for (let copy = 0; copy < 300; copy++) device.say("%2POWR=1\r");
    const lease = await NOTICE_PORTS.lease(`127.0.0.1:${port}`, () => Promise.reject(new Error("not open")));
    await soon(() => expect(lease.line.counters.flooded).toBeGreaterThan(0));
    await lease.release();
    expect(readings.length).toBeLessThan(5);
  });
});

test("a projector without a port for notices is polled only", async () => {
  const device = await start();
  const session = await pjlinkDriver.open(
    { url: new URL(device.url) },
    genericPjlinkClass2,
    environment,
    patience(),
  );
  await expect(session.subscribe?.(() => undefined, patience())).rejects.toMatchObject({
    kind: "unsupported",
  });
  expect(held(await session.poll?.(patience()), "Notices/Listening")).toBeUndefined();
});

test.each(["notices=x", "notices=0", "notices=70000"])("%s is no port", async (parameter) => {
  const url = new URL(`pjlink://127.0.0.1:1?${parameter}`);
  await expect(
    pjlinkDriver.open({ url }, genericPjlinkClass2, environment, patience()),
  ).rejects.toMatchObject({
    kind: "unsupported",
    retry: false,
  });
});

test("a laser is not asked for the hours of a lamp", async () => {
  const device = await start(genericPjlinkLaser);
  const session = await pjlinkDriver.open(
    { url: new URL(device.url) },
    genericPjlinkLaser,
    environment,
    patience(),
  );
  const reading = await session.poll?.(patience());
  expect(reading?.samples.map(({ metric }) => metric)).not.toContain("Projector/LampHours");
  expect(held(reading, "Projector/Lamp")).toBe("ok");
});

describe("a projector shows its faults", () => {
  test("lines that come in pieces are put together", async () => {
    const device = await start();
    device.set("Projector/LampHours", 77);
    await device.fault("fragmented");
    const session = await pjlinkDriver.open(
      { url: new URL(device.url) },
      genericPjlinkClass2,
      environment,
      patience(),
    );
    expect(held(await session.poll?.(patience()), "Projector/LampHours")).toBe(77);
  });

  test("an answer that comes too late is gone with its connection, and is nobody else's", async () => {
    const device = await start();
    device.set("Projector/LampHours", 77);
    const session = await pjlinkDriver.open(
      { url: new URL(device.url) },
      genericPjlinkClass2,
      environment,
      patience(),
    );
    await device.fault("late-replies");
    await expect(session.poll?.(AbortSignal.timeout(200))).rejects.toMatchObject({
      kind: "timeout",
      retry: true,
    });
    await device.fault(null);
    expect(held(await session.poll?.(patience()), "Projector/LampHours")).toBe(77);
  });

  test("a connection that is half open costs one look: the next makes its own", async () => {
    const device = await start();
    const session = await pjlinkDriver.open(
      { url: new URL(device.url) },
      genericPjlinkClass2,
      environment,
      patience(),
    );
    await device.fault("half-open");
    expect(held(await session.poll?.(patience()), "Projector/Power")).toBe("off");
  });
});
