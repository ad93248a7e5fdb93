/** What others make of our frames: mbpoll as a client of the simulator, tshark as a reader of what goes over the wire. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, test } from "vitest";
import { waveshareModbusRtuRelay } from "../../profiles/actuator/waveshare-modbus-rtu-relay.ts";
import { genericRoomMonitor } from "../../profiles/environment-sensor/generic-room-monitor.ts";
import { startModbusSimulator } from "./simulator.ts";

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function run(program: string, args: readonly string[]): Promise<string> {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  const [out, problems, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((ended) => child.once("exit", ended)),
  ]);
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${problems}${out}`);
  return out;
}

/** `[0]: 	455` of mbpoll. */
const values = (output: string): readonly number[] =>
  [...output.matchAll(/^\[\d+\]:\s+(-?\d+)/gm)].map(([, value]) => Number(value));

describe("mbpoll", () => {
  /** One poll, addresses as in PDUs, RTU on the simulator's serial port. */
  const poll = (path: string, ...args: readonly string[]) =>
    run("mbpoll", ["-m", "rtu", "-b", "115200", "-P", "none", "-a", "1", "-0", "-1", ...args, path]);

  test("reads registers and discrete inputs on the serial line", async () => {
    const device = await startModbusSimulator(genericRoomMonitor, { transport: "serial" });
    cleanups.push(() => device.close());
    device.set("Environment/Temperature", -3.5);
    device.set("Environment/CO2", 1850);
    device.set("Environment/Leak", true);
    const { pathname } = new URL(device.url);
    const registers = await poll(pathname, "-t", "3", "-r", "32", "-c", "3");
    expect(values(registers)).toEqual([65_501, 450, 1850]);
    expect(values(await poll(pathname, "-t", "1", "-r", "0", "-c", "2"))).toEqual([0, 1]);
  });

  test("switches a relay, and is refused where there is none", async () => {
    const device = await startModbusSimulator(waveshareModbusRtuRelay, { transport: "serial" });
    cleanups.push(() => device.close());
    const { pathname } = new URL(device.url);
    const write = ["-m", "rtu", "-b", "115200", "-P", "none", "-a", "1", "-0", "-t", "0"];
    await run("mbpoll", [...write, "-r", "2", pathname, "1"]);
    expect(device.get("Relay/3/Closed")).toBe(true);
    await expect(poll(pathname, "-t", "0", "-r", "100", "-c", "1")).rejects.toThrow("Illegal data address");
  });
});

describe("tshark", () => {
  test("dissects what goes over a Modbus TCP connection, and finds nothing wrong with it", async () => {
    const device = await startModbusSimulator(genericRoomMonitor);
    cleanups.push(() => device.close());
    const heard = await conversation(Number(new URL(device.url).port), [
      "0001 0000 0006 01 04 0020 0004",
      "0002 0000 0006 01 02 0000 0002",
      "0003 0000 0006 01 03 0000 0001",
    ]);
    const folder = mkdtempSync(join(tmpdir(), "campus-ops-tshark-"));
    cleanups.push(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "modbus.pcap");
    writeFileSync(file, pcap(heard));
    const fields = [
      "mbtcp.trans_id",
      "mbtcp.unit_id",
      "modbus.func_code",
      "modbus.exception_code",
      "_ws.malformed",
    ];
    const decode = ["-d", `tcp.port==${MODBUS_PORT},mbtcp`, "-Y", "mbtcp", "-T", "fields"];
    const shown = await run("tshark", ["-r", file, ...decode, ...fields.flatMap((field) => ["-e", field])]);
    expect(
      shown
        .trimEnd()
        .split("\n")
        .map((line) => line.split("\t").join(" ").trim()),
    ).toEqual(["1 1 4", "1 1 4", "2 1 2", "2 1 2", "3 1 3", "3 1 3 2"]);
  });
});

interface Spoken {
  readonly fromClient: boolean;
  readonly bytes: Uint8Array;
}

/** Asks one after the other and keeps what was said. */
async function conversation(port: number, requests: readonly string[]): Promise<readonly Spoken[]> {
  const socket = connect(port, "127.0.0.1");
  cleanups.push(() => void socket.destroy());
  const spoken: Spoken[] = [];
  for (const request of requests) {
    const bytes = Uint8Array.from(Buffer.from(request.replaceAll(" ", ""), "hex"));
    const answer = new Promise<Uint8Array>((heard) => socket.once("data", heard));
    socket.write(bytes);
    spoken.push({ fromClient: true, bytes }, { fromClient: false, bytes: await answer });
  }
  return spoken;
}

const MODBUS_PORT = 502;
const CLIENT_PORT = 50_000;
const RAW_IP = 101;

/** The conversation as a capture file: libpcap's format, IPv4 and TCP headers of our own making around each message. */
function pcap(spoken: readonly Spoken[]): Uint8Array {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(65_535, 16);
  header.writeUInt32LE(RAW_IP, 20);
  const sent = { client: 1, server: 1 };
  const packets = spoken.map(({ fromClient, bytes }, index) => {
    const packet = Buffer.alloc(40 + bytes.length);
    packet.writeUInt8(0x45, 0);
    packet.writeUInt16BE(packet.length, 2);
    packet.writeUInt8(64, 8);
    packet.writeUInt8(6, 9);
    packet.writeUInt32BE(0x7f000001, 12);
    packet.writeUInt32BE(0x7f000001, 16);
    packet.writeUInt16BE(fromClient ? CLIENT_PORT : MODBUS_PORT, 20);
    packet.writeUInt16BE(fromClient ? MODBUS_PORT : CLIENT_PORT, 22);
    packet.writeUInt32BE(fromClient ? sent.client : sent.server, 24);
    packet.writeUInt32BE(fromClient ? sent.server : sent.client, 28);
    packet.writeUInt8(0x50, 32);
    packet.writeUInt8(0x18, 33);
    packet.writeUInt16BE(65_535, 34);
    packet.set(bytes, 40);
    if (fromClient) sent.client += bytes.length;
    else sent.server += bytes.length;
    const record = Buffer.alloc(16);
    record.writeUInt32LE(index, 0);
    record.writeUInt32LE(packet.length, 8);
    record.writeUInt32LE(packet.length, 12);
    return Buffer.concat([record, packet]);
  });
  return Buffer.concat([header, ...packets]);
}
