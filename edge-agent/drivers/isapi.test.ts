import { hikvisionTerminal } from "@campus-ops/device-profiles/profiles/access-gate/hikvision-isapi-terminal";
import { hikvisionCamera } from "@campus-ops/device-profiles/profiles/camera/hikvision-isapi";
import type { IsapiProfile } from "@campus-ops/device-profiles/profiles/isapi-profile";
import { hikvisionRecorder } from "@campus-ops/device-profiles/profiles/recorder/hikvision-isapi";
import { hikvisionThermalTerminal } from "@campus-ops/device-profiles/profiles/temperature-scanner/hikvision-isapi-thermal-terminal";
import {
  type SimulatedIsapiDevice,
  startIsapiSimulator,
} from "@campus-ops/device-profiles/simulator/isapi/simulator";
import { afterEach, describe, expect, test } from "vitest";
import { failureOf, valuesOf } from "../testing/driver-outcomes.ts";
import { FollowedSession } from "../testing/followed-session.ts";
import type { DeviceSession, DriverError } from "./driver.ts";
import { createIsapiDriver } from "./isapi.ts";

const LOGIN = { username: "admin", secret: `p&a"s<s` };
const NOON = Date.UTC(2026, 8, 1, 4);
const never = new AbortController().signal;
const driver = createIsapiDriver();
const SWIPE = {
  credential: "04a1b2c3",
  result: "granted",
  reason: "none",
  direction: "in",
  method: "card",
} as const;

let clock: number;
let device: SimulatedIsapiDevice;
const followers: FollowedSession[] = [];

afterEach(async () => {
  await Promise.all(followers.splice(0).map((each) => each.stop()));
  await device.close();
});

async function start(profile: IsapiProfile): Promise<void> {
  clock = NOON;
  device = await startIsapiSimulator(profile, { ...LOGIN, now: () => clock });
}

const open = (cursor?: string, login: Partial<typeof LOGIN> = LOGIN): Promise<DeviceSession> =>
  driver.open(
    { url: new URL(device.url), ...login },
    device.profile,
    { now: () => clock, pseudonym: (text) => `<${text}>`, ...(cursor === undefined ? {} : { cursor }) },
    never,
  );

/** Follows the events, and waits until the stream stands. */
async function follow(session: DeviceSession): Promise<FollowedSession> {
  const follower = new FollowedSession(session);
  followers.push(follower);
  await Promise.race([device.streaming(), follower.ended]);
  return follower;
}

const failure = (promise: Promise<unknown> | undefined): Promise<DriverError> =>
  failureOf(promise, LOGIN.secret);

