import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { genericGateController } from "@campus-ops/device-profiles/profiles/access-gate/generic-modbus-controller";
import { genericRoomMonitor } from "@campus-ops/device-profiles/profiles/environment-sensor/generic-room-monitor";
import type { ModbusProfile } from "@campus-ops/device-profiles/profiles/modbus-profile";
import { genericPanicButton } from "@campus-ops/device-profiles/profiles/panic-button/generic-supervised-input";
import { genericTemperatureScanner } from "@campus-ops/device-profiles/profiles/temperature-scanner/generic-modbus-tcp";
import { afterEach, describe, expect, test } from "vitest";
import { modbusDriver } from "./modbus.ts";

const PEER = fileURLToPath(new URL("./modbus/testing/pymodbus-peer.py", import.meta.url));
const NOW = Date.UTC(2026, 8, 1);
const patience = () => AbortSignal.timeout(10_000);

type Cells = Readonly<Record<number, number>>;
const cellsAt = (pduAddress: number, ...cells: readonly number[]): Cells =>
  Object.fromEntries(cells.map((cell, index) => [pduAddress + index, cell]));

const peers: ChildProcessByStdio<Writable, Readable, null>[] = [];
afterEach(async () => {
  for (const peer of peers.splice(0)) {
    const gone = once(peer, "exit");
    peer.kill();
    await gone;
  }
});

async function startPeer(
  tables: Readonly<Partial<Record<"coil" | "discrete" | "input" | "holding", Cells>>>,
) {
  // Debian's own interpreter: its packages are not seen by any other.
  const peer = spawn("/usr/bin/python3", [PEER], { stdio: ["pipe", "pipe", "ignore"] });
  peers.push(peer);
  const lines = createInterface({ input: peer.stdout })[Symbol.asyncIterator]();
  const ask = async (line: string): Promise<number> => {
    peer.stdin.write(`${line}\n`);
    const { value, done } = await lines.next();
    if (done === true) throw new Error("the pymodbus peer ended; is python3-pymodbus installed?");
    return Number(value);
  };
  const port = await ask(JSON.stringify(tables));
  return {
    url: `modbus://127.0.0.1:${port}?unit=1`,
    cell: (table: string, at: number) => ask(`${table} ${at}`),
  };
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
