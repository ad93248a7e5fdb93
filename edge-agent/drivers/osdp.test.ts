import { createHmac } from "node:crypto";
import { encodeFrame, findFrame, osdpCrc, Reply } from "@campus-ops/device-profiles/codecs/osdp-frame";
import { genericOsdp } from "@campus-ops/device-profiles/profiles/card-reader/generic-osdp";
import { genericOsdpKeypad } from "@campus-ops/device-profiles/profiles/card-reader/generic-osdp-keypad";
import type { OsdpProfile } from "@campus-ops/device-profiles/profiles/osdp-profile";
import {
  type SimulatedOsdpReader,
  startOsdpSimulator,
} from "@campus-ops/device-profiles/simulator/osdp/simulator";
import { openPty } from "@campus-ops/device-profiles/simulator/pty";
import type { DeviceEvent, MetricName, Reading, SampleValue } from "@campus-ops/device-profiles/vocabulary";
import { soon } from "@campus-ops/service/testing/soon";
import { afterEach, describe, expect, test } from "vitest";
import type { DeviceSession } from "./driver.ts";
import { createOsdpDriver } from "./osdp.ts";

/** A reader answers within 200 ms; one in this process may have to wait for its turn longer than that. */
const driver = createOsdpDriver(1_000);

const KEY = "000102030405060708090a0b0c0d0e0f";
const CARD = "04a1b2c3";
const NOW = Date.UTC(2026, 8, 1, 7, 30);
const patience = () => AbortSignal.timeout(30_000);
const pseudonym = (text: string) => createHmac("sha256", "a box").update(text).digest("hex").slice(0, 16);

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function start(secret?: string, profile = genericOsdp): Promise<SimulatedOsdpReader> {
  const device = await startOsdpSimulator(profile, secret === undefined ? {} : { secret });
  cleanups.push(() => device.close());
  return device;
}

async function open(
  url: string,
  secret?: string,
  profile: OsdpProfile = genericOsdp,
): Promise<DeviceSession> {
  const target = { url: new URL(url), ...(secret === undefined ? {} : { secret }) };
  const session = await driver.open(target, profile, { now: () => NOW, pseudonym }, patience());
  cleanups.push(() => session.close());
  return session;
}

interface Followed {
  readonly events: DeviceEvent[];
  readonly readings: Reading[];
  readonly lost: Promise<unknown>;
  stop(): Promise<void>;
}

/** Follows the session; its events, as they come. */
function follow(session: DeviceSession): Followed {
  const ending = new AbortController();
  const events: DeviceEvent[] = [];
  const readings: Reading[] = [];
  const subscription = session.subscribe?.((reading) => {
    readings.push(reading);
    events.push(...reading.events);
  }, ending.signal);
  const stop = async (): Promise<void> => {
    ending.abort();
    await subscription?.catch(() => undefined);
  };
  cleanups.push(stop);
  return { events, readings, lost: Promise.resolve(subscription).catch((error: unknown) => error), stop };
}

const shown = (reading: Reading | undefined): Record<MetricName, SampleValue> =>
  Object.fromEntries(reading?.samples.map(({ metric, value }) => [metric, value]) ?? []);

describe("a card", () => {
  test.each([
    ["in the clear", undefined],
    ["over the secure channel", KEY],
    ["over the secure channel, with a passphrase", "a passphrase of the campus"],
  ])("%s becomes one event with a credential, and its number is nowhere", async (_, secret) => {
    const device = await start(secret);
    const session = await open(`${device.url}&direction=in`, secret);
    const { events } = follow(session);
    device.raise("Access/Swipe", { credential: CARD });
    await soon(() => expect(events).toHaveLength(1));
    expect(events[0]).toMatchObject({
      event: "Access/Swipe",
      eventTime: NOW,
      quality: { status: "good" },
      fields: { credential: pseudonym(CARD), direction: "in", method: "card", result: null },
    });
    expect(JSON.stringify(events)).not.toContain(CARD);
    expect(shown(await session.poll?.(patience()))["Reader/Secure"]).toBe(secret !== undefined);
    expect(events).toHaveLength(1);
  });

  test("that is shown twice is two events, in this session and the next", async () => {
    const device = await start();
    const first = await open(device.url);
    const before = follow(first);
    device.raise("Access/Swipe", { credential: CARD });
    device.raise("Access/Swipe", { credential: CARD });
    await soon(() => expect(before.events).toHaveLength(2));
    await before.stop();
    await first.close();
    const after = follow(await open(device.url));
    device.raise("Access/Swipe", { credential: CARD });
    await soon(() => expect(after.events).toHaveLength(1));
    expect(new Set([...before.events, ...after.events].map(({ id }) => id)).size).toBe(3);
  });

  test("that was misread is counted and is no event", async () => {
    const device = await start();
    const { events, readings } = follow(await open(device.url));
    // 26 bits whose first parity is wrong.
    device.reader.presentBits("11001111100000000000000111");
    await soon(() => expect(readings).toHaveLength(1));
    expect(shown(readings[0])["Reader/Misreads"]).toBe(1);
    expect(events).toEqual([]);
  });
});

