import { connect, type Socket } from "node:net";
import {
  encodeFireFrame,
  FireCommand,
  type Gbt26875Frame,
  Gbt26875Splitter,
} from "@campus-ops/device-profiles/codecs/gbt26875-frame";
import { genericGbt26875 } from "@campus-ops/device-profiles/profiles/fire-host/generic-gbt26875";
import type { Gbt26875Profile } from "@campus-ops/device-profiles/profiles/gbt26875-profile";
import {
  type SimulatedDevice,
  type SimulatedFault,
  type SimulatorOptions,
  startSimulator,
} from "@campus-ops/device-profiles/simulator";
import { soon } from "@campus-ops/service/testing/soon";
import { afterEach, describe, expect, test } from "vitest";
import { FollowedSession, patience, TEST_ENVIRONMENT } from "../testing/followed-session.ts";
import { createGbt26875Driver } from "./gbt26875.ts";

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function start(options: SimulatorOptions = {}): Promise<SimulatedDevice> {
  const device = await startSimulator(genericGbt26875, options);
  cleanups.push(() => device.close());
  return device;
}

const driver = createGbt26875Driver(0);

async function follow(url: string, profile: Gbt26875Profile = genericGbt26875): Promise<FollowedSession> {
  const followed = await FollowedSession.open(driver, profile, url);
  cleanups.push(() => followed.close());
  return followed;
}

const SMOKE = {
  system: 1,
  type: "感烟火灾探测器",
  address: "23",
  state: "fire",
  text: "实验楼二层化学准备室",
};

const components = (followed: FollowedSession) => followed.eventsOf("Fire/Component");

/** A transmitter, byte by byte. */
async function call(url: string): Promise<{ socket: Socket; heard: Gbt26875Frame[]; closed: Promise<void> }> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  cleanups.push(() => void socket.destroy());
  const splitter = new Gbt26875Splitter();
  const heard: Gbt26875Frame[] = [];
  socket.on("data", (bytes) => heard.push(...splitter.push(bytes)));
  socket.on("error", () => undefined);
  const closed = new Promise<void>((resolve) => socket.on("close", () => resolve()));
  await new Promise((resolve) => socket.once("connect", resolve));
  return { socket, heard, closed };
}

const frame = (data: Uint8Array, more: Partial<Gbt26875Frame> = {}): Uint8Array =>
  encodeFireFrame({
    serial: 7,
    version: [1, 0],
    sentAt: Date.now(),
    source: "0000000000a1",
    destination: "000000000001",
    command: FireCommand.Data,
    data,
    ...more,
  });

describe("a fire host that calls in", () => {
  test("tells its states, and the smoke detector that sees fire", async () => {
    const host = await start();
    const followed = await follow(host.url);
    await soon(() => expect(followed.latest("Fire/Alarm")).toBe(false));
    host.raise("Fire/Component", SMOKE);
    await soon(() =>
      expect(components(followed)).toMatchObject([{ fields: SMOKE, quality: { status: "good" } }]),
    );
    expect(followed.latest("Fire/Alarm")).toBe(true);
    host.raise("Fire/Operation", { panel: "host", operation: "reset", operator: 2 });
    await soon(() => expect(followed.latest("Fire/Alarm")).toBe(false));
    expect(followed.latest("Properties/Firmware")).toBe("1.4");
  });

  test("is heard by its address, several at one port; one that nobody expects is turned away and counted", async () => {
    const one = await start();
    const other = await start({ port: Number(new URL(one.url).port), identity: "0000000000b2" });
    const [first, second] = await Promise.all([follow(one.url), follow(other.url)]);
    other.set("Fire/Fault", true);
    await soon(() => expect(second.latest("Fire/Fault")).toBe(true));
    expect(first.latest("Fire/Fault")).not.toBe(true);
    const stranger = await call(one.url);
    stranger.socket.write(frame(new Uint8Array(), { source: "00000000ffff" }));
    await stranger.closed;
    expect(stranger.heard).toEqual([]);
    expect(await first.polled()).toMatchObject({ "Connectivity/UnknownCallers": 1 });
  });

  test("has an address in hex digits, and nothing else", async () => {
    const open = (address: string) =>
      driver.open({ url: new URL(address) }, genericGbt26875, TEST_ENVIRONMENT, patience());
    await expect(open("gbt26875://school@127.0.0.1:5200")).rejects.toMatchObject({
      kind: "unsupported",
      retry: false,
    });
  });

  test("is never told anything but confirmations, each to the number that it answers", async () => {
    const host = await start();
    await follow(host.url);
    await host.fault("down");
    const transmitter = await call(host.url);
    const state = Uint8Array.of(1, 1, 1, 1, 1, 0, 15, 30, 10, 1, 9, 26);
    transmitter.socket.write(frame(state, { serial: 11 }));
    transmitter.socket.write(frame(new Uint8Array(), { serial: 12 }));
    transmitter.socket.write(frame(state, { serial: 13, command: FireCommand.Confirm }));
    transmitter.socket.write(frame(Uint8Array.of(200, 1, 1), { serial: 14 }));
    transmitter.socket.write(frame(Uint8Array.of(2, 9, 1), { serial: 15 }));
    await soon(() => expect(transmitter.heard).toHaveLength(4));
    const told = transmitter.heard.toSorted((a, b) => a.serial - b.serial);
    expect(told.map(({ command, serial }) => [serial, command])).toEqual([
      [11, FireCommand.Confirm],
      [12, FireCommand.Confirm],
      [14, FireCommand.Confirm],
      [15, FireCommand.Deny],
    ]);
    expect(told.every(({ data, destination }) => data.length === 0 && destination === "0000000000a1")).toBe(
      true,
    );
  });
});

