/** The faults that real devices show, played by the simulator and survived by the driver, over real sockets. */
import { hikvisionTerminal } from "@campus-ops/device-profiles/profiles/access-gate/hikvision-isapi-terminal";
import {
  type SimulatedIsapiDevice,
  startIsapiSimulator,
} from "@campus-ops/device-profiles/simulator/isapi/simulator";
import { afterEach, beforeEach, expect, test } from "vitest";
import { failureOf } from "../testing/driver-outcomes.ts";
import { FollowedSession } from "../testing/followed-session.ts";
import type { DeviceSession, DriverError } from "./driver.ts";
import { HTTP_LIMITS } from "./http/client.ts";
import { createIsapiDriver } from "./isapi.ts";

const LOGIN = { username: "admin", secret: "correct horse" };
const NOON = Date.UTC(2026, 8, 1, 4);
const never = new AbortController().signal;
const driver = createIsapiDriver();
/** For devices that do not answer: a test need not wait as long as a box would. */
const hasty = createIsapiDriver({ ...HTTP_LIMITS, request_ms: 1_000, silence_ms: 1_500 });
const SWIPE = { credential: "04a1b2c3", result: "granted", reason: "none", direction: "in", method: "card" };

let clock: number;
let device: SimulatedIsapiDevice;
const followers: FollowedSession[] = [];

beforeEach(async () => {
  clock = NOON;
  device = await startIsapiSimulator(hikvisionTerminal, { ...LOGIN, now: () => clock });
});
afterEach(async () => {
  await Promise.all(followers.splice(0).map((each) => each.stop()));
  await device.close();
});

const open = (cursor?: string, secret = LOGIN.secret, by = driver): Promise<DeviceSession> =>
  by.open(
    { url: new URL(device.url), username: LOGIN.username, secret },
    device.profile,
    { now: () => clock, pseudonym: (text) => `<${text}>`, ...(cursor === undefined ? {} : { cursor }) },
    never,
  );

function follow(session: DeviceSession): FollowedSession {
  const follower = new FollowedSession(session);
  followers.push(follower);
  return follower;
}

/** One swipe, told: the stream stands after it. */
async function settled(session: DeviceSession): Promise<FollowedSession> {
  const follower = follow(session);
  await device.streaming();
  device.raise("Access/Swipe", SWIPE);
  await follower.event("Access/Swipe");
  return follower;
}

const failure = (promise: Promise<unknown> | undefined): Promise<DriverError> =>
  failureOf(promise, LOGIN.secret);

test.each([
  ["down", "unreachable"],
  ["hang", "timeout"],
  ["garbage", "garbage"],
] as const)(
  "a terminal that is %s gives the error %s, its events end, and both mend",
  async (fault, kind) => {
    const session = await open(undefined, LOGIN.secret, hasty);
    const follower = await settled(session);
    await device.fault(fault);
    const error = await failure(session.poll?.(never));
    expect([error.kind, error.retry]).toEqual([kind, true]);
    expect((await failure(follower.ended)).retry).toBe(true);
    await device.fault(null);
    const again = follow(await open(follower.cursor));
    await device.streaming();
    device.raise("Access/Swipe", SWIPE);
    expect((await again.event("Access/Swipe")).fields.serial).toBe(2);
  },
);

test("a stream that falls silent without being closed is given up", async () => {
  const follower = await settled(await open(undefined, LOGIN.secret, hasty));
  await device.fault("half-open");
  const error = await failure(follower.ended);
  expect([error.kind, error.retry]).toEqual(["timeout", true]);
});

test("byte by byte, the stream says the same", async () => {
  await device.fault("fragmented");
  const follower = await settled(await open());
  device.set("Door/Open", true);
  await follower.sample("Door/Open", true);
});

test.each(["clock-1970", "clock-ahead", "local-time"] as const)(
  "with its clock wrong (%s) its events have the right time",
  async (fault) => {
    await device.fault(fault);
    const session = await open();
    const follower = follow(session);
    await device.streaming();
    device.raise("Access/Swipe", SWIPE);
    const event = await follower.event("Access/Swipe");
    expect(Math.abs(event.eventTime - clock)).toBeLessThanOrEqual(1_000);
    expect(event.quality).toEqual({ status: "good" });
    // And so have those that come out of its log.
    await follower.stop();
    clock += 30_000;
    device.raise("Access/Swipe", SWIPE);
    clock += 30_000;
    const later = await follow(await open(follower.cursor)).event("Access/Swipe");
    expect(Math.abs(later.eventTime - (clock - 30_000))).toBeLessThanOrEqual(1_000);
  },
);

