/** What ONVIF devices have beside events and pictures, against the simulator. */
import { genericOnvifDoor } from "@campus-ops/device-profiles/profiles/access-gate/generic-onvif-door";
import { genericOnvif } from "@campus-ops/device-profiles/profiles/camera/generic-onvif";
import { genericOnvifPtz } from "@campus-ops/device-profiles/profiles/camera/generic-onvif-ptz";
import { genericOnvifRecording } from "@campus-ops/device-profiles/profiles/camera/generic-onvif-recording";
import type { OnvifProfile } from "@campus-ops/device-profiles/profiles/onvif-profile";
import { genericOnvifRecorder } from "@campus-ops/device-profiles/profiles/recorder/generic-onvif";
import { type SimulatedDevice, startSimulator } from "@campus-ops/device-profiles/simulator";
import { afterEach, describe, expect, test } from "vitest";
import { failureOf, valuesOf } from "../testing/driver-outcomes.ts";
import { FollowedSession } from "../testing/followed-session.ts";
import type { DeviceSession } from "./driver.ts";
import { ONVIF_LIMITS } from "./onvif/soap-client.ts";
import { createOnvifDriver } from "./onvif.ts";

const LOGIN = { username: "admin", secret: "correct horse" };
const driver = createOnvifDriver({ ...ONVIF_LIMITS, pull_ms: 2_000, subscription_ms: 60_000 });
/** As the simulator is told of it. */
const CUT_CHARACTER = "\ufffd";
const never = new AbortController().signal;

let clock: number;
let device: SimulatedDevice;
const followers: FollowedSession[] = [];

afterEach(async () => {
  await Promise.all(followers.splice(0).map((each) => each.stop()));
  await device.close();
});

async function start(profile: OnvifProfile, asked: OnvifProfile = profile): Promise<DeviceSession> {
  clock = Date.UTC(2026, 8, 1, 8);
  device = await startSimulator(profile, { ...LOGIN, now: () => clock });
  const environment = { now: () => clock, pseudonym: (text: string) => `<${text.slice(0, 40)}>` };
  return await driver.open({ url: new URL(device.url), ...LOGIN }, asked, environment, never);
}

function follow(session: DeviceSession): FollowedSession {
  const follower = new FollowedSession(session);
  followers.push(follower);
  return follower;
}

describe("a camera that moves", () => {
  test("goes to a preset, and its position shows that it got there", async () => {
    const session = await start(genericOnvifPtz);
    expect(valuesOf(await session.poll?.(never))["PTZ/Preset"]).toBe("1");
    await session.write?.("PTZ/Preset", "gate", never);
    expect(valuesOf(await session.poll?.(never))["PTZ/Preset"]).toBe("gate");
    device.set("PTZ/Preset", "");
    expect(valuesOf(await session.poll?.(never))["PTZ/Preset"]).toBe("");
  });

  test("refuses a preset that it does not have; one that only says so does not move", async () => {
    const session = await start(genericOnvifPtz);
    expect((await failureOf(session.write?.("PTZ/Preset", "9", never))).kind).toBe("device-exception");
    await device.fault("not-done");
    await session.write?.("PTZ/Preset", "B2", never);
    expect(valuesOf(await session.poll?.(never))["PTZ/Preset"]).toBe("1");
  });

  test("one without the service says so", async () => {
    const session = await start(genericOnvif, genericOnvifPtz);
    expect((await failureOf(session.poll?.(never))).kind).toBe("unsupported");
  });
});

describe("texts in GB18030 that are called UTF-8", () => {
  test("are read as what they are; one that is cut inside a character is told as damaged", async () => {
    const session = await start(genericOnvif);
    await device.fault("mislabelled-text");
    device.set("Properties/Vendor", "海康威视");
    expect(valuesOf(await session.identify?.(never))["Properties/Vendor"]).toBe("海康威视");
    device.set("Properties/Vendor", `海康${CUT_CHARACTER}`);
    expect((await session.identify?.(never))?.samples).toContainEqual(
      expect.objectContaining({
        metric: "Properties/Vendor",
        quality: { status: "bad", reason: "encoding" },
      }),
    );
  });
});

