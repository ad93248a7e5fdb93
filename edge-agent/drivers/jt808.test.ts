import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import {
  canonicalPhone,
  encodeFrame,
  type Jt808Frame,
  Jt808Splitter,
} from "@campus-ops/device-profiles/codecs/jt808-frame";
import {
  encodeAuthentication,
  encodeLocation,
  Jt808Message,
  parseAnswer,
  parseRegisterAnswer,
} from "@campus-ops/device-profiles/codecs/jt808-messages";
import { genericJt8082013 } from "@campus-ops/device-profiles/profiles/bus-terminal/generic-jt808-2013";
import { genericJt8082019 } from "@campus-ops/device-profiles/profiles/bus-terminal/generic-jt808-2019";
import type { Jt808Profile } from "@campus-ops/device-profiles/profiles/jt808-profile";
import {
  type SimulatedDevice,
  type SimulatorOptions,
  startSimulator,
} from "@campus-ops/device-profiles/simulator";
import { freePort } from "@campus-ops/device-profiles/simulator/calling-client";
import type { DeviceEvent, Sample } from "@campus-ops/device-profiles/vocabulary";
import { soon } from "@campus-ops/service/testing/soon";
import { afterEach, describe, expect, test, vi } from "vitest";
import { FollowedSession, patience } from "../testing/followed-session.ts";
import { createJt808Driver } from "./jt808.ts";
import { STRANGERS_MAX } from "./listener/switchboard.ts";

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function start(
  options: SimulatorOptions = {},
  profile: Jt808Profile = genericJt8082013,
): Promise<SimulatedDevice> {
  const device = await startSimulator(profile, options);
  cleanups.push(() => device.close());
  return device;
}

const driver = createJt808Driver(0);

async function follow(
  url: string,
  { profile = genericJt8082013, secret }: { secret?: string; profile?: Jt808Profile } = {},
): Promise<FollowedSession> {
  const followed = await FollowedSession.open(driver, profile, url, secret === undefined ? {} : { secret });
  cleanups.push(() => followed.close());
  return followed;
}

const positions = (followed: FollowedSession): readonly DeviceEvent[] => followed.eventsOf("Bus/Position");

/** Somebody at the port, byte by byte. */
async function call(url: string): Promise<{ socket: Socket; heard: Jt808Frame[]; closed: Promise<void> }> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  cleanups.push(() => void socket.destroy());
  const splitter = new Jt808Splitter();
  const heard: Jt808Frame[] = [];
  socket.on("data", (bytes) => heard.push(...splitter.push(bytes)));
  socket.on("error", () => undefined);
  const closed = new Promise<void>((resolve) => socket.on("close", () => resolve()));
  await new Promise((resolve) => socket.once("connect", resolve));
  return { socket, heard, closed };
}

const frame = (message: number, body: Uint8Array, phone = "13800138000"): Uint8Array =>
  encodeFrame({ message, edition: 2013, phone, serial: 1, body });

