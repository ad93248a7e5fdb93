import { genericHexController } from "@campus-ops/device-profiles/profiles/classroom-controller/generic-hex";
import { samsungMdc } from "@campus-ops/device-profiles/profiles/display/samsung-mdc";
import { epsonEscVp21 } from "@campus-ops/device-profiles/profiles/projector/epson-escvp21";
import type { SerialControlProfile } from "@campus-ops/device-profiles/profiles/serial-control-profile";
import { openPty } from "@campus-ops/device-profiles/simulator/pty";
import {
  type SimulatedSerialDevice,
  startSerialControlSimulator,
} from "@campus-ops/device-profiles/simulator/serial-control/simulator";
import type { MetricName, Reading, SampleValue } from "@campus-ops/device-profiles/vocabulary";
import { soon } from "@campus-ops/service/testing/soon";
import { afterEach, describe, expect, test } from "vitest";
import type { DeviceSession } from "./driver.ts";
import { serialControlDriver } from "./serial-control.ts";

/** Patient with a machine that has much else to do. */

const patience = () => AbortSignal.timeout(5_000);
let now = Date.UTC(2026, 8, 1);

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function start(profile: SerialControlProfile): Promise<SimulatedSerialDevice> {
  const device = await startSerialControlSimulator(profile);
  cleanups.push(() => device.close());
  return device;
}

async function open(url: string, profile: SerialControlProfile): Promise<DeviceSession> {
  const environment = { now: () => now, pseudonym: (text: string) => text };
  const session = await serialControlDriver.open({ url: new URL(url) }, profile, environment, patience());
  cleanups.push(() => session.close());
  return session;
}

const shown = (reading: Reading | undefined): Record<MetricName, SampleValue> =>
  Object.fromEntries(reading?.samples.map(({ metric, value }) => [metric, value]) ?? []);

/** Answers are short on loopback, and a test need not wait as long for one that does not come. */
const hasty = <P extends SerialControlProfile>(profile: P): P => ({
  ...profile,
  answer_ms: 60,
  retries: 0,
  gap_ms: 0,
});

describe("a central controller", () => {
  test("on a serial port tells what it holds, and does what it is told", async () => {
    const device = await start(genericHexController);
    const pty = await openPty();
    cleanups.push(() => pty.close());
    device.attach(pty.bytes);
    device.set("Controller/Source", "laptop");
    const session = await open(`serial-control://${pty.path}?baud=9600&id=1`, genericHexController);
    expect(shown(await session.poll?.(patience()))).toMatchObject({
      "Controller/Source": "laptop",
      "Controller/Volume": 0,
    });
    await session.write?.("Controller/Volume", 35, patience());
    expect(shown(await session.poll?.(patience()))["Controller/Volume"]).toBe(35);
  });

  test("that another number is asked for does not answer", async () => {
    const device = await start(genericHexController);
    const url = `${device.url}&id=2`;
    await expect(open(url, hasty(genericHexController))).rejects.toMatchObject({ kind: "timeout" });
  });

  test("tells by itself what was pressed on its panel, and is polled in between", async () => {
    const device = await start(genericHexController);
    const session = await open(device.url, genericHexController);
    const ending = new AbortController();
    const readings: Reading[] = [];
    const subscription = session.subscribe?.((reading) => readings.push(reading), ending.signal);
    device.set("Controller/System", true);
    await soon(() =>
      expect(readings.flatMap(({ samples }) => samples)).toContainEqual(
        expect.objectContaining({ metric: "Controller/System", value: true }),
      ),
    );
    expect(shown(await session.poll?.(patience()))["Controller/System"]).toBe(true);
    await device.fault("storm");
    device.set("Controller/Muted", true);
    await soon(() => {
      const told = readings
        .flatMap(({ samples }) => samples)
        .filter(({ metric }) => metric === "Controller/Muted");
      expect(told.length).toBeGreaterThanOrEqual(200);
    });
    ending.abort();
    await subscription;
  });

  test.each([
    ["together with an answer", 0],
    ["between an answer and the next question", 5],
  ])("is heard when it tells something %s", async (_, after_ms) => {
    const pty = await openPty();
    cleanups.push(() => pty.close());
    // Off, where every answer says that it is on.
    const unmuted = Buffer.from("5A01050060", "hex");
    let told = false;
    pty.bytes.on("data", (question: Buffer) => {
      const [, id = 0, , code = 0] = question;
      const answer = Buffer.of(0x5a, id, code, 1, (0x5b + id + code) & 0xff);
      if (told || code !== 8) pty.bytes.write(answer);
      else if (after_ms === 0) pty.bytes.write(Buffer.concat([answer, unmuted]));
      else {
        pty.bytes.write(answer);
        setTimeout(() => pty.bytes.write(unmuted), after_ms);
      }
      if (code === 8) told = true;
    });
    const session = await open(`serial-control://${pty.path}?gap=40`, genericHexController);
    const ending = new AbortController();
    const readings: Reading[] = [];
    const subscription = session.subscribe?.((reading) => readings.push(reading), ending.signal);
    await session.poll?.(patience());
    await soon(() => {
      const samples = readings.flatMap((reading) => reading.samples);
      expect(samples).toContainEqual(expect.objectContaining({ metric: "Controller/Muted", value: false }));
    });
    ending.abort();
    await subscription;
  });

  test("cuts the mains only when the projector behind it has cooled", async () => {
    const device = await start(genericHexController);
    const session = await open(device.url, genericHexController);
    device.set("Controller/Mains", true);
    device.set("Projector/Power", "on");
    await session.poll?.(patience());
    await session.write?.("Controller/Mains", false, patience());
    expect([device.get("Projector/Power"), device.get("Controller/Mains")]).toEqual(["off", true]);
    device.set("Projector/Power", "cooling");
    now += 10_000;
    await session.poll?.(patience());
    expect(device.get("Controller/Mains")).toBe(true);
    device.set("Projector/Power", "off");
    now += 60_000;
    await session.poll?.(patience());
    expect(device.get("Controller/Mains")).toBe(false);
  });
});