describe("recordings", () => {
  test("of a camera: whether it records, and since when, by its own clock", async () => {
    const session = await start(genericOnvifRecording);
    device.set("Recording/Active", true);
    device.set("Recording/KeptDays", 12);
    expect(valuesOf(await session.poll?.(never))).toMatchObject({
      "Recording/Active": true,
      "Recording/KeptDays": 12,
    });
    await device.fault("clock-1970");
    const wrong = valuesOf(await session.poll?.(never));
    expect(wrong["Recording/KeptDays"]).toBeCloseTo(12, 3);
  });

  test("of a recorder: channel by channel, and what its pictures tell as well", async () => {
    const session = await start(genericOnvifRecorder);
    device.set("Channel/2/Recording", true);
    device.set("Channel/3/KeptDays", 90);
    expect(valuesOf(await session.poll?.(never))).toMatchObject({
      "Channel/1/Recording": false,
      "Channel/2/Recording": true,
      "Channel/3/KeptDays": 90,
      "Channel/4/KeptDays": 30.5,
    });
    const follower = follow(session);
    await follower.sample("Channel/4/Loss", false);
    device.set("Channel/2/Loss", true);
    await follower.sample("Channel/2/Loss", true);
    device.set("Channel/3/Tamper", true);
    await follower.sample("Channel/3/Tamper", true);
    expect(follower.samples.some(({ metric, value }) => metric === "Channel/1/Loss" && value === true)).toBe(
      false,
    );
  });
});

describe("a door controller", () => {
  test("tells its door, at first and when it changes", async () => {
    const session = await start(genericOnvifDoor);
    const follower = follow(session);
    await follower.sample("Door/Open", false);
    for (const metric of ["Door/Open", "Door/Unlocked", "Door/Forced", "Door/Tamper"]) {
      device.set(metric, true);
      await follower.sample(metric, true);
    }
    device.set("Door/Forced", false);
    device.set("Door/HeldOpen", true);
    await follower.sample("Door/HeldOpen", true);
    expect(valuesOf(await session.poll?.(never))).toMatchObject({
      "Door/Open": true,
      "Door/Forced": false,
      "Door/HeldOpen": true,
      "Door/Mode": "controlled",
    });
  });

  test("opens, stays open, is locked down and goes back by command", async () => {
    const session = await start(genericOnvifDoor);
    await session.write?.("Door/Unlocked", true, never);
    expect(valuesOf(await session.poll?.(never))["Door/Unlocked"]).toBe(true);
    for (const mode of ["unlocked", "locked", "controlled", "unlocked", "controlled"]) {
      await session.write?.("Door/Mode", mode, never);
      expect(valuesOf(await session.poll?.(never))).toMatchObject({
        "Door/Mode": mode,
        "Door/Unlocked": mode === "unlocked",
      });
    }
    expect((await failureOf(session.write?.("Door/Open", true, never))).kind).toBe("unsupported");
  });

  test("tells who was let in, who passed and who was refused, under an identity that stays", async () => {
    const session = await start(genericOnvifDoor);
    const follower = follow(session);
    await follower.sample("Door/Open", false);
    device.raise("Access/Swipe", { credential: "card-7", result: "granted", reason: "none" });
    device.raise("Access/Passage", { credential: "card-7" });
    device.raise("Access/Swipe", { credential: "card-7", result: "refused", reason: "expired" });
    expect(await follower.event("Access/Swipe")).toMatchObject({
      eventTime: clock,
      quality: { status: "good" },
      fields: { credential: "<card-7>", result: "granted", reason: "none" },
    });
    expect((await follower.event("Access/Passage")).fields).toEqual({
      serial: null,
      credential: "<card-7>",
      direction: null,
    });
    expect((await follower.event("Access/Swipe")).fields).toMatchObject({
      result: "refused",
      reason: "expired",
    });
  });

  test("what it tells again after a reconnect is the same event, and the state stays that of the newest", async () => {
    const session = await start(genericOnvifDoor);
    const before = follow(session);
    await before.sample("Door/Open", false);
    device.raise("Access/Swipe", { credential: "card-7", result: "granted", reason: "none" });
    const { id } = await before.event("Access/Swipe");
    device.set("Door/Open", true);
    await before.sample("Door/Open", true);
    await device.fault("replay");
    expect((await failureOf(before.ended)).retry).toBe(true);
    clock += 60_000;
    await session.poll?.(never);
    const after = follow(session);
    expect(await after.event("Access/Swipe")).toMatchObject({ id, eventTime: clock - 60_000 });
    await after.sample("Door/Open", true);
  });

  test("a subscription that the device forgot ends, and a new one tells the state", async () => {
    const session = await start(genericOnvifDoor);
    const lost = follow(session);
    await lost.sample("Door/Open", false);
    await device.fault("subscription-lost");
    device.set("Door/Open", true);
    expect((await failureOf(lost.ended)).retry).toBe(true);
    await follow(session).sample("Door/Open", true);
  });
});
