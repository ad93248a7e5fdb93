import { dahuaAccessController } from "@campus-ops/device-profiles/profiles/access-gate/dahua";
import { dahuaCamera } from "@campus-ops/device-profiles/profiles/camera/dahua";
import type { DahuaProfile } from "@campus-ops/device-profiles/profiles/dahua-profile";
import { dahuaRecorder } from "@campus-ops/device-profiles/profiles/recorder/dahua";
import {
  type SimulatedDahuaDevice,
  startDahuaSimulator,
} from "@campus-ops/device-profiles/simulator/dahua/simulator";
import { afterEach, describe, expect, test } from "vitest";
import { failureOf, valuesOf } from "../testing/driver-outcomes.ts";
import { FollowedSession } from "../testing/followed-session.ts";
import { createDahuaDriver } from "./dahua.ts";
import type { DeviceSession, DriverError } from "./driver.ts";
import { HTTP_LIMITS } from "./http/client.ts";

const LOGIN = { username: "admin", secret: `p&a"s<s` };
const NOON = Date.UTC(2026, 8, 1, 4);
const never = new AbortController().signal;
const driver = createDahuaDriver();
/** For devices that do not answer: a test need not wait as long as a box would. */
const hasty = createDahuaDriver({ ...HTTP_LIMITS, request_ms: 1_000, silence_ms: 1_500 });
const SWIPE = {
  credential: "04a1b2c3",
  result: "granted",
  reason: "none",
  direction: "in",
  method: "card",
} as const;

let clock: number;
let device: SimulatedDahuaDevice;
const followers: FollowedSession[] = [];

afterEach(async () => {
  await Promise.all(followers.splice(0).map((each) => each.stop()));
  await device.close();
});

async function start(profile: DahuaProfile): Promise<void> {
  clock = NOON;
  device = await startDahuaSimulator(profile, { ...LOGIN, now: () => clock });
}

const open = (cursor?: string, secret: string = LOGIN.secret, by = driver): Promise<DeviceSession> =>
  by.open(
    { url: new URL(device.url), username: LOGIN.username, secret },
    device.profile,
    { now: () => clock, pseudonym: (text) => `<${text}>`, ...(cursor === undefined ? {} : { cursor }) },
    never,
  );

async function follow(session: DeviceSession): Promise<FollowedSession> {
  const follower = new FollowedSession(session);
  followers.push(follower);
  await Promise.race([device.streaming(), follower.ended]);
  return follower;
}

const failure = (promise: Promise<unknown> | undefined): Promise<DriverError> =>
  failureOf(promise, LOGIN.secret);

describe("a camera", () => {
  test("tells what it is, and takes its picture", async () => {
    await start(dahuaCamera);
    const session = await open();
    expect(valuesOf(await session.identify?.(never))).toEqual({
      "Properties/Vendor": "Dahua",
      "Properties/Model": dahuaCamera.model,
      "Properties/Serial": "7B00000PAJ00001",
      "Properties/Firmware": "2.880.0000000.16.R,build:2022-09-01",
    });
    const picture = await session.snapshot?.(never);
    expect([...(picture?.subarray(0, 2) ?? [])]).toEqual([0xff, 0xd8]);
  });

  test.each(dahuaCamera.topics)("$code is $metric, and so is its end", async ({ metric }) => {
    await start(dahuaCamera);
    const session = await open();
    const follower = await follow(session);
    await follower.sample(metric, false);
    device.set(metric, true);
    await follower.sample(metric, true);
    expect(valuesOf(await session.poll?.(never))[metric]).toBe(true);
    device.set(metric, false);
    await follower.sample(metric, false);
  });

  test("what lasts already when the stream begins is told first", async () => {
    await start(dahuaCamera);
    device.set("Video/Tamper", true);
    const follower = await follow(await open());
    await follower.sample("Video/Tamper", true);
    await follower.sample("Video/Loss", false);
  });
});