test("a code that is typed is told when the hash is pressed", async () => {
  const device = await start(KEY, genericOsdpKeypad);
  const { events } = follow(await open(device.url, KEY, genericOsdpKeypad));
  device.raise("Access/Swipe", { credential: "4711", method: "code" });
  await soon(() => expect(events).toHaveLength(1));
  expect(events[0]?.fields).toMatchObject({ credential: pseudonym("4711"), method: "code" });
});

test("tampering and a failed supply are told at once, and when it is asked", async () => {
  const device = await start(KEY);
  const session = await open(device.url, KEY);
  const { readings } = follow(session);
  device.set("Reader/Tamper", true);
  await soon(() => expect(shown(readings.at(-1))["Reader/Tamper"]).toBe(true));
  device.set("Reader/PowerFault", true);
  expect(shown(await session.poll?.(patience()))).toMatchObject({
    "Reader/Tamper": true,
    "Reader/PowerFault": true,
  });
});

describe("the key", () => {
  test("of a new reader is set through the key that everybody knows, and opens it from then on", async () => {
    const device = await start();
    await open(`${device.url}&install=true`, KEY);
    const session = await open(device.url, KEY);
    expect(shown(await session.poll?.(patience()))["Reader/Secure"]).toBe(true);
    expect(device.reader.isSecure).toBe(true);
  });

  test.each([
    ["another one", KEY, "ffffffffffffffffffffffffffffffff", ""],
    [
      "another one, and it is not to be installed over",
      KEY,
      "ffffffffffffffffffffffffffffffff",
      "&install=true",
    ],
    ["one where the reader has none", undefined, KEY, ""],
  ])("%s is refused once and for all: nothing goes on in the clear", async (_, its, ours, parameters) => {
    const device = await start(its);
    await expect(open(device.url + parameters, ours)).rejects.toMatchObject({
      kind: "login-refused",
      retry: false,
    });
  });

  test("of a reader that has one is needed", async () => {
    const session = await open((await start(KEY)).url);
    await expect(session.poll?.(patience())).rejects.toMatchObject({ kind: "device-exception" });
  });
});

describe("a light", () => {
  test("is set, and nobody claims to know what it shows", async () => {
    const device = await start(KEY);
    const session = await open(device.url, KEY);
    await session.write?.("Reader/Led", "green", patience());
    expect(device.get("Reader/Led")).toBe("green");
    await device.fault("not-done");
    await session.write?.("Reader/Led", "red", patience());
    expect(
      (await session.poll?.(patience()))?.samples.find(({ metric }) => metric === "Reader/Led"),
    ).toMatchObject({
      value: null,
      quality: { status: "uncertain" },
    });
  });

  test("and a buzzer are the reader's only outputs", async () => {
    const device = await start(KEY);
    const session = await open(device.url, KEY);
    await session.write?.("Reader/Beep", true, patience());
    expect(device.reader.beeps).toBe(3);
    await expect(session.write?.("Reader/Beep", false, patience())).rejects.toMatchObject({
      kind: "unsupported",
    });
  });

  test("of another colour, and anything else, is refused before it is sent", async () => {
    const session = await open((await start()).url);
    for (const [metric, value] of [
      ["Reader/Led", "pink"],
      ["Reader/Tamper", true],
    ] as const) {
      await expect(session.write?.(metric, value, patience())).rejects.toMatchObject({ kind: "unsupported" });
    }
  });
});

test("two readers on one pair of wires are told apart", async () => {
  const pty = await openPty();
  const [inside, outside] = [await start(KEY), await start()];
  outside.reader.address = 1;
  inside.attach(pty.bytes);
  outside.attach(pty.bytes);
  cleanups.push(() => pty.close());
  const line = `osdp://${pty.path}?baud=9600`;
  const first = follow(await open(`${line}&address=0&direction=in`, KEY));
  const second = follow(await open(`${line}&address=1&direction=out`));
  inside.raise("Access/Swipe", { credential: "11111111" });
  outside.raise("Access/Swipe", { credential: "22222222" });
  await soon(() => expect([first.events.length, second.events.length]).toEqual([1, 1]));
  expect(first.events[0]?.fields).toMatchObject({ credential: pseudonym("11111111"), direction: "in" });
  expect(second.events[0]?.fields).toMatchObject({ credential: pseudonym("22222222"), direction: "out" });
});

/** A reader on a serial port whose replies somebody has his hands on; undefined swallows one. */
async function startBehind(
  hands: (reply: Uint8Array) => Uint8Array | undefined,
): Promise<[string, SimulatedOsdpReader]> {
  const device = await start(KEY);
  const pty = await openPty();
  cleanups.push(() => pty.close());
  let waiting: Uint8Array = new Uint8Array(0);
  pty.bytes.on("data", (bytes: Uint8Array) => {
    const { replies, rest } = device.reader.hear(Uint8Array.from([...waiting, ...bytes]));
    waiting = rest;
    for (const reply of replies) {
      const passed = hands(reply);
      if (passed !== undefined) pty.bytes.write(passed);
    }
  });
  return [`osdp://${pty.path}?baud=9600`, device];
}

