import dgram from "node:dgram";
import { once } from "node:events";
import { genericIfMib } from "@campus-ops/device-profiles/profiles/switch/generic-if-mib";
import { genericPoe } from "@campus-ops/device-profiles/profiles/switch/generic-poe";
import {
  type SnmpSimulatedDevice,
  startSnmpSimulator,
} from "@campus-ops/device-profiles/simulator/snmp/simulator";
import type { Reading, SampleValue } from "@campus-ops/device-profiles/vocabulary";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { failureOf } from "../testing/driver-outcomes.ts";
import type { DeviceSession } from "./driver.ts";
import { SNMP_LIMITS } from "./snmp/link.ts";
import { createSnmpDriver } from "./snmp.ts";

const NOW = Date.UTC(2026, 8, 1, 8);
const environment = { now: () => NOW, pseudonym: (text: string) => text };
const driver = createSnmpDriver();
/** For agents that do not answer: a test need not wait as long as a box would. */
const hasty = createSnmpDriver({ ...SNMP_LIMITS, timeout_ms: 400 });
const never = new AbortController().signal;

function held(reading: Reading | undefined, metric: string): SampleValue | undefined {
  return reading?.samples.find((sample) => sample.metric === metric)?.value;
}

describe("against the simulated switch", () => {
  let device: SnmpSimulatedDevice;
  let session: DeviceSession;
  const open = (parameters = "", secret = "campus", by = driver) =>
    by.open({ url: new URL(device.url + parameters), secret }, genericPoe, environment, never);

  beforeEach(async () => {
    device = await startSnmpSimulator(genericPoe, { secret: "campus", now: () => NOW });
    session = await open();
  });
  afterEach(async () => {
    await session.close();
    await device.close();
  });

  test("identifies it, serial number digit by digit", async () => {
    const identity = await session.identify?.(never);
    expect(held(identity, "Properties/Serial")).toBe("20230912345678901234");
    expect(held(identity, "System/Name")).toBe("switch-generic-poe");
  });

  test("reads every metric of every port, as the device has it", async () => {
    device.set("Port/2/Oper", "down");
    device.set("Port/5/InOctets", 2n ** 63n + 1n);
    device.set("PoE/7/Detection", "fault");
    device.set("PoE/8/Enabled", false);
    device.set("System/Uptime", 4_242);
    const reading = await session.poll?.(never);
    // Uptime, three metrics of ten ports, two of eight, and how their power cycles stand.
    expect(reading?.samples).toHaveLength(1 + 30 + 16 + 8);
    for (const { metric, value, quality, eventTime } of reading?.samples ?? []) {
      if (metric.endsWith("/Cycle")) continue;
      expect(value, metric).toEqual(device.get(metric));
      expect(quality, metric).toEqual({ status: "good" });
      expect(eventTime).toBe(NOW);
    }
    expect(held(reading, "Port/5/InOctets")).toBe(2n ** 63n + 1n);
    expect(held(reading, "PoE/8/Detection")).toBe("disabled");
  });

  test("a power cycle is two writes, and each can be read back", async () => {
    await session.write?.("PoE/3/Enabled", false, never);
    const off = await session.poll?.(never);
    expect([held(off, "PoE/3/Enabled"), held(off, "Port/3/Oper")]).toEqual([false, "down"]);
    await session.write?.("PoE/3/Enabled", true, never);
    const on = await session.poll?.(never);
    expect([held(on, "PoE/3/Enabled"), held(on, "PoE/3/Detection")]).toEqual([true, "delivering"]);
  });

  test("refuses to write what cannot be written, the wrong value, and the power of an uplink", async () => {
    const uplinked = await open("?ports=1-8&uplinks=3");
    for (const [writer, metric, value] of [
      [session, "Port/3/Oper", "down"],
      [session, "PoE/44/Enabled", false],
      [session, "PoE/3/Enabled", "off"],
      [uplinked, "PoE/3/Enabled", false],
    ] as const) {
      const error = await failureOf(writer.write?.(metric, value, never));
      expect([error.kind, error.retry]).toEqual(["unsupported", false]);
    }
    await uplinked.close();
    expect(device.get("PoE/3/Enabled")).toBe(true);
  });

  test("the address narrows the ports", async () => {
    const narrow = await open("?ports=2-3,9");
    const reading = await narrow.poll?.(never);
    await narrow.close();
    const ports = new Set(
      reading?.samples.map(({ metric }) => metric.split("/")).flatMap((parts) => parts[2] && parts[1]),
    );
    expect([...ports].filter(Boolean).sort()).toEqual(["2", "3", "9"]);
  });

  test.each([
    ["down", "timeout"],
    ["hang", "timeout"],
    ["garbage", "garbage"],
  ] as const)(
    "a device that is %s gives the error %s, and the session mends with it",
    async (fault, kind) => {
      const mending = await open("", "campus", hasty);
      await device.fault(fault);
      const error = await failureOf(mending.poll?.(never));
      expect([error.kind, error.retry]).toEqual([kind, true]);
      await device.fault(null);
      expect((await mending.poll?.(never))?.samples).toHaveLength(55);
      await mending.close();
    },
  );

  test("an agent that says tooBig is asked for less, down to one value at a time", async () => {
    for (const repetitions_max of [3, 0]) {
      const relay = await tooBigAbove(repetitions_max, Number(new URL(device.url).port));
      const url = new URL(`snmp://127.0.0.1:${relay.address().port}`);
      const limited = await driver.open({ url, secret: "campus" }, genericPoe, environment, never);
      expect((await limited.poll?.(never))?.samples).toHaveLength(55);
      await limited.close();
      relay.close();
    }
  });

  test("a device with more values than one look may bring is refused, not read for ever", async () => {
    const small = createSnmpDriver({ ...SNMP_LIMITS, varbinds_max: 40 });
    const target = { url: new URL(device.url), secret: "campus" };
    const limited = await small.open(target, genericPoe, environment, never);
    const error = await failureOf(limited.poll?.(never));
    await limited.close();
    expect([error.kind, error.retry]).toEqual(["unsupported", false]);
  });

  test("another community looks like silence", async () => {
    const error = await failureOf(open("", "guess", hasty));
    expect([error.kind, error.retry]).toEqual(["timeout", true]);
    expect(error.message).not.toContain("guess");
  });

  test("closing ends what is under way, and may be done twice", async () => {
    await device.fault("hang");
    const look = failureOf(session.poll?.(never));
    await session.close();
    await session.close();
    expect((await look).kind).toBe("unreachable");
    expect((await failureOf(session.poll?.(never))).kind).toBe("unreachable");
  });

  test("a host that has no address is unreachable", async () => {
    const url = new URL("snmp://no-such-host.invalid");
    const error = await failureOf(driver.open({ url }, genericPoe, environment, never));
    expect([error.kind, error.retry]).toEqual(["unreachable", true]);
  });

  test("version 3 reads and writes, signed and encrypted on both sides", async () => {
    const login = { username: "operator", secret: "a passphrase of the campus" };
    const secured = await startSnmpSimulator(genericPoe, { ...login, now: () => NOW });
    const url = new URL(`${secured.url}?version=3`);
    const third = await driver.open({ url, ...login }, genericPoe, environment, never);
    expect((await third.poll?.(never))?.samples).toHaveLength(55);
    await third.write?.("PoE/3/Enabled", false, never);
    expect(secured.get("PoE/3/Enabled")).toBe(false);
    await third.close();
    await secured.close();
  });

  test("an answer that was cut off on the way, or comes twice, changes nothing", async () => {
    await device.fault("fragmented");
    device.set("Port/2/Oper", "down");
    const reading = await session.poll?.(never);
    expect([reading?.samples.length, held(reading, "Port/2/Oper")]).toEqual([55, "down"]);
  });

  test("a session that the way forgot times out, and a new one is answered", async () => {
    const quick = await open("", "campus", hasty);
    await device.fault("half-open");
    const error = await failureOf(quick.poll?.(never));
    expect([error.kind, error.retry]).toEqual(["timeout", true]);
    await quick.close();
    const anew = await open();
    expect((await anew.poll?.(never))?.samples).toHaveLength(55);
    await anew.close();
  });

  test("an aborted look ends at once, and the next one works", async () => {
    await device.fault("hang");
    const controller = new AbortController();
    const look = session.poll?.(controller.signal);
    controller.abort(new Error("enough"));
    await expect(look).rejects.toThrow("enough");
    await device.fault(null);
    expect((await session.poll?.(never))?.samples).toHaveLength(55);
  });
});