test("a recorder tells its disks and tells its channels apart", async () => {
  await start(dahuaRecorder);
  device.set("Channel/2/Loss", true);
  const session = await open();
  const follower = await follow(session);
  await follower.sample("Channel/2/Loss", true);
  device.set("Channel/4/Motion", true);
  await follower.sample("Channel/4/Motion", true);
  expect(follower.samples.some(({ metric }) => metric.startsWith("Channel/1/"))).toBe(false);
  expect(valuesOf(await session.poll?.(never))).toMatchObject({
    "Recording/DiskFault": false,
    "Recording/DiskFull": false,
  });
  device.set("Recording/DiskFault", true);
  device.set("Recording/DiskFull", true);
  expect(valuesOf(await session.poll?.(never))).toMatchObject({
    "Recording/DiskFault": true,
    "Recording/DiskFull": true,
  });
});

describe("an access controller", () => {
  test("tells who passed, in order and once, and never the card itself", async () => {
    await start(dahuaAccessController);
    const before = await follow(await open());
    device.raise("Access/Swipe", SWIPE);
    device.raise("Access/Swipe", { ...SWIPE, result: "refused", reason: "no-permission", direction: "out" });
    const first = await before.event("Access/Swipe");
    expect(first).toMatchObject({ eventTime: clock, quality: { status: "good" } });
    expect(first.fields).toEqual({ serial: 1, ...SWIPE, credential: "<04a1b2c3>" });
    expect((await before.event("Access/Swipe")).fields).toMatchObject({
      serial: 2,
      result: "refused",
      reason: "no-permission",
      direction: "out",
    });
    await before.stop();
    for (let i = 0; i < 5; i += 1) device.raise("Access/Swipe", SWIPE);
    const after = await follow(await open(before.cursor));
    for (let i = 0; i < 5; i += 1) expect((await after.event("Access/Swipe")).fields.serial).toBe(i + 3);
    expect(after.events).toHaveLength(5);
  });

  test("tells its door", async () => {
    await start(dahuaAccessController);
    const session = await open();
    const follower = await follow(session);
    device.set("Door/Open", true);
    await follower.sample("Door/Open", true);
    for (const metric of ["Door/HeldOpen", "Door/Tamper", "Door/Forced"]) {
      device.set(metric, true);
      await follower.sample(metric, true);
    }
    device.set("Door/Open", false);
    await follower.sample("Door/Open", false);
    expect(valuesOf(await session.poll?.(never))).toMatchObject({
      "Door/Open": false,
      "Door/Forced": false,
      "Door/HeldOpen": false,
      "Door/Tamper": true,
      "Door/Unlocked": false,
      "Door/Mode": "controlled",
    });
  });

  test("opens by command, which its own log confirms, and locks again after its time", async () => {
    await start(dahuaAccessController);
    const session = await open();
    const follower = await follow(session);
    await session.write?.("Door/Unlocked", true, never);
    expect(valuesOf(await session.poll?.(never))["Door/Unlocked"]).toBe(true);
    expect((await follower.event("Access/Swipe")).fields).toMatchObject({
      method: "remote",
      result: "granted",
    });
    clock += 3_001;
    expect(valuesOf(await session.poll?.(never))["Door/Unlocked"]).toBe(false);
    for (const mode of ["unlocked", "locked", "controlled"]) {
      await session.write?.("Door/Mode", mode, never);
      expect(valuesOf(await session.poll?.(never))).toMatchObject({
        "Door/Mode": mode,
        "Door/Unlocked": mode === "unlocked",
      });
    }
  });

  test("that it opened is found in its log, even where the stream says nothing of it", async () => {
    await start(dahuaAccessController);
    const session = await open();
    const follower = await follow(session);
    device.raise("Access/Swipe", SWIPE);
    await follower.event("Access/Swipe");
    clock += 10_000;
    await device.fault("subscription-lost");
    await session.write?.("Door/Unlocked", true, never);
    expect(valuesOf(await session.poll?.(never))["Door/Unlocked"]).toBe(true);
  });

  test("a command that is acknowledged and not done is not confirmed", async () => {
    await start(dahuaAccessController);
    const session = await open();
    await follow(session);
    await device.fault("not-done");
    await follow(session);
    await session.write?.("Door/Unlocked", true, never);
    expect(valuesOf(await session.poll?.(never))["Door/Unlocked"]).toBe(false);
    await session.write?.("Door/Mode", "unlocked", never);
    expect(valuesOf(await session.poll?.(never))["Door/Mode"]).toBe("controlled");
  });
});

