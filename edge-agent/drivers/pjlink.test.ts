import { projectorMetrics } from "@campus-ops/device-profiles/profiles/pjlink-reading";
import { genericPjlinkClass1 } from "@campus-ops/device-profiles/profiles/projector/generic-pjlink-class-1";
import { genericPjlinkClass2 } from "@campus-ops/device-profiles/profiles/projector/generic-pjlink-class-2";
import { startSimulator } from "@campus-ops/device-profiles/simulator";
import type {
  SimulatedDevice,
  SimulatorOptions,
} from "@campus-ops/device-profiles/simulator/simulated-device";
import type { MetricName, Reading, SampleValue } from "@campus-ops/device-profiles/vocabulary";
import { soon } from "@campus-ops/service/testing/soon";
import { afterEach, describe, expect, test } from "vitest";
import type { DeviceSession } from "./driver.ts";
import { pjlinkDriver } from "./pjlink.ts";

const patience = () => AbortSignal.timeout(5_000);
const NEVER_ms = 3_600_000;

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function start(
  options: SimulatorOptions = {},
  profile = genericPjlinkClass2,
): Promise<SimulatedDevice> {
  const device = await startSimulator(profile, options);
  cleanups.push(() => device.close());
  return device;
}

async function open(device: SimulatedDevice, secret?: string, profile = genericPjlinkClass2) {
  const target = { url: new URL(device.url), ...(secret === undefined ? {} : { secret }) };
  const environment = { now: Date.now, pseudonym: (text: string) => text };
  const session: DeviceSession = await pjlinkDriver.open(target, profile, environment, patience());
  const { poll, write, identify } = session;
  if (poll === undefined || write === undefined || identify === undefined)
    throw new Error("incomplete session");
  return { poll: poll.bind(session), write: write.bind(session), identify: identify.bind(session) };
}

const shown = (reading: Reading): Record<MetricName, SampleValue> =>
  Object.fromEntries(reading.samples.map(({ metric, value }) => [metric, value]));

