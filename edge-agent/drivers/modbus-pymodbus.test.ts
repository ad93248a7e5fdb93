import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { genericGateController } from "@campus-ops/device-profiles/profiles/access-gate/generic-modbus-controller";
import { waveshareModbusRtuRelay } from "@campus-ops/device-profiles/profiles/actuator/waveshare-modbus-rtu-relay";
import { genericRoomMonitor } from "@campus-ops/device-profiles/profiles/environment-sensor/generic-room-monitor";
import { xyMd02 } from "@campus-ops/device-profiles/profiles/environment-sensor/xy-md02";
import type { ModbusProfile } from "@campus-ops/device-profiles/profiles/modbus-profile";
import { genericPanicButton } from "@campus-ops/device-profiles/profiles/panic-button/generic-supervised-input";
import { genericTemperatureScanner } from "@campus-ops/device-profiles/profiles/temperature-scanner/generic-modbus-tcp";
import { openPty, type Pty } from "@campus-ops/device-profiles/simulator/pty";
import { afterEach, describe, expect, test } from "vitest";
import { modbusDriver } from "./modbus.ts";

const PEER = fileURLToPath(new URL("./modbus/testing/pymodbus-peer.py", import.meta.url));
const NOW = Date.UTC(2026, 8, 1);
const patience = () => AbortSignal.timeout(10_000);

type Cells = Readonly<Record<number, number>>;
const cellsAt = (pduAddress: number, ...cells: readonly number[]): Cells =>
  Object.fromEntries(cells.map((cell, index) => [pduAddress + index, cell]));

const peers: ChildProcessByStdio<Writable, Readable, null>[] = [];
const wires: Pty[] = [];
afterEach(async () => {
  for (const wire of wires.splice(0)) await wire.close();
  for (const peer of peers.splice(0)) {
    const gone = once(peer, "exit");
    peer.kill();
    await gone;
  }
});

type Tables = Readonly<Partial<Record<"coil" | "discrete" | "input" | "holding", Cells>>>;

