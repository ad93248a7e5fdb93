import { execFile } from "node:child_process";
import dgram from "node:dgram";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { genericManaged } from "@campus-ops/device-profiles/profiles/switch/generic-managed";
import { startSnmpSimulator } from "@campus-ops/device-profiles/simulator/snmp/simulator";
import { afterEach, expect, test } from "vitest";
import { snmpDriver } from "./snmp.ts";

/** The peer: tshark's dissector, which sees every datagram that driver and simulated switch exchange. */
const run = promisify(execFile);
const never = new AbortController().signal;
const environment = { now: Date.now, pseudonym: (text: string) => text };
const SNMP_PORT = 161;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

interface Datagram {
  readonly payload: Uint8Array;
  readonly toAgent: boolean;
}

/** Passes datagrams on, and keeps a copy of each. */
async function wiretap(agentPort: number): Promise<{ port: number; seen: Datagram[] }> {
  const seen: Datagram[] = [];
  const relay = dgram.createSocket("udp4");
  let manager: dgram.RemoteInfo | undefined;
  relay.on("message", (payload, from) => {
    const toAgent = from.port !== agentPort;
    if (toAgent) manager = from;
    seen.push({ payload: Uint8Array.from(payload), toAgent });
    relay.send(payload, toAgent ? agentPort : manager?.port, "127.0.0.1");
  });
  relay.bind(0, "127.0.0.1");
  await once(relay, "listening");
  cleanups.push(() => void relay.close());
  return { port: relay.address().port, seen };
}

/** A capture file of IPv4 packets (link type 101) between two made-up ports, 161 being the agent's. */
function captureOf(datagrams: readonly Datagram[]): Uint8Array {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(65_535, 16);
  header.writeUInt32LE(101, 20);
  const packets = datagrams.map(({ payload, toAgent }, i) => {
    const packet = Buffer.alloc(16 + 28 + payload.length);
    packet.writeUInt32LE(i, 0);
    packet.writeUInt32LE(28 + payload.length, 8);
    packet.writeUInt32LE(28 + payload.length, 12);
    packet.writeUInt8(0x45, 16);
    packet.writeUInt16BE(28 + payload.length, 18);
    packet.writeUInt8(64, 24);
    packet.writeUInt8(17, 25);
    packet.set([127, 0, 0, 1, 127, 0, 0, 1], 28);
    packet.writeUInt16BE(toAgent ? 40_000 : SNMP_PORT, 36);
    packet.writeUInt16BE(toAgent ? SNMP_PORT : 40_000, 38);
    packet.writeUInt16BE(8 + payload.length, 40);
    packet.set(payload, 44);
    return packet;
  });
  return Buffer.concat([header, ...packets]);
}

/** For each datagram: the kind of PDU, its error status, and whether the dissector found it malformed. */
async function dissect(datagrams: readonly Datagram[]): Promise<readonly (readonly string[])[]> {
  const folder = await mkdtemp(path.join(tmpdir(), "campus-ops-tshark-"));
  cleanups.push(() => rm(folder, { recursive: true }));
  const file = path.join(folder, "snmp.pcap");
  await writeFile(file, captureOf(datagrams));
  const fields = ["snmp.version", "snmp.community", "snmp.data", "snmp.error_status", "_ws.malformed"];
  const { stdout } = await run("tshark", [
    ...["-n", "-r", file, "-T", "fields", "-E", "occurrence=f"],
    ...fields.flatMap((field) => ["-e", field]),
  ]);
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => line.split("\t"));
}

test("tshark understands every request and every answer, and none is malformed", async () => {
  const device = await startSnmpSimulator(genericManaged, { secret: "campus" });
  cleanups.push(() => device.close());
  device.set("Port/1/Stations", "00:1a:2b:3c:4d:5e");
  device.setNeighbour(2, { name: "核心", forwards: true });
  const tap = await wiretap(Number(new URL(device.url).port));
  const url = new URL(`snmp://127.0.0.1:${tap.port}`);
  const session = await snmpDriver.open({ url, secret: "campus" }, genericManaged, environment, never);
  cleanups.push(() => session.close());
  await session.identify?.(never);
  await session.poll?.(never);
  await session.write?.("PoE/3/Enabled", false, never);

  const rows = await dissect(tap.seen);
  expect(rows).toHaveLength(tap.seen.length);
  const kinds = new Set<string>();
  for (const [i, [version, community, kind = "", errorStatus, malformed]] of rows.entries()) {
    expect([version, community, malformed ?? ""], `datagram ${i}`).toEqual(["1", "campus", ""]);
    if (tap.seen[i]?.toAgent === false) expect(errorStatus, `datagram ${i}`).toBe("0");
    kinds.add(kind);
  }
  // get-request, get-response, set-request, getBulkRequest.
  expect([...kinds].toSorted()).toEqual(["0", "2", "3", "5"]);
});