describe("a projector over PJLink", () => {
  test("what it holds is what a poll brings", async () => {
    const device = await start();
    const world = {
      "Projector/Power": "on",
      "Projector/Input": "digital-2",
      "Projector/LampHours": 1234,
      "Projector/Fan": "ok",
      "Projector/Lamp": "warning",
      "Projector/Overheat": "error",
      "Projector/Cover": "ok",
      "Projector/Filter": "warning",
      "Projector/Other": "ok",
    };
    for (const [metric, value] of Object.entries(world)) device.set(metric, value);
    expect(shown(await (await open(device)).poll(patience()))).toEqual(world);
  });

  test.each([genericPjlinkClass1, genericPjlinkClass2])(
    "$id: what is declared is what is told",
    async (profile) => {
      const session = await open(await start({}, profile), undefined, profile);
      const told = { ...shown(await session.identify(patience())), ...shown(await session.poll(patience())) };
      expect(Object.keys(told).toSorted()).toEqual(projectorMetrics(profile).toSorted());
    },
  );

  test("in standby the input cannot be read, and that is said instead of guessed", async () => {
    const { samples } = await (await open(await start())).poll(patience());
    expect(samples.find(({ metric }) => metric === "Projector/Input")).toMatchObject({
      value: null,
      quality: { status: "uncertain", reason: "not-read" },
    });
  });

  test("class 2 tells its serial number and firmware, class 1 has none", async () => {
    const two = await start();
    two.set("Properties/Serial", "X-77");
    expect(shown(await (await open(two)).identify(patience()))).toMatchObject({
      "System/Name": "Projector",
      "Properties/Vendor": "generic",
      "Properties/Serial": "X-77",
    });
    const one = await start({}, genericPjlinkClass1);
    const facts = shown(await (await open(one, undefined, genericPjlinkClass1)).identify(patience()));
    expect(Object.keys(facts)).toEqual(["System/Name", "Properties/Vendor", "Properties/Model"]);
  });

  test("a power command goes through warming to on", async () => {
    const device = await start({ projector: { warmUp_ms: 30 } });
    const session = await open(device);
    await session.write("Projector/Power", "on", patience());
    expect(shown(await session.poll(patience()))["Projector/Power"]).toMatch(/^(warming|on)$/);
    await soon(async () => expect(shown(await session.poll(patience()))["Projector/Power"]).toBe("on"));
  });

  test("a power command given while it cools is kept and given again when it has cooled", async () => {
    const device = await start({ projector: { warmUp_ms: 1 } });
    const session = await open(device);
    device.set("Projector/Power", "cooling");
    await session.write("Projector/Power", "on", patience());
    expect(device.get("Projector/Power")).toBe("cooling");
    await session.poll(patience());
    expect(device.get("Projector/Power")).toBe("cooling");
    device.set("Projector/Power", "off");
    await session.poll(patience());
    await soon(() => expect(device.get("Projector/Power")).toBe("on"));
  });

  test("of two commands given while it cools only the last one counts", async () => {
    const device = await start({ projector: { warmUp_ms: NEVER_ms } });
    const session = await open(device);
    device.set("Projector/Power", "cooling");
    await session.write("Projector/Power", "on", patience());
    await session.write("Projector/Power", "off", patience());
    device.set("Projector/Power", "off");
    await session.poll(patience());
    await session.poll(patience());
    expect(device.get("Projector/Power")).toBe("off");
  });

  test("it lets us in with the right password only, and a wrong one is not tried again", async () => {
    const device = await start({ secret: "JBMIAProjectorLink" });
    expect(
      (await (await open(device, "JBMIAProjectorLink")).poll(patience())).samples.length,
    ).toBeGreaterThan(0);
    await expect(open(device, "wrong")).rejects.toMatchObject({ kind: "login-refused", retry: false });
    await expect(open(device)).rejects.toMatchObject({ kind: "login-refused", retry: false });
  });

  test("a password that the projector does not ask for does no harm", async () => {
    const device = await start();
    expect((await (await open(device, "unneeded")).poll(patience())).samples.length).toBeGreaterThan(0);
  });

  test("what cannot be written is refused before anything is sent", async () => {
    const session = await open(await start());
    const refused = { kind: "unsupported", retry: false };
    await expect(session.write("Projector/Input", "rgb-1", patience())).rejects.toMatchObject(refused);
    await expect(session.write("Projector/Power", "warming", patience())).rejects.toMatchObject(refused);
  });

  test("broken in each way it says so, and it is back once it is mended", async () => {
    const device = await start();
    const session = await open(device);
    await device.fault("down");
    await expect(session.poll(patience())).rejects.toMatchObject({ kind: "unreachable", retry: true });
    await device.fault("hang");
    await expect(session.poll(AbortSignal.timeout(50))).rejects.toMatchObject({
      kind: "timeout",
      retry: true,
    });
    await device.fault("garbage");
    await expect(session.poll(patience())).rejects.toMatchObject({ kind: "garbage", retry: true });
    await device.fault(null);
    expect((await session.poll(patience())).samples.length).toBeGreaterThan(0);
  });

  test("one that is stuck goes on saying the same, and a command shows that nothing came of it", async () => {
    const device = await start();
    const session = await open(device);
    for (const fault of ["stuck", "not-done"] as const) {
      device.set("Projector/Power", "off");
      await device.fault(fault);
      await session.write("Projector/Power", "on", patience());
      if (fault === "stuck") device.set("Projector/LampHours", 99);
      const { "Projector/LampHours": hours, "Projector/Power": power } = shown(
        await session.poll(patience()),
      );
      expect([power, hours]).toEqual(["off", fault === "stuck" ? 0 : 99]);
    }
    await device.fault(null);
    expect(shown(await session.poll(patience()))["Projector/LampHours"]).toBe(99);
  });

  test("a poll that is given up beforehand touches nothing", async () => {
    const session = await open(await start());
    await expect(session.poll(AbortSignal.abort())).rejects.toMatchObject({ kind: "timeout" });
  });
});