/** On a serial port it speaks RTU, without one Modbus TCP. */
async function startPeer(tables: Tables, port?: string) {
  // Debian's own interpreter: its packages are not seen by any other.
  const peer = spawn("/usr/bin/python3", [PEER, ...(port === undefined ? [] : [port])], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  peers.push(peer);
  const lines = createInterface({ input: peer.stdout })[Symbol.asyncIterator]();
  const ask = async (line: string): Promise<number> => {
    peer.stdin.write(`${line}\n`);
    const { value, done } = await lines.next();
    if (done === true) throw new Error("the pymodbus peer ended; is python3-pymodbus installed?");
    return Number(value);
  };
  const tcpPort = await ask(JSON.stringify(tables));
  return {
    url: `modbus://127.0.0.1:${tcpPort}?unit=1`,
    cell: (table: string, at: number) => ask(`${table} ${at}`),
  };
}

/** Two serial ports with a wire between them. */
async function startWire() {
  const [ours, theirs] = await Promise.all([openPty(), openPty()]);
  ours.bytes.pipe(theirs.bytes);
  theirs.bytes.pipe(ours.bytes);
  wires.push(ours, theirs);
  return { ours: `modbus+rtu://${ours.path}?baud=115200&unit=1`, theirs: theirs.path };
}

async function open(url: string, profile: ModbusProfile) {
  const environment = { now: () => NOW, pseudonym: (text: string) => `<${text}>` };
  const session = await modbusDriver.open({ url: new URL(url) }, profile, environment, patience());
  const poll = async () => {
    if (session.poll === undefined) throw new Error("cannot be polled");
    const { samples, events } = await session.poll(patience());
    return { values: Object.fromEntries(samples.map(({ metric, value }) => [metric, value])), events };
  };
  return { session, poll };
}

describe("pymodbus, a server by other people, is understood", () => {
  test("a room monitor", async () => {
    const peer = await startPeer({
      discrete: cellsAt(0, 0, 1),
      input: cellsAt(32, 0xffdd, 455, 1850, 0xffff),
    });
    const { session, poll } = await open(peer.url, genericRoomMonitor);
    expect((await poll()).values).toEqual({
      "Environment/Temperature": -3.5,
      "Environment/Humidity": 45.5,
      "Environment/CO2": 1850,
      "Environment/PM25": null,
      "Environment/Smoke": false,
      "Environment/Leak": true,
    });
    await session.close();
  });

  test("a gate: its lock is released, and two swipes are told once", async () => {
    const swipe = (serial: number, uid: number) => [
      0,
      serial,
      0x6a96,
      0x157d,
      0,
      0,
      0,
      0,
      0,
      uid,
      1,
      0,
      0,
      0,
    ];
    const peer = await startPeer({
      coil: cellsAt(0, 0, 0),
      discrete: cellsAt(0, 1, 0, 0),
      input: {
        ...cellsAt(16, 0x6a96, 0x1580, 0, 0, 2),
        ...cellsAt(100, ...swipe(1, 0x1234), ...swipe(2, 0x5678)),
      },
    });
    const { session, poll } = await open(peer.url, genericGateController);
    const first = await poll();
    expect(first.values).toMatchObject({ "Door/Open": true, "Door/Unlocked": false });
    expect(first.events.map(({ fields }) => fields.credential)).toEqual(["<1234>", "<5678>"]);
    await session.write?.("Door/Unlocked", true, patience());
    expect(await peer.cell("coil", 0)).toBe(1);
    const second = await poll();
    expect(second.values).toMatchObject({ "Door/Unlocked": true });
    expect(second.events).toEqual([]);
    await session.close();
  });

  test("a panic button: the latch is let go after it was told", async () => {
    const peer = await startPeer({ coil: { 0: 0, 16: 1 }, discrete: cellsAt(0, 0, 1) });
    const { session, poll } = await open(peer.url, genericPanicButton);
    expect((await poll()).values).toMatchObject({ "Panic/Pressed": true, "Panic/LineFault": false });
    expect(await peer.cell("coil", 16)).toBe(1);
    expect((await poll()).values).toMatchObject({ "Panic/Pressed": false });
    expect(await peer.cell("coil", 16)).toBe(0);
    await session.close();
  });

  test("a temperature scanner says who it is", async () => {
    const serial = [0x5453, 0x2d31, 0, 0, 0, 0, 0, 0];
    const peer = await startPeer({ input: cellsAt(0, ...serial, 0x322e, 0x3100, 0, 0) });
    const { session } = await open(peer.url, genericTemperatureScanner);
    const facts = await session.identify?.(patience());
    expect(facts?.samples.map(({ value }) => value)).toEqual(["TS-1", "2.1"]);
    await session.close();
  });

  test("its exception for an address it does not have is the profile's fault, not a passing one", async () => {
    const peer = await startPeer({ input: cellsAt(0, 1) });
    const { session, poll } = await open(peer.url, genericRoomMonitor);
    await expect(poll()).rejects.toMatchObject({ kind: "device-exception", retry: false });
    await session.close();
  });
});

describe("pymodbus with RTU on a serial port is understood", () => {
  test("a sensor, again and again", async () => {
    const wire = await startWire();
    await startPeer({ input: cellsAt(1, 0x131, 0x222) }, wire.theirs);
    const { session, poll } = await open(wire.ours, xyMd02);
    for (let each = 0; each < 3; each += 1) {
      expect((await poll()).values).toEqual({
        "Environment/Temperature": 30.5,
        "Environment/Humidity": 54.6,
      });
    }
    await session.close();
  });

  test("eight relays: one is switched, the others stay", async () => {
    const wire = await startWire();
    const peer = await startPeer({ coil: cellsAt(0, 0, 0, 1, 0, 0, 0, 0, 1) }, wire.theirs);
    const { session, poll } = await open(wire.ours, waveshareModbusRtuRelay);
    await session.write?.("Relay/2/Closed", true, patience());
    const { values } = await poll();
    const closed = Object.entries(values).flatMap(([metric, value]) => (value === true ? [metric] : []));
    expect(closed).toEqual(["Relay/2/Closed", "Relay/3/Closed", "Relay/8/Closed"]);
    expect(await peer.cell("coil", 1)).toBe(1);
    await session.close();
  });

  test("its exceptions come through", async () => {
    const wire = await startWire();
    await startPeer({ input: cellsAt(0, 1) }, wire.theirs);
    const { session, poll } = await open(wire.ours, genericRoomMonitor);
    await expect(poll()).rejects.toMatchObject({ kind: "device-exception", retry: false });
    await session.close();
  });
});
