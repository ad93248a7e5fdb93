import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { genericPoe } from "@campus-ops/device-profiles/profiles/switch/generic-poe";
import {
  type SnmpSimulatedDevice,
  startSnmpSimulator,
} from "@campus-ops/device-profiles/simulator/snmp/simulator";
import type { Reading, SampleValue } from "@campus-ops/device-profiles/vocabulary";
import { soon } from "@campus-ops/service/testing/soon";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { DeviceSession } from "./driver.ts";
import { DATAGRAMS_PER_SOURCE_S_MAX } from "./notices/source-gate.ts";
import { credentialsOf } from "./snmp/target.ts";
import { TRAP_LISTENERS, TrapListener } from "./snmp/traps.ts";
import { snmpDriver } from "./snmp.ts";

/** Patient with a machine that has much else to do. */

/** The peer: Net-SNMP's snmptrap, from Debian's package `snmp`. */
const run = promisify(execFile);
const never = new AbortController().signal;
const environment = { now: Date.now, pseudonym: (text: string) => text };
const PASSPHRASE = "a passphrase of the campus";
const LINK_DOWN = "1.3.6.1.6.3.1.1.5.3";

let ending: AbortController;
const cleanups: (() => Promise<void> | void)[] = [];
beforeEach(() => {
  ending = new AbortController();
});
afterEach(async () => {
  ending.abort();
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const listener = await TrapListener.open("127.0.0.1", 0);
  const { port } = listener;
  await listener.close();
  return port;
}

const held = (reading: Reading | undefined, metric: string): SampleValue | undefined =>
  reading?.samples.find((sample) => sample.metric === metric)?.value;

describe("a device whose notifications are awaited", () => {
  let device: SnmpSimulatedDevice;
  let session: DeviceSession;
  let port: number;
  let readings: Reading[];
  let subscription: Promise<void>;

  beforeEach(async () => {
    device = await startSnmpSimulator(genericPoe, { secret: "campus" });
    port = await freePort();
    const url = new URL(`${device.url}?traps=127.0.0.1:${port}`);
    session = await snmpDriver.open({ url, secret: "campus" }, genericPoe, environment, never);
    readings = [];
    subscription =
      session.subscribe?.((reading) => readings.push(reading), ending.signal) ?? Promise.reject();
    cleanups.push(
      () => device.close(),
      () => session.close(),
      () => subscription,
    );
    // Once the port is open, somebody else cannot have it.
    await soon(async () => {
      expect(held(await session.poll?.(never), "Notices/Listening")).toBe(true);
    });
  });

  test("is looked at when it says that a link went down", async () => {
    device.set("Port/3/Oper", "down");
    await device.notify(port, { kind: "linkDown", ifIndex: 3 });
    await soon(() => expect(held(readings.at(-1), "Port/3/Oper")).toBe("down"));
    expect(held(readings.at(-1), "Notices/Received")).toBe(1);
  });

  test("is not believed: a link that is up stays up, whatever a trap says", async () => {
    await device.notify(port, { kind: "linkDown", ifIndex: 3 });
    await soon(() => expect(held(readings.at(-1), "Port/3/Oper")).toBe("up"));
  });

  test("has its informs acknowledged", async () => {
    await device.notify(port, { kind: "linkUp", ifIndex: 3, inform: true });
    await soon(() => expect(readings).toHaveLength(1));
  });

  test("Net-SNMP's snmptrap and snmpinform are understood", async () => {
    const login = ["-v2c", "-c", "campus"];
    await run("snmptrap", [...login, `127.0.0.1:${port}`, "", LINK_DOWN]);
    await soon(() => expect(readings).toHaveLength(1));
    // Rejects when nobody acknowledges.
    await run("snmpinform", [...login, "-r0", "-t5", `127.0.0.1:${port}`, "", LINK_DOWN]);
  });

  test("whose community is wrong is refused and counted", async () => {
    await device.notify(port, { kind: "linkDown", community: "guess" });
    await soon(async () => expect(held(await session.poll?.(never), "Notices/Refused")).toBe(1));
    expect(readings).toHaveLength(0);
  });

  test("that sends a storm is looked at a few times, and what is beyond its rate is not decoded", async () => {
    await device.notify(port, { kind: "linkDown", copies: 5 * DATAGRAMS_PER_SOURCE_S_MAX });
    const lease = await TRAP_LISTENERS.lease(`127.0.0.1:${port}`, () =>
      Promise.reject(new Error("not open")),
    );
    await soon(() => expect(lease.line.counters.flooded).toBeGreaterThan(0));
    await lease.release();
    await soon(() => expect(readings.length).toBeGreaterThan(0));
    expect(readings.length).toBeLessThan(5);
  });

  test("a port that somebody else has does not keep it from being polled", async () => {
    const url = new URL(`${device.url}?traps=${new URL(device.url).host}`);
    const other = await snmpDriver.open({ url, secret: "campus" }, genericPoe, environment, never);
    await expect(other.subscribe?.(() => undefined, ending.signal)).rejects.toMatchObject({
      kind: "unsupported",
    });
    expect(held(await other.poll?.(never), "Notices/Listening")).toBe(false);
    await other.close();
  });
});

test("a device without a trap port has nothing to subscribe to", async () => {
  const device = await startSnmpSimulator(genericPoe);
  const session = await snmpDriver.open({ url: new URL(device.url) }, genericPoe, environment, never);
  await expect(session.subscribe?.(() => undefined, never)).rejects.toMatchObject({ kind: "unsupported" });
  await session.close();
  await device.close();
});

describe("the port itself", () => {
  async function listening(): Promise<TrapListener> {
    const listener = await TrapListener.open("127.0.0.1", 0);
    cleanups.push(() => listener.close());
    return listener;
  }

  test("drops what comes from an address that no device has, before decoding it", async () => {
    const listener = await listening();
    const told = vi.fn();
    listener.register({
      address: "127.0.0.9",
      credentials: { version: "2c", community: "campus" },
      onNotification: told,
      onRefused: told,
    });
    await run("snmptrap", ["-v2c", "-c", "campus", `127.0.0.1:${listener.port}`, "", LINK_DOWN]);
    await soon(() => expect(listener.counters.unknownSource).toBe(1));
    expect(told).not.toHaveBeenCalled();
  });

  test("refuses one device's community from another device's address", async () => {
    const listener = await listening();
    const accepted = vi.fn();
    const refused = vi.fn();
    for (const [address, community] of [
      ["127.0.0.1", "campus"],
      ["127.0.0.9", "other"],
    ] as const) {
      const credentials = { version: "2c", community } as const;
      listener.register({ address, credentials, onNotification: accepted, onRefused: refused });
    }
    await run("snmptrap", ["-v2c", "-c", "other", `127.0.0.1:${listener.port}`, "", LINK_DOWN]);
    await soon(() => expect(refused).toHaveBeenCalledTimes(1));
    expect(accepted).not.toHaveBeenCalled();
  });

  test("takes version 3 signed and encrypted by the device's user, and refuses another passphrase", async () => {
    const listener = await listening();
    const accepted = vi.fn();
    const refused = vi.fn();
    const url = new URL("snmp://127.0.0.1?version=3");
    listener.register({
      address: "127.0.0.1",
      credentials: credentialsOf({ url, username: "operator", secret: PASSPHRASE }),
      onNotification: accepted,
      onRefused: refused,
    });
    const trap = (passphrase: string, ...level: string[]) =>
      run("snmptrap", [
        ...["-v3", "-e", "0x8000000001020304", "-u", "operator", "-a", "SHA-256", "-x", "AES"],
        ...["-A", passphrase, "-X", passphrase, ...level],
        ...[`127.0.0.1:${listener.port}`, "", LINK_DOWN],
      ]);
    await trap(PASSPHRASE, "-l", "authPriv");
    await soon(() => expect(accepted).toHaveBeenCalledTimes(1));
    await trap("another passphrase", "-l", "authPriv");
    await soon(() => expect(refused).toHaveBeenCalledTimes(1));
    await trap(PASSPHRASE, "-l", "noAuthNoPriv");
    await soon(() => expect(refused).toHaveBeenCalledTimes(2));
    expect(accepted).toHaveBeenCalledTimes(1);
  });

  test("acknowledges an inform of version 3: the sender asks first who is listening", async () => {
    const listener = await listening();
    const told = vi.fn();
    listener.register({
      address: "127.0.0.1",
      credentials: credentialsOf({
        url: new URL("snmp://127.0.0.1?version=3"),
        username: "operator",
        secret: PASSPHRASE,
      }),
      onNotification: told,
      onRefused: () => undefined,
    });
    // Rejects when nobody acknowledges.
    await run("snmpinform", [
      ...["-v3", "-u", "operator", "-l", "authPriv", "-a", "SHA-256", "-x", "AES"],
      ...["-A", PASSPHRASE, "-X", PASSPHRASE, "-r0", "-t5"],
      ...[`127.0.0.1:${listener.port}`, "", LINK_DOWN],
    ]);
    expect(told).toHaveBeenCalledTimes(1);
  });

  test("knows nobody any more whose session has ended", async () => {
    const listener = await listening();
    const told = vi.fn();
    const leave = listener.register({
      address: "127.0.0.1",
      credentials: { version: "2c", community: "campus" },
      onNotification: told,
      onRefused: told,
    });
    leave();
    await run("snmptrap", ["-v2c", "-c", "campus", `127.0.0.1:${listener.port}`, "", LINK_DOWN]);
    await soon(() => expect(listener.counters.unknownSource).toBe(1));
    expect(told).not.toHaveBeenCalled();
  });

  test("two passphrases of one user cannot be told apart, and that is said", async () => {
    const listener = await listening();
    const subscriber = (secret: string) => ({
      address: "127.0.0.1",
      credentials: credentialsOf({
        url: new URL("snmp://127.0.0.1?version=3"),
        username: "operator",
        secret,
      }),
      onNotification: () => undefined,
      onRefused: () => undefined,
    });
    listener.register(subscriber(PASSPHRASE));
    expect(() => listener.register(subscriber("another passphrase"))).toThrow(/different passphrases/);
  });
});