describe("what a fire host tells", () => {
  test("is confirmed when it is on the disk, and comes again until then", async () => {
    const host = await start();
    const followed = await follow(host.url);
    await soon(() => expect(followed.latest("Fire/Alarm")).toBe(false));
    followed.keep = false;
    host.raise("Fire/Component", SMOKE);
    await soon(() => expect(followed.lost.flatMap(({ events }) => events)).toHaveLength(1));
    followed.keep = true;
    await soon(() => expect(components(followed).length).toBeGreaterThan(0));
  });

  test("while nobody listens is kept by it, with its time", async () => {
    let now = Date.now() - 7_200_000;
    const host = await start({ now: () => now });
    const followed = await follow(host.url);
    await host.fault("down");
    host.raise("Fire/Component", SMOKE);
    const told = now;
    now = Date.now();
    await host.fault(null);
    await soon(() => expect(components(followed)).toHaveLength(1));
    expect(components(followed)[0]?.eventTime).toBe(Math.floor(told / 1000) * 1000);
  });

  test.each<SimulatedFault>(["storm", "replay", "counter-reset", "fragmented", "reboot-loop"])(
    "through %s keeps its identity: the same alarm has one id",
    async (fault) => {
      const host = await start();
      const followed = await follow(host.url);
      await host.fault(fault);
      host.raise("Fire/Component", SMOKE);
      await soon(() => expect(components(followed).length).toBeGreaterThan(0));
      await host.fault(fault);
      await soon(() => expect(followed.latest("Fire/Alarm")).toBe(false));
      expect(new Set(components(followed).map(({ id }) => id)).size).toBe(1);
    },
  );

  test.each<SimulatedFault>(["clock-1970", "clock-ahead", "local-time"])(
    "with %s has the time that it was: the transmitter's clock is measured by its frames",
    async (fault) => {
      const host = await start();
      const followed = await follow(host.url);
      await host.fault(fault);
      host.raise("Fire/Component", SMOKE);
      await soon(() => expect(components(followed).length).toBeGreaterThan(0));
      const [event] = components(followed);
      expect(Math.abs((event?.eventTime ?? 0) - Date.now())).toBeLessThan(5_000);
      expect(Math.abs((event?.deviceTime ?? 0) - Date.now())).toBeGreaterThan(3_600_000);
      expect(Math.abs(Number(followed.latest("Connectivity/ClockOffset")))).toBeGreaterThan(3_600);
    },
  );

  test("in UTF-8 where the standard wants GB18030 is read all the same, cut as it is", async () => {
    const host = await start();
    const followed = await follow(host.url);
    await host.fault("mislabelled-text");
    host.raise("Fire/Component", { ...SMOKE, text: "实验楼二层化学准备室东侧" });
    await soon(() => expect(components(followed).at(-1)?.fields.text).toBe("实验楼二层化学准备室"));
  });

  test("of a sensor that is missing is no measurement", async () => {
    const host = await start();
    const followed = await follow(host.url);
    await host.fault("sentinel");
    host.raise("Fire/Measurement", {
      system: 1,
      type: "消防水泵",
      address: "7",
      quantity: "pressure-kpa",
      value: 300,
    });
    await soon(() =>
      expect(followed.eventsOf("Fire/Measurement")).toMatchObject([
        { fields: { value: null }, quality: { status: "bad", reason: "sentinel" } },
      ]),
    );
  });
});

describe("a bad line", () => {
  test("that is dead though it stands is replaced by the next call", async () => {
    const host = await start();
    const followed = await follow(host.url);
    await host.fault("half-open");
    host.set("Fire/Fault", true);
    await soon(() => expect(followed.latest("Fire/Fault")).toBe(true));
  });

  test("that is silent for too long ends the session", async () => {
    const host = await start();
    const followed = await follow(host.url, { ...genericGbt26875, silenceMax_ms: 60 });
    await expect(followed.ended).rejects.toMatchObject({ kind: "timeout", retry: true, conclusive: true });
  });

  test("with rubbish on it is cut, and mends", async () => {
    const host = await start();
    const followed = await follow(host.url);
    await host.fault("garbage");
    await host.fault(null);
    host.set("Fire/Supervisory", true);
    await soon(() => expect(followed.latest("Fire/Supervisory")).toBe(true));
  });
});