/**
 * Passes datagrams on to an agent, except GetBulk requests for more rows than it likes: those come back as a response
 * with error-status tooBig. RFC 3416 gives both PDUs the same shape: the tag changes, non-repeaters becomes the error
 * status and max-repetitions the error index.
 */
async function tooBigAbove(repetitions_max: number, agentPort: number): Promise<dgram.Socket> {
  const relay = dgram.createSocket("udp4");
  let manager: dgram.RemoteInfo | undefined;
  relay.on("message", (message, from) => {
    if (from.port === agentPort) {
      relay.send(message, manager?.port, manager?.address);
      return;
    }
    manager = from;
    // sequence, version, community "campus", then the PDU: tag, length, request id, two small integers.
    const pdu = message.indexOf("campus") + "campus".length;
    const lengthBytes = (message[pdu + 1] ?? 0) > 0x80 ? (message[pdu + 1] ?? 0) - 0x80 : 0;
    const requestId = pdu + 2 + lengthBytes;
    const nonRepeaters = requestId + 2 + (message[requestId + 1] ?? 0);
    if (message[pdu] !== GET_BULK || (message[nonRepeaters + 5] ?? 0) <= repetitions_max) {
      relay.send(message, agentPort, "127.0.0.1");
      return;
    }
    message[pdu] = RESPONSE;
    message[nonRepeaters + 2] = TOO_BIG;
    message[nonRepeaters + 5] = 0;
    relay.send(message, from.port, from.address);
  });
  relay.bind(0, "127.0.0.1");
  await once(relay, "listening");
  return relay;
}