describe("a bus that calls in", () => {
  test.each([genericJt8082013, genericJt8082019])(
    "tells in $model where it is and how it is",
    async (profile) => {
      const bus = await start({}, profile);
      const followed = await follow(bus.url, { profile });
      bus.set("Bus/SOS", true);
      await soon(() => expect(followed.latest("Bus/SOS")).toBe(true));
      bus.raise("Bus/Position", {
        latitude: 30.5,
        longitude: 104.25,
        altitude: 512,
        speed: 36.5,
        heading: 180,
      });
      await soon(() =>
        expect(positions(followed).at(-1)).toMatchObject({
          quality: { status: "good" },
          fields: { latitude: 30.5, longitude: 104.25, altitude: 512, speed: 36.5, heading: 180 },
        }),
      );
      bus.raise("Bus/Driver", { inserted: true, credential: "510100000012345678", result: "read" });
      await soon(() =>
        expect(followed.events.at(-1)).toMatchObject({
          event: "Bus/Driver",
          fields: { inserted: true, credential: "pseudonym of 510100000012345678", result: "read" },
        }),
      );
      expect(await followed.session.identify?.(patience())).toMatchObject({
        samples: [{ value: "70960" }, { value: "SIM-808" }, { value: "0000001" }],
      });
    },
  );

  test("shares the port with others, each its own device, and one of them may speak the other edition", async () => {
    const one = await start();
    const port = Number(new URL(one.url).port);
    const other = await start({ port, identity: "13900139000" }, genericJt8082019);
    const [first, second] = await Promise.all([follow(one.url), follow(other.url)]);
    other.set("Bus/Fuel", 30);
    one.set("Bus/Fuel", 20);
    await soon(() => expect([first.latest("Bus/Fuel"), second.latest("Bus/Fuel")]).toEqual([20, 30]));
  });

  test("that has not called is unreachable, and so is every address that is none", async () => {
    const url = `jt808://13800138000@127.0.0.1:${await freePort()}`;
    const environment = { now: Date.now, pseudonym: (text: string) => text };
    const open = (address: string, signal: AbortSignal) =>
      driver.open({ url: new URL(address) }, genericJt8082013, environment, signal);
    await expect(open(url, AbortSignal.timeout(30))).rejects.toMatchObject({
      kind: "unreachable",
      retry: true,
    });
    await expect(open("jt808://127.0.0.1", patience())).rejects.toMatchObject({
      kind: "unsupported",
      retry: false,
    });
  });

  test("finds nobody at a port that another program has, and that is said", async () => {
    const { createServer } = await import("node:net");
    const server = createServer().listen(0, "127.0.0.1");
    cleanups.push(() => void server.close());
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as { port: number };
    await expect(follow(`jt808://1@127.0.0.1:${port}`)).rejects.toMatchObject({ kind: "unreachable" });
  });

  test("calls while no session is open: one is wanted at once, and what it said waits", async () => {
    const bus = await start();
    await bus.fault("down");
    const onCall = vi.fn();
    const environment = { now: Date.now, pseudonym: (text: string) => text, onCall };
    const target = { url: new URL(bus.url) };
    const lingering = createJt808Driver(60_000);
    const open = (signal: AbortSignal) => lingering.open(target, genericJt8082013, environment, signal);
    await expect(open(AbortSignal.timeout(20))).rejects.toMatchObject({ kind: "unreachable" });
    bus.set("Bus/SOS", true);
    await bus.fault(null);
    await soon(() => expect(onCall).toHaveBeenCalled());
    const session = await open(patience());
    cleanups.push(() => session.close());
    const heard: Sample[] = [];
    const ending = new AbortController();
    cleanups.push(() => ending.abort());
    void session.subscribe?.(({ samples }, settled) => {
      heard.push(...samples);
      settled?.(true);
    }, ending.signal);
    await soon(() =>
      expect(heard.find(({ metric, value }) => metric === "Bus/SOS" && value === true)).toBeDefined(),
    );
  });
});