describe("faults", () => {
  /** One swipe, told: the stream stands after it. */
  async function settled(session: DeviceSession): Promise<FollowedSession> {
    const follower = await follow(session);
    device.raise("Access/Swipe", SWIPE);
    await follower.event("Access/Swipe");
    return follower;
  }

  test.each([
    ["down", "unreachable"],
    ["hang", "timeout"],
    ["garbage", "garbage"],
  ] as const)("%s gives the error %s, the events end, and both mend", async (fault, kind) => {
    await start(dahuaAccessController);
    const session = await open(undefined, LOGIN.secret, hasty);
    const follower = await settled(session);
    await device.fault(fault);
    expect((await failure(session.poll?.(never))).kind).toBe(kind);
    expect((await failure(follower.ended)).retry).toBe(true);
    await device.fault(null);
    device.raise("Access/Swipe", SWIPE);
    const again = await follow(await open(follower.cursor));
    expect((await again.event("Access/Swipe")).fields.serial).toBe(2);
  });

  test("a stream that falls silent without being closed is given up", async () => {
    await start(dahuaAccessController);
    const follower = await settled(await open(undefined, LOGIN.secret, hasty));
    await device.fault("half-open");
    expect((await failure(follower.ended)).kind).toBe("timeout");
  });

  test.each(["clock-1970", "clock-ahead"] as const)(
    "with its clock wrong (%s) its events have the right time, whenever they are read",
    async (fault) => {
      await start(dahuaAccessController);
      await device.fault(fault);
      const follower = await settled(await open());
      await follower.stop();
      clock += 30_000;
      device.raise("Access/Swipe", SWIPE);
      clock += 30_000;
      const later = await (await follow(await open(follower.cursor))).event("Access/Swipe");
      expect(Math.abs(later.eventTime - (clock - 30_000))).toBeLessThanOrEqual(1_000);
      for (const each of [...follower.events, later]) expect(each.quality).toEqual({ status: "good" });
    },
  );

  test.each(["replay", "storm", "fragmented", "mislabelled-text", "stale-nonce"] as const)(
    "with %s every event is told once",
    async (fault) => {
      await start(dahuaAccessController);
      await device.fault(fault);
      const follower = await settled(await open());
      await follower.stop();
      device.raise("Access/Swipe", SWIPE);
      const again = await follow(await open(follower.cursor));
      expect((await again.event("Access/Swipe")).fields.serial).toBe(2);
      device.raise("Access/Swipe", SWIPE);
      expect((await again.event("Access/Swipe")).fields.serial).toBe(3);
      expect(again.events).toHaveLength(2);
    },
  );

  test("serial numbers that start again are seen, and no id comes twice", async () => {
    await start(dahuaAccessController);
    const follower = await settled(await open());
    clock += 60_000;
    await device.fault("counter-reset");
    for (let i = 0; i < 3; i += 1) device.raise("Access/Swipe", SWIPE);
    const again = await follow(await open(follower.cursor));
    for (let i = 0; i < 3; i += 1) expect((await again.event("Access/Swipe")).fields.serial).toBe(i + 1);
    const ids = [...follower.events, ...again.events].map(({ id }) => id);
    expect(new Set(ids).size).toBe(4);
  });

  test("a stream that has forgotten its subscriber is found out by the log", async () => {
    await start(dahuaAccessController);
    const session = await open();
    const follower = await settled(session);
    await device.fault("subscription-lost");
    device.raise("Access/Swipe", SWIPE);
    clock += 120_000;
    await session.poll?.(never);
    expect((await follower.event("Access/Swipe")).fields.serial).toBe(2);
  });

  test("a door whose contact cannot be read is neither open nor closed", async () => {
    await start(dahuaAccessController);
    await device.fault("sentinel");
    const reading = await (await open()).poll?.(never);
    expect(reading?.samples.find(({ metric }) => metric === "Door/Open")).toMatchObject({
      value: null,
      quality: { status: "bad" },
    });
  });

  test("a wrong password is tried once, and a locked account not again in the session", async () => {
    await start(dahuaAccessController);
    expect((await failure(open(undefined, "guess"))).kind).toBe("login-refused");
    expect(device.loginFailures).toBe(1);
    const session = await open();
    await device.fault("lockout");
    for (let i = 0; i < 4; i += 1) expect((await failure(session.poll?.(never))).retry).toBe(false);
    expect(device.loginFailures).toBe(1);
  });
});