describe("a terminal at a gate", () => {
  test("tells what it is", async () => {
    await start(hikvisionTerminal);
    expect(valuesOf(await (await open()).identify?.(never))).toEqual({
      "Properties/Vendor": "Hikvision",
      "Properties/Model": hikvisionTerminal.model,
      "Properties/Serial": "DS20260901AACHC12345678",
      "Properties/Firmware": "V3.2.30",
    });
  });

  test("tells a card in its turn, under an identity that stays, and never the card itself", async () => {
    await start(hikvisionTerminal);
    const follower = await follow(await open());
    device.raise("Access/Swipe", SWIPE);
    const granted = await follower.event("Access/Swipe");
    expect(granted.fields).toEqual({ serial: 1, ...SWIPE, credential: "<04a1b2c3>" });
    expect([granted.eventTime, granted.quality]).toEqual([clock, { status: "good" }]);
    device.raise("Access/Swipe", { ...SWIPE, result: "refused", reason: "no-permission", direction: "out" });
    const refused = await follower.event("Access/Swipe");
    expect(refused.fields).toMatchObject({
      serial: 2,
      result: "refused",
      reason: "no-permission",
      direction: "out",
    });
    expect(refused.id).not.toBe(granted.id);
  });

  test.each([
    ["Door/Open", true],
    ["Door/ExitRequest", true],
    ["Door/Unlocked", true],
    ["Door/Forced", true],
    ["Door/HeldOpen", true],
    ["Door/Tamper", true],
    ["Door/FireRelease", true],
  ] as const)("%s is told when it happens", async (metric, value) => {
    await start(hikvisionTerminal);
    const follower = await follow(await open());
    device.set(metric, value);
    expect(await follower.sample(metric, value)).toMatchObject({
      eventTime: clock,
      quality: { status: "good" },
    });
  });

  test("a look at it shows the door as it is; a closed door is not forced any more", async () => {
    await start(hikvisionTerminal);
    const session = await open();
    device.set("Door/Open", true);
    expect(valuesOf(await session.poll?.(never))).toEqual({
      "Connectivity/ClockOffset": 0,
      "Door/Open": true,
      "Door/Unlocked": false,
      "Door/Mode": "controlled",
      "Door/Tamper": false,
    });
    device.set("Door/Open", false);
    expect(valuesOf(await session.poll?.(never))).toMatchObject({
      "Door/Forced": false,
      "Door/HeldOpen": false,
    });
  });

  test("opens, locks, stays open and goes back by command, and shows it when it is asked again", async () => {
    await start(hikvisionTerminal);
    const session = await open();
    const after = async (metric: string, value: string | boolean): Promise<unknown> => {
      await session.write?.(metric, value, never);
      return valuesOf(await session.poll?.(never));
    };
    expect(await after("Door/Unlocked", true)).toMatchObject({ "Door/Unlocked": true });
    expect(await after("Door/Unlocked", false)).toMatchObject({ "Door/Unlocked": false });
    expect(await after("Door/Mode", "unlocked")).toMatchObject({
      "Door/Mode": "unlocked",
      "Door/Unlocked": true,
    });
    expect(await after("Door/Mode", "locked")).toMatchObject({ "Door/Mode": "locked" });
    expect(await after("Door/Mode", "controlled")).toMatchObject({ "Door/Mode": "controlled" });
    expect((await failure(session.write?.("Door/Open", true, never))).kind).toBe("unsupported");
  });

  test("a command that is acknowledged and not done does not show in the look that follows", async () => {
    await start(hikvisionTerminal);
    const session = await open();
    await device.fault("not-done");
    await session.write?.("Door/Unlocked", true, never);
    expect(valuesOf(await session.poll?.(never))).toMatchObject({ "Door/Unlocked": false });
  });

  test("what happened while nobody listened comes out of its log, in order, once", async () => {
    await start(hikvisionTerminal);
    const before = await follow(await open());
    device.raise("Access/Swipe", SWIPE);
    await before.event("Access/Swipe");
    await before.stop();
    for (let i = 0; i < 70; i += 1) {
      clock += 1_000;
      device.raise("Access/Swipe", SWIPE);
    }
    clock += 60_000;
    const after = await follow(await open(before.cursor));
    const serials = [];
    for (let i = 0; i < 70; i += 1) {
      const { eventTime, fields } = await after.event("Access/Swipe");
      expect(eventTime).toBe(NOON + Number(fields.serial) * 1_000 - 1_000);
      serials.push(fields.serial);
    }
    expect(serials).toEqual(Array.from({ length: 70 }, (_, i) => i + 2));
    device.raise("Access/Swipe", SWIPE);
    expect((await after.event("Access/Swipe")).fields.serial).toBe(72);
  });

  test("a first look tells no more than a day", async () => {
    await start(hikvisionTerminal);
    device.raise("Access/Swipe", SWIPE);
    clock += 2 * 86_400_000;
    device.raise("Access/Swipe", SWIPE);
    const follower = await follow(await open());
    expect((await follower.event("Access/Swipe")).fields.serial).toBe(2);
  });
});