test("what it sends again after a reconnect is told once, in the same session and in the next", async () => {
  await device.fault("replay");
  const follower = await settled(await open());
  device.raise("Access/Swipe", SWIPE);
  await follower.event("Access/Swipe");
  await follower.stop();
  const again = follow(await open(follower.cursor));
  await device.streaming();
  clock += 1_000;
  device.raise("Access/Swipe", SWIPE);
  expect((await again.event("Access/Swipe")).fields.serial).toBe(3);
  expect(again.events).toHaveLength(1);
});

test("a storm of one event is one event", async () => {
  const follower = await settled(await open());
  await device.fault("storm");
  const again = follow(await open(follower.cursor));
  await device.streaming();
  device.raise("Access/Swipe", SWIPE);
  device.raise("Access/Swipe", SWIPE);
  for (const serial of [2, 3]) expect((await again.event("Access/Swipe")).fields.serial).toBe(serial);
  expect(again.events).toHaveLength(2);
});

test("serial numbers that start again are seen, nothing is lost, and no id comes twice", async () => {
  const follower = await settled(await open());
  for (let i = 0; i < 3; i += 1) device.raise("Access/Swipe", SWIPE);
  for (let i = 0; i < 3; i += 1) await follower.event("Access/Swipe");
  clock += 60_000;
  // While the stream stands.
  await device.fault("counter-reset");
  const live = follow(await open(follower.cursor));
  await device.streaming();
  device.raise("Access/Swipe", SWIPE);
  const first = await live.event("Access/Swipe");
  expect(first.fields.serial).toBe(1);
  await live.stop();
  // And while nobody listened, until there are more records than before.
  await device.fault("counter-reset");
  clock += 60_000;
  for (let i = 0; i < 6; i += 1) device.raise("Access/Swipe", SWIPE);
  const behind = follow(await open(live.cursor));
  for (let i = 0; i < 6; i += 1) expect((await behind.event("Access/Swipe")).fields.serial).toBe(i + 1);
  const ids = [...follower.events, ...live.events, ...behind.events].map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  const lost = behind.samples.find(({ metric }) => metric === "Connectivity/LostRecords");
  expect(lost?.quality).toEqual({ status: "uncertain", reason: "log-reset" });
});

test("a stream that has forgotten its subscriber is found out by the log, at a look", async () => {
  const session = await open();
  const follower = await settled(session);
  await device.fault("subscription-lost");
  device.raise("Access/Swipe", SWIPE);
  clock += 120_000;
  await session.poll?.(never);
  expect((await follower.event("Access/Swipe")).fields.serial).toBe(2);
});

test("a nonce that is called stale is replaced, and counts as no failure", async () => {
  await device.fault("stale-nonce");
  const session = await open();
  for (let i = 0; i < 4; i += 1) await session.poll?.(never);
  expect(device.loginFailures).toBe(0);
});

test("a wrong password is tried once in a session, whatever is asked", async () => {
  const error = await failure(open(undefined, "guess"));
  expect([error.kind, error.retry]).toEqual(["login-refused", false]);
  expect(device.loginFailures).toBe(1);
});

test("an account that is locked meanwhile is not tried again in the session", async () => {
  const session = await open();
  await device.fault("lockout");
  for (let i = 0; i < 5; i += 1) expect((await failure(session.poll?.(never))).kind).toBe("login-refused");
  expect(device.loginFailures).toBe(1);
});

test("a name in another encoding, cut inside a character, costs no event, live or from the log", async () => {
  await device.fault("mislabelled-text");
  const follower = await settled(await open());
  await follower.stop();
  device.raise("Access/Swipe", SWIPE);
  const again = follow(await open(follower.cursor));
  expect((await again.event("Access/Swipe")).fields.serial).toBe(2);
});

test("a terminal in a reboot loop is an error each time, and nothing that happened is lost in the end", async () => {
  await device.fault("reboot-loop");
  for (let i = 0; i < 3; i += 1) device.raise("Access/Swipe", SWIPE);
  let cursor: string | undefined;
  const serials: unknown[] = [];
  for (let attempt = 0; attempt < 10 && serials.length < 3; attempt += 1) {
    const session = await open(cursor).catch(() => undefined);
    if (session === undefined) continue;
    const follower = follow(session);
    await Promise.race([follower.event("Access/Swipe"), follower.ended]).catch(() => undefined);
    await follower.stop();
    serials.push(...follower.events.map(({ fields }) => fields.serial));
    cursor = follower.cursor ?? cursor;
  }
  expect(serials).toEqual([1, 2, 3]);
});