describe("what a bus reports", () => {
  test("is acknowledged when it is on the disk, and comes again when it could not be kept", async () => {
    const bus = await start();
    const followed = await follow(bus.url);
    await soon(() => expect(followed.latest("Bus/Speed")).toBe(0));
    followed.keep = false;
    bus.raise("Bus/Position", { latitude: 30.1, longitude: 104.1 });
    bus.raise("Bus/Driver", { inserted: true, credential: "1", result: "read" });
    await soon(() => expect(followed.lost.flatMap(({ events }) => events)).toHaveLength(2));
    await bus.fault("down");
    followed.keep = true;
    await bus.fault(null);
    await soon(() => {
      expect(positions(followed).some(({ fields }) => fields.latitude === 30.1)).toBe(true);
      expect(followed.eventsOf("Bus/Driver")).toHaveLength(1);
    });
  });

  test("from a dead zone comes with the times at which it was true, in a batch of many parts", async () => {
    let now = Date.now() - 3_600_000;
    const bus = await start({ now: () => now });
    const followed = await follow(bus.url);
    await bus.fault("down");
    const begin = now;
    for (let minute = 0; minute < 50; minute += 1) {
      now = begin + minute * 60_000;
      bus.raise("Bus/Position", { latitude: 30 + minute / 100, longitude: 104 });
    }
    now = Date.now();
    await bus.fault(null);
    await soon(() => expect(positions(followed).length).toBeGreaterThanOrEqual(51));
    const late = positions(followed).slice(-51, -1);
    expect(late.map(({ eventTime }) => eventTime)).toEqual(
      late.map((_, minute) => Math.floor((begin + minute * 60_000) / 1000) * 1000),
    );
    expect(late.every(({ quality }) => quality.status === "good")).toBe(true);
  });

  test("again after a reconnect, or hundreds of times, is told once", async () => {
    const bus = await start();
    const followed = await follow(bus.url);
    await soon(() => expect(positions(followed)).toHaveLength(1));
    await bus.fault("replay");
    bus.raise("Bus/Position", { latitude: 30.2, longitude: 104.2 });
    await bus.fault("storm");
    bus.raise("Bus/Position", { latitude: 30.3, longitude: 104.3 });
    await bus.fault("replay");
    await soon(() => expect(followed.latest("Bus/Speed")).toBe(0));
    await soon(() => expect(positions(followed).at(-1)?.fields.latitude).toBe(30.3));
    const ids = positions(followed).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("goes on when its serial numbers and its mileage begin anew", async () => {
    const bus = await start();
    const followed = await follow(bus.url);
    bus.set("Bus/Mileage", 5_000);
    await soon(() => expect(followed.latest("Bus/Mileage")).toBe(5_000));
    await bus.fault("counter-reset");
    await soon(() => expect(followed.latest("Bus/Mileage")).toBe(0));
  });

  test.each([
    ["clock-1970", "device-clock"],
    ["clock-ahead", "device-clock"],
    ["local-time", "device-clock"],
  ] as const)("with %s is true now, and its quality says %s", async (fault, reason) => {
    const bus = await start();
    const followed = await follow(bus.url);
    await bus.fault(fault);
    const quality = { status: "uncertain", reason };
    bus.raise("Bus/Position", { latitude: 30.4, longitude: 104.4 });
    await soon(() =>
      expect(positions(followed).at(-1)).toMatchObject({ fields: { latitude: 30.4 }, quality }),
    );
    const { deviceTime, eventTime } = positions(followed).at(-1) ?? { deviceTime: 0, eventTime: 0 };
    expect(Math.abs(eventTime - Date.now())).toBeLessThan(60_000);
    expect(Math.abs((deviceTime ?? eventTime) - eventTime)).toBeGreaterThan(3_600_000);
  });

  test("without a fix or a sensor is not taken for zero", async () => {
    const bus = await start();
    const followed = await follow(bus.url);
    await bus.fault("sentinel");
    const bad = { value: null, quality: { status: "bad", reason: "sentinel" } };
    await soon(() => {
      for (const metric of ["Bus/Mileage", "Bus/Fuel", "Bus/Speed"]) {
        expect(followed.newest(metric)).toMatchObject(bad);
      }
      expect(positions(followed).at(-1)).toMatchObject({ quality: bad.quality });
    });
  });
});

describe("a bad line", () => {
  test("in pieces, with noise between them, carries all of it", async () => {
    const bus = await start();
    const followed = await follow(bus.url);
    await bus.fault("fragmented");
    for (const fuel of [11, 12, 13]) bus.set("Bus/Fuel", fuel);
    await soon(() => expect(followed.latest("Bus/Fuel")).toBe(13));
  });

  test("that is dead though it stands is replaced by the next call without anybody noticing", async () => {
    const bus = await start();
    const followed = await follow(bus.url);
    await bus.fault("half-open");
    bus.set("Bus/Fuel", 17);
    await soon(() => expect(followed.latest("Bus/Fuel")).toBe(17));
    expect(await Promise.race([followed.ended, followed.polled()])).toHaveProperty("Connectivity/Malformed");
  });

  test("that was replaced is hung up: a terminal has one", async () => {
    const bus = await start({ secret: "s" });
    await follow(bus.url, { secret: "s" });
    await bus.fault("down");
    const [dead, alive] = [await call(bus.url), await call(bus.url)];
    const proof = frame(Jt808Message.Authenticate, encodeAuthentication("s", 2013));
    dead.socket.write(proof);
    await soon(() => expect(dead.heard).toHaveLength(1));
    alive.socket.write(proof);
    await dead.closed;
    expect(alive.socket.destroyed).toBe(false);
  });

  test("that is silent for too long ends the session", async () => {
    const bus = await start();
    const followed = await follow(bus.url, { profile: { ...genericJt8082013, silenceMax_ms: 60 } });
    await expect(followed.ended).rejects.toMatchObject({ kind: "timeout", retry: true, conclusive: true });
  });

  test("of a terminal that restarts all the time still brings what it says in between", async () => {
    const bus = await start();
    const followed = await follow(bus.url);
    await bus.fault("reboot-loop");
    bus.set("Bus/Fuel", 19);
    await soon(() => expect(followed.latest("Bus/Fuel")).toBe(19));
  });

  test("that carries rubbish is cut, told as a stranger's, and mends", async () => {
    const bus = await start();
    const followed = await follow(bus.url);
    await bus.fault("garbage");
    const rubbish = await call(bus.url);
    rubbish.socket.write(randomBytes(32_768));
    await rubbish.closed;
    await bus.fault(null);
    bus.set("Bus/Fuel", 23);
    await soon(() => expect(followed.latest("Bus/Fuel")).toBe(23));
    expect((await followed.polled())["Connectivity/UnknownCallers"]).toBeGreaterThan(0);
  });
});

describe("at a port that anybody can call", () => {
  test("a terminal that nobody expects is told so, turned away and counted", async () => {
    const bus = await start();
    const followed = await follow(bus.url);
    const stranger = await call(bus.url);
    stranger.socket.write(frame(Jt808Message.Register, new Uint8Array(40), "13999999999"));
    await stranger.closed;
    expect(stranger.heard.map(({ body }) => parseRegisterAnswer(body).result)).toEqual([4]);
    expect(canonicalPhone(stranger.heard[0]?.phone ?? "")).toBe("13999999999");
    expect(await followed.polled()).toMatchObject({ "Connectivity/UnknownCallers": 1 });
  });

  test("somebody in a terminal's name with a wrong code is turned away, and the terminal does not notice", async () => {
    const bus = await start({ secret: "code of the terminal" });
    const followed = await follow(bus.url, { secret: "code of the terminal" });
    const thief = await call(bus.url);
    thief.socket.write(frame(Jt808Message.Register, new Uint8Array(40)));
    thief.socket.write(frame(Jt808Message.Authenticate, encodeAuthentication("guessed", 2013)));
    await thief.closed;
    expect(thief.heard.map(({ message }) => message)).toEqual([
      Jt808Message.RegisterAnswer,
      Jt808Message.PlatformAnswer,
    ]);
    expect(parseRegisterAnswer(thief.heard[0]?.body ?? new Uint8Array())).toMatchObject({
      result: 3,
      code: "",
    });
    expect(parseAnswer(thief.heard[1]?.body ?? new Uint8Array()).result).toBe(1);
    expect(await followed.polled()).toMatchObject({
      "Connectivity/RefusedCalls": 1,
      "Connectivity/UnknownCallers": 0,
    });
    bus.set("Bus/Fuel", 29);
    await soon(() => expect(followed.latest("Bus/Fuel")).toBe(29));
  });

  test("what is said before the proof counts for nothing", async () => {
    const bus = await start();
    const followed = await follow(bus.url);
    await soon(() => expect(positions(followed)).toHaveLength(1));
    const liar = await call(bus.url);
    const body = encodeLocation({
      alarm: 1,
      status: 2,
      latitude: 1,
      longitude: 1,
      altitude_m: 0,
      speed_km_h: 0,
      heading: 0,
      time: Date.now(),
      items: new Map(),
    });
    liar.socket.write(frame(Jt808Message.Location, body));
    await soon(() => expect(liar.heard).toHaveLength(1));
    expect(parseAnswer(liar.heard[0]?.body ?? new Uint8Array())).toMatchObject({ result: 1 });
    expect(followed.latest("Bus/SOS")).toBe(false);
  });

  test("a thousand connections that say nothing keep no bus out", async () => {
    const bus = await start();
    const followed = await follow(bus.url);
    const crowd = await Promise.all(Array.from({ length: 1_000 }, () => call(bus.url)));
    await soon(() =>
      expect(crowd.filter(({ socket }) => !socket.destroyed).length).toBeLessThanOrEqual(STRANGERS_MAX),
    );
    bus.set("Bus/Fuel", 31);
    await soon(() => expect(followed.latest("Bus/Fuel")).toBe(31));
    await bus.fault("down");
    await bus.fault(null);
    bus.set("Bus/Fuel", 37);
    await soon(() => expect(followed.latest("Bus/Fuel")).toBe(37));
    expect((await followed.polled())["Connectivity/UnknownCallers"]).toBeGreaterThanOrEqual(
      1_000 - STRANGERS_MAX,
    );
  });

  test("a message that never ends is cut off", async () => {
    const bus = await start();
    await follow(bus.url);
    const endless = await call(bus.url);
    endless.socket.write(new Uint8Array(200_000).fill(0x55));
    await endless.closed;
  });

  test("a terminal's message that makes no sense is answered as wrong, counted, and harms no other", async () => {
    const bus = await start({ secret: "s" });
    const followed = await follow(bus.url, { secret: "s" });
    await bus.fault("down");
    const terminal = await call(bus.url);
    terminal.socket.write(frame(Jt808Message.Authenticate, encodeAuthentication("s", 2013)));
    terminal.socket.write(frame(Jt808Message.Location, new Uint8Array(5)));
    terminal.socket.write(frame(0x0900, new Uint8Array(5)));
    terminal.socket.write(frame(Jt808Message.Register, new Uint8Array(40)));
    await soon(() => expect(terminal.heard).toHaveLength(4));
    const [registered] = terminal.heard.filter(({ message }) => message === Jt808Message.RegisterAnswer);
    // Registered again on the line it has: the code is told to nobody.
    expect(parseRegisterAnswer(registered?.body ?? new Uint8Array())).toMatchObject({ result: 3, code: "" });
    const answers = terminal.heard.filter(({ message }) => message === Jt808Message.PlatformAnswer);
    expect(answers.map(({ body }) => parseAnswer(body).result)).toEqual([0, 2, 3]);
    expect(await followed.polled()).toMatchObject({ "Connectivity/Malformed": 1 });
  });
});