describe("a face terminal that measures", () => {
  test("tells who passed and how warm, and marks a measurement that cannot be", async () => {
    await start(hikvisionThermalTerminal);
    const follower = await follow(await open());
    device.raise("Temperature/Screening", { celsius: 37.6 });
    const fever = await follower.event("Temperature/Screening");
    expect([fever.fields.celsius, fever.quality]).toEqual([37.6, { status: "good" }]);
    expect((await follower.event("Access/Swipe")).fields).toMatchObject({
      method: "face",
      result: "granted",
    });
    await device.fault("sentinel");
    const again = await follow(await open(follower.cursor));
    device.raise("Temperature/Screening", { celsius: 36.5 });
    const missing = await again.event("Temperature/Screening");
    expect([missing.fields.celsius, missing.quality]).toEqual([0, { status: "bad", reason: "out-of-range" }]);
    const door = (await (await open()).poll?.(never))?.samples.find(({ metric }) => metric === "Door/Open");
    expect(door).toMatchObject({ value: null, quality: { status: "bad" } });
  });
});

describe("a camera", () => {
  test.each(
    hikvisionCamera.alerts.filter(
      (each, i, all) => all.findIndex(({ metric }) => metric === each.metric) === i,
    ),
  )("$eventType is $metric, until it is not repeated any more", async ({ metric }) => {
    await start(hikvisionCamera);
    const session = await open();
    const follower = await follow(session);
    device.set(metric, true);
    await follower.sample(metric, true);
    expect(valuesOf(await session.poll?.(never))[metric]).toBe(true);
    device.set(metric, false);
    clock += 6_000;
    await follower.sample(metric, false);
    expect(valuesOf(await session.poll?.(never))[metric]).toBe(false);
  });

  test("nothing is said of the picture before the stream was listened to, nor after it was lost", async () => {
    await start(hikvisionCamera);
    const session = await open();
    const look = async () =>
      (await session.poll?.(never))?.samples.find(({ metric }) => metric === "Motion/Active")?.value;
    expect(await look()).toBe(null);
    const follower = await follow(session);
    device.set("Video/Tamper", true);
    await follower.sample("Video/Tamper", true);
    clock += 6_000;
    expect(await look()).toBe(false);
    await follower.stop();
    expect(await look()).toBe(null);
  });

  test("takes its picture", async () => {
    await start(hikvisionCamera);
    const picture = await (await open()).snapshot?.(never);
    expect([...(picture?.subarray(0, 2) ?? [])]).toEqual([0xff, 0xd8]);
  });
});

describe("a recorder", () => {
  test("tells its disks, its cameras and how long they have been recorded, a channel at each look", async () => {
    await start(hikvisionRecorder);
    const session = await open();
    device.set("Channel/3/Online", false);
    device.set("Channel/1/KeptDays", 92);
    device.set("Channel/2/KeptDays", 0);
    await session.poll?.(never);
    const found = valuesOf(await session.poll?.(never));
    expect(found).toMatchObject({
      "Recording/DiskFault": false,
      "Recording/DiskFull": false,
      "Channel/1/Online": true,
      "Channel/3/Online": false,
      "Channel/2/KeptDays": 0,
    });
    expect(found["Channel/1/KeptDays"]).toBeCloseTo(92, 3);
    device.set("Recording/DiskFault", true);
    device.set("Recording/DiskFull", true);
    expect(valuesOf(await session.poll?.(never))).toMatchObject({
      "Recording/DiskFault": true,
      "Recording/DiskFull": true,
    });
  });

  test("tells its channels apart", async () => {
    await start(hikvisionRecorder);
    const follower = await follow(await open());
    device.set("Channel/3/Loss", true);
    await follower.sample("Channel/3/Loss", true);
    device.set("Channel/4/Motion", true);
    await follower.sample("Channel/4/Motion", true);
    expect(follower.samples.some(({ metric }) => metric === "Channel/1/Loss")).toBe(false);
  });
});