describe("somebody on the line", () => {
  test("who changes a signed reply ends the session: nothing of it is believed", async () => {
    let forging = false;
    const [url, device] = await startBehind((reply) => {
      if (!forging) return reply;
      // The MAC stands before the CRC; the CRC is made right again, as a forger would.
      const forged = reply.with(-3, (reply.at(-3) ?? 0) ^ 1);
      const crc = osdpCrc(forged.subarray(0, -2));
      return forged.with(-2, crc & 0xff).with(-1, crc >> 8);
    });
    const { events, lost } = follow(await open(url, KEY));
    forging = true;
    device.raise("Access/Swipe", { credential: CARD });
    expect(await lost).toMatchObject({ kind: "unreachable", retry: true });
    expect(events).toEqual([]);
  });

  test("who answers in the clear in the reader's place is not believed", async () => {
    let forging = false;
    const [url] = await startBehind((reply) => {
      const { frame } = findFrame(reply) ?? {};
      if (!forging || frame === undefined) return reply;
      const data = Uint8Array.of(0, 0, 32, 0, 1, 2, 3, 4);
      return encodeFrame({ address: 0, isReply: true, sequence: frame.sequence, code: Reply.Raw, data });
    });
    const { events, lost } = follow(await open(url, KEY));
    forging = true;
    expect(await lost).toMatchObject({ kind: "unreachable" });
    expect(events).toEqual([]);
  });
});

test("a reader that misses a few questions is not given up, and what happened meanwhile is told once", async () => {
  let swallowed = 0;
  const [url, device] = await startBehind((reply) => {
    if (swallowed === 0 || swallowed > 3) return reply;
    swallowed += 1;
    return undefined;
  });
  const { events } = follow(await open(url, KEY));
  swallowed = 1;
  device.raise("Access/Swipe", { credential: CARD });
  await soon(() => expect(events).toHaveLength(1));
  device.raise("Access/Swipe", { credential: CARD });
  await soon(() => expect(events).toHaveLength(2));
});

describe("a reader shows its faults", () => {
  test.each([
    ["down", "unreachable"],
    ["hang", "timeout"],
    ["garbage", "garbage"],
  ] as const)("%s gives the error %s, and it is there again once mended", async (fault, kind) => {
    const device = await start(KEY);
    await device.fault(fault);
    await expect(open(device.url, KEY)).rejects.toMatchObject({ kind, retry: true });
    await device.fault(null);
    expect((await (await open(device.url, KEY)).poll?.(patience()))?.samples.length).toBeGreaterThan(0);
  });

  test("frames that come split and glued, with noise between them, are understood", async () => {
    const device = await start(KEY);
    await device.fault("fragmented");
    const { events } = follow(await open(device.url, KEY));
    device.raise("Access/Swipe", { credential: CARD });
    await soon(() => expect(events).toHaveLength(1));
  });

  test("a line that goes half open loses the subscription, and the next session has the card", async () => {
    const device = await start(KEY);
    const session = await open(device.url, KEY);
    const { lost } = follow(session);
    await device.fault("half-open");
    expect(await lost).toMatchObject({ retry: true });
    await session.close();
    await device.fault(null);
    const { events } = follow(await open(device.url, KEY));
    device.raise("Access/Swipe", { credential: CARD });
    await soon(() => expect(events).toHaveLength(1));
  });

  test("one that restarts has no channel any more: it is noticed, and a new session opens one", async () => {
    const device = await start(KEY);
    const session = await open(device.url, KEY);
    const { lost } = follow(session);
    await device.fault("reboot-loop");
    expect(await lost).toMatchObject({ kind: "unreachable", retry: true });
    await session.close();
    await device.fault(null);
    expect(shown(await (await open(device.url, KEY)).poll?.(patience()))["Reader/Secure"]).toBe(true);
  });

  test("one whose key was changed refuses, and is not asked again and again", async () => {
    const device = await start(KEY);
    await device.fault("lockout");
    await expect(open(device.url, KEY)).rejects.toMatchObject({ kind: "login-refused", retry: false });
  });

  test("a storm of cards arrives card by card", async () => {
    const device = await start();
    const { events } = follow(await open(device.url));
    await device.fault("storm");
    device.raise("Access/Swipe", { credential: CARD });
    await soon(() => expect(events.length).toBeGreaterThan(10));
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
  });
});

test.each([
  "osdp://127.0.0.1:1?address=127",
  "osdp://127.0.0.1:1?address=x",
  "osdp://127.0.0.1:1?direction=up",
  "osdp://127.0.0.1:1?install=true",
  "osdp://?address=1",
])("%s is no address", async (url) => {
  await expect(open(url)).rejects.toMatchObject({ kind: "unsupported", retry: false });
});