describe("several devices on one line", () => {
  test("each answers for itself", async () => {
    const second = { ...samsungMdc, deviceNumber: 2 };
    const one = await start(samsungMdc);
    const two = await startSerialControlSimulator(second);
    const pty = await openPty();
    cleanups.push(
      () => two.close(),
      () => pty.close(),
    );
    one.attach(pty.bytes);
    two.attach(pty.bytes);
    one.set("Display/Volume", 11);
    two.set("Display/Volume", 22);
    const line = `serial-control://${pty.path}?baud=9600`;
    const sessions = await Promise.all([open(`${line}&id=1`, samsungMdc), open(`${line}&id=2`, samsungMdc)]);
    const volumes = await Promise.all(sessions.map((session) => session.poll?.(patience())));
    expect(volumes.map((reading) => shown(reading)["Display/Volume"])).toEqual([11, 22]);
  });
});

describe("a device shows its faults", () => {
  test.each(["fragmented", "late-replies"] as const)("%s: it is read all the same", async (fault) => {
    const device = await start(genericHexController);
    device.set("Controller/Volume", 40);
    await device.fault(fault);
    const session = await open(device.url, { ...genericHexController, retries: 3 });
    expect(shown(await session.poll?.(patience()))["Controller/Volume"]).toBe(40);
  });

  test.each([
    ["hang", "timeout"],
    ["garbage", "garbage"],
    ["down", "unreachable"],
  ] as const)("%s gives the error %s, and a new session works once it is mended", async (fault, kind) => {
    const device = await start(genericHexController);
    await device.fault(fault);
    await expect(open(device.url, hasty(genericHexController))).rejects.toMatchObject({ kind, retry: true });
    await device.fault(null);
    expect((await (await open(device.url, genericHexController)).poll?.(patience()))?.samples.length).toBe(9);
  });

  test("a connection that went half open is given up and dialled anew", async () => {
    const device = await start(genericHexController);
    const session = await open(device.url, hasty(genericHexController));
    await device.fault("half-open");
    for (let question = 0; question < 3; question++) {
      await expect(session.poll?.(patience())).rejects.toMatchObject({ retry: true });
    }
    await session.close();
    expect((await (await open(device.url, genericHexController)).poll?.(patience()))?.samples.length).toBe(9);
  });

  test("a command that was acknowledged and not done is found out by reading back", async () => {
    const device = await start(genericHexController);
    const session = await open(device.url, genericHexController);
    await device.fault("not-done");
    await session.write?.("Controller/Locked", true, patience());
    expect(shown(await session.poll?.(patience()))["Controller/Locked"]).toBe(false);
  });

  test("what it cannot tell now is said to be unknown", async () => {
    const device = await start(epsonEscVp21);
    const pty = await openPty();
    cleanups.push(() => pty.close());
    // A projector in stand-by knows its power and nothing else.
    pty.bytes.on("data", (bytes: Uint8Array) => {
      pty.bytes.write(String(bytes).startsWith("PWR") ? "PWR=00\r:" : "ERR\r:");
    });
    const session = await open(`serial-control://${pty.path}`, epsonEscVp21);
    expect(
      (await session.poll?.(patience()))?.samples.map(({ quality, value }) => [value, quality.status]),
    ).toEqual([
      ["off", "good"],
      [null, "uncertain"],
      [null, "uncertain"],
    ]);
    await device.close();
  });
});

test("what cannot be sent is refused before anything is sent", async () => {
  const session = await open((await start(genericHexController)).url, genericHexController);
  for (const [metric, value] of [
    ["Projector/Power", "warming"],
    ["Controller/Computer", true],
    ["Door/Unlocked", true],
  ] as const) {
    await expect(session.write?.(metric, value, patience())).rejects.toMatchObject({ kind: "unsupported" });
  }
});

test.each([
  "serial-control://127.0.0.1:1?id=x",
  "serial-control://127.0.0.1:1?id=256",
  "serial-control://?id=1",
])("%s is no address", async (url) => {
  await expect(open(url, genericHexController)).rejects.toMatchObject({ kind: "unsupported", retry: false });
});
