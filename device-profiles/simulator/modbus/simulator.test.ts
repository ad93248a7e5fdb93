import { connect } from "node:net";
import modbusSerial from "modbus-serial";
import { afterEach, describe, expect, test } from "vitest";
import { genericGateController } from "../../profiles/access-gate/generic-modbus-controller.ts";
import { PROFILES } from "../../profiles/catalogue.ts";
import type { ModbusProfile } from "../../profiles/modbus-profile.ts";
import { metricDefinition } from "../../vocabulary/index.ts";
import { startSimulator } from "../index.ts";
import { startModbusSimulator } from "./simulator.ts";

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function start(profile: ModbusProfile = genericGateController) {
  const device = await startModbusSimulator(profile);
  cleanups.push(() => device.close());
  return { device, port: Number(new URL(device.url).port) };
}

/** Sends `request` as it is and collects `bytes` bytes of answer, or what came before the device hung up. */
async function exchange(port: number, request: string, bytes: number): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  cleanups.push(() => void socket.destroy());
  socket.write(Buffer.from(request.replaceAll(" ", ""), "hex"));
  let heard = Buffer.alloc(0);
  for await (const piece of socket) {
    heard = Buffer.concat([heard, piece]);
    if (heard.length >= bytes) break;
  }
  return heard.toString("hex").toUpperCase();
}

describe("byte by byte", () => {
  test.each([
    ["what it holds", "0001 0000 0006 01 02 0000 0003", "000100000004010201" + "00"],
    [
      "exception 1 for a function it does not have",
      "0002 0000 0005 01 2B 0E01 00",
      "000200000003" + "01AB01",
    ],
    [
      "exception 2 for an address it does not have",
      "0003 0000 0006 01 03 0000 0001",
      "000300000003" + "018302",
    ],
    ["exception 3 for 126 registers", "0004 0000 0006 01 04 0000 007E", "000400000003" + "018403"],
    [
      "exception 11 for a unit that is not there",
      "0005 0000 0006 07 02 0000 0001",
      "000500000003" + "07820B",
    ],
    ["the echo of a write", "0006 0000 0006 01 05 0000 FF00", "0006000000060105" + "0000FF00"],
    ["exception 2 for a coil it does not have", "0007 0000 0006 01 05 0063 FF00", "000700000003" + "018502"],
  ])("%s", async (_, request, answer) => {
    const { port } = await start();
    expect(await exchange(port, request, answer.length / 2)).toBe(answer);
  });

  test("two requests glued together get two answers", async () => {
    const { port } = await start();
    const request = "0001 0000 0006 01 01 0000 0001";
    expect(await exchange(port, request + request, 20)).toBe("00010000000401010100".repeat(2));
  });

  test("it hangs up on what is no Modbus TCP", async () => {
    const { port } = await start();
    expect(await exchange(port, Buffer.from("GET / HTTP/1.1\r\n\r\n").toString("hex"), 1)).toBe("");
  });
});

describe("modbus-serial, a client by other people, understands it", () => {
  test("reads of all four tables that it has, and writes", async () => {
    const { device, port } = await start();
    const client = new modbusSerial.default();
    await client.connectTCP("127.0.0.1", { port });
    cleanups.push(() => client.destroy(() => {}));
    client.setID(1);
    device.set("Door/Tamper", true);
    device.raise("Access/Swipe", {
      credential: "04a1b2c3",
      result: "granted",
      reason: "none",
      direction: "in",
    });
    expect((await client.readDiscreteInputs(0, 3)).data.slice(0, 3)).toEqual([false, false, true]);
    expect((await client.readInputRegisters(19, 2)).data).toEqual([0, 1]);
    expect((await client.readInputRegisters(105, 6)).data).toEqual([0, 0, 0, 0x04a1, 0xb2c3, 1]);
    await client.writeCoil(0, true);
    expect(device.get("Door/Unlocked")).toBe(true);
    await client.writeCoils(0, [false, true]);
    expect([device.get("Door/Unlocked"), device.get("Relay/1/Closed")]).toEqual([false, true]);
    await expect(client.readHoldingRegisters(0, 1)).rejects.toMatchObject({ modbusCode: 2 });
  });
});

describe("any Modbus profile of the catalogue", () => {
  const profiles = PROFILES.filter((profile): profile is ModbusProfile => profile.protocol === "modbus");

  test.each(profiles)("$id starts at rest, in terms the dictionary knows", async (profile) => {
    const device = await startSimulator(profile);
    cleanups.push(() => device.close());
    for (const metric of [...Object.keys(profile.points), ...Object.keys(profile.identity)]) {
      expect(metricDefinition(metric), metric).toBeDefined();
      expect(device.get(metric), metric).toBe(profile.atRest[metric]);
    }
    expect(() => device.set("No/Such", 1)).toThrow(RangeError);
    expect(() => device.raise("No/Such", {})).toThrow(RangeError);
  });

  test("its address stays the same through every fault", async () => {
    const { device, port } = await start();
    const { url } = device;
    for (const fault of ["down", "hang", "garbage", null] as const) {
      await device.fault(fault);
      expect(device.url).toBe(url);
    }
    expect(await exchange(port, "0001 0000 0006 01 01 0000 0001", 10)).toBe("00010000000401010100");
  });

  test("a port that is taken is said at once", async () => {
    const { port } = await start();
    await expect(startModbusSimulator(genericGateController, { port })).rejects.toMatchObject({
      code: "EADDRINUSE",
    });
  });
});
