import { createRequire } from "node:module";
import { connect } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { genericPjlinkClass1 } from "../../profiles/projector/generic-pjlink-class-1.ts";
import { genericPjlinkClass2 } from "../../profiles/projector/generic-pjlink-class-2.ts";
import { startSimulator } from "../index.ts";
import type { SimulatedDevice, SimulatorOptions } from "../simulated-device.ts";

// The npm package `pjlink` is somebody else's reading of the specification, and judges ours. It has no types.
const require = createRequire(import.meta.url);

type Callback<T> = (error: unknown, value?: T) => void;
interface PjlinkClient {
  powerOn(callback: Callback<void>): void;
  powerOff(callback: Callback<void>): void;
  getPowerState(callback: Callback<number>): void;
  getInput(callback: Callback<{ readonly code: string }>): void;
  setInput(input: number, callback: Callback<void>): void;
  getLamps(callback: Callback<readonly { readonly hours: number; readonly on: boolean }[]>): void;
  getErrors(callback: Callback<Readonly<Record<string, string | false>>>): void;
  getName(callback: Callback<string>): void;
  getClass(callback: Callback<string>): void;
  disconnect(): void;
}
const Client: new (host: string, port: number, password?: string) => PjlinkClient = require("pjlink");

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function start(
  options: SimulatorOptions = {},
  profile = genericPjlinkClass2,
): Promise<SimulatedDevice> {
  const device = await startSimulator(profile, options);
  cleanups.push(() => device.close());
  return device;
}

function clientOf(device: SimulatedDevice, password?: string): PjlinkClient {
  const { hostname, port } = new URL(device.url);
  const client = new Client(hostname, Number(port), password);
  cleanups.push(() => client.disconnect());
  return client;
}

const asked = <T>(ask: (callback: Callback<T>) => void): Promise<T | undefined> =>
  new Promise((resolve, reject) => {
    ask((error, value) => (error ? reject(new Error(String(error))) : resolve(value)));
  });

describe("the npm client pjlink understands the simulated projector", () => {
  test("power, input, lamp, errors and names", async () => {
    const device = await start();
    device.set("Projector/Power", "on");
    device.set("Projector/Input", "digital-2");
    device.set("Projector/LampHours", 4321);
    device.set("Projector/Overheat", "warning");
    device.set("Projector/Filter", "error");
    device.set("System/Name", "R301");
    const client = clientOf(device);
    expect(await asked<number>((done) => client.getPowerState(done))).toBe(1);
    expect(await asked<{ code: string }>((done) => client.getInput(done))).toMatchObject({ code: "32" });
    expect(await asked((done) => client.getLamps(done))).toMatchObject([{ hours: 4321, on: true }]);
    expect(await asked((done) => client.getErrors(done))).toMatchObject({
      temperature: "warning",
      filter: "error",
    });
    expect(await asked<string>((done) => client.getName(done))).toBe("R301");
    expect(String(await asked<string>((done) => client.getClass(done)))).toBe("2");
  });

  test("it turns the power on and off and chooses an input", async () => {
    const device = await start({ projector: { warmUp_ms: 3_600_000 } });
    const client = clientOf(device);
    await asked<void>((done) => client.powerOn(done));
    expect(device.get("Projector/Power")).toBe("warming");
    await expect(asked<void>((done) => client.powerOff(done))).rejects.toThrow();
    device.set("Projector/Power", "on");
    await asked<void>((done) => client.setInput(11, done));
    expect(device.get("Projector/Input")).toBe("rgb-1");
  });

  test("it logs in with the password, and is turned away with a wrong one", async () => {
    const device = await start({ secret: "JBMIAProjectorLink" });
    const client = clientOf(device, "JBMIAProjectorLink");
    expect(await asked<number>((done) => client.getPowerState(done))).toBe(0);
    const stranger = clientOf(device, "wrong");
    await expect(asked<number>((done) => stranger.getPowerState(done))).rejects.toThrow();
  });
});

/** Says `lines` to the device and collects what it says until it has answered all of them or hung up. */
async function say(device: SimulatedDevice, lines: readonly string[]): Promise<readonly string[]> {
  const socket = connect(Number(new URL(device.url).port), "127.0.0.1");
  cleanups.push(() => void socket.destroy());
  for (const line of lines) socket.write(`${line}\r`);
  let heard = "";
  for await (const bytes of socket) {
    heard += String(bytes);
    if (heard.split("\r").length > lines.length + 1) break;
  }
  return heard.split("\r").slice(0, -1);
}

describe("byte by byte", () => {
  test("ERR1 for an unknown command, ERR2 for a bad parameter, ERR3 in standby", async () => {
    const device = await start();
    expect(await say(device, ["%1ABCD ?", "%1POWR 7", "%1INPT 31", "%2SNUM ?"])).toEqual([
      "PJLINK 0",
      "%1ABCD=ERR1",
      "%1POWR=ERR2",
      "%1INPT=ERR3",
      "%2SNUM=PJ-000001",
    ]);
  });

  test("a class 1 projector knows nothing of class 2", async () => {
    const device = await start({}, genericPjlinkClass1);
    expect(await say(device, ["%2SNUM ?", "%1CLSS ?"])).toEqual(["PJLINK 0", "%2SNUM=ERR1", "%1CLSS=1"]);
  });

  test("what is no PJLink ends the connection", async () => {
    expect(await say(await start(), ["GET / HTTP/1.1", "%1POWR ?"])).toEqual(["PJLINK 0"]);
  });

  test("it hangs up on a client that is silent", async () => {
    const device = await start({ projector: { idle_ms: 20 } });
    expect(await say(device, [])).toEqual(["PJLINK 0"]);
  });
});