const GET_BULK = 0xa5;
const RESPONSE = 0xa2;
const TOO_BIG = 1;

describe("addresses that cannot be used", () => {
  test.each([
    "http://127.0.0.1",
    "snmp://127.0.0.1?version=1",
    "snmp://127.0.0.1?version=3",
    "snmp://127.0.0.1?ports=8-1",
    "snmp://127.0.0.1?ports=1-99999",
    "snmp://127.0.0.1?poe-group=x",
  ])("%s", async (url) => {
    const error = await failureOf(driver.open({ url: new URL(url) }, genericIfMib, environment, never));
    expect([error.kind, error.retry]).toEqual(["unsupported", false]);
  });
});

test("no datagram, however broken, reaches the process as an exception", async () => {
  const frames = [
    // Version 3 with an empty security model, a Report, a trap of version 1, sequences that lie about their length.
    "3010020103300a020101020205dc0401040101040030000400",
    "302602010104067075626c6963a8190204000000000201000201003000",
    "301d020100040670a40e06022b060404400000000201000201004300300030",
    "30820fff020101",
    "",
    "30",
  ].map((hex) => Buffer.from(hex, "hex"));
  const peer = dgram.createSocket("udp4");
  peer.bind(0, "127.0.0.1");
  await once(peer, "listening");
  peer.on("message", (request, from) => {
    for (const frame of frames) peer.send(frame, from.port, from.address);
    // The request itself, with each byte broken in turn.
    for (let at = 0; at < request.length; at++) {
      const broken = Buffer.from(request);
      broken[at] = (broken[at] ?? 0) ^ 0xff;
      peer.send(broken, from.port, from.address);
    }
  });
  const url = new URL(`snmp://127.0.0.1:${peer.address().port}`);
  const error = await failureOf(hasty.open({ url }, genericIfMib, environment, never));
  expect(error.kind).toBe("garbage");
  peer.close();
});
