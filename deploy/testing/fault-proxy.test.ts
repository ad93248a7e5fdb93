import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FaultProxy } from "./fault-proxy.ts";

let echo: Server;
let proxy: FaultProxy;
let client: Socket;
let got: Buffer[];
let chance: () => number;

beforeEach(async () => {
  echo = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.pipe(socket);
  }).listen(0, "127.0.0.1");
  await once(echo, "listening");
  chance = () => 1;
  proxy = await FaultProxy.start((echo.address() as AddressInfo).port, () => chance());
  client = connect(Number(new URL(proxy.url).port), "127.0.0.1");
  client.on("error", () => undefined);
  got = [];
  client.on("data", (chunk: Buffer) => got.push(chunk));
  await roundTrip("hello");
});
afterEach(async () => {
  client.destroy();
  await proxy.stop();
  echo.close();
});

async function roundTrip(text: string): Promise<void> {
  got = [];
  client.write(text);
  while (Buffer.concat(got).length < text.length) await once(client, "data");
  expect(Buffer.concat(got).toString()).toBe(text);
}

test("a well network carries bytes both ways", async () => {
  await roundTrip("a".repeat(100_000));
  expect(proxy.harmed).toBe(0);
});

test("a reset ends the connection with RST", async () => {
  const failed = once(client, "error");
  proxy.inject("reset");
  expect((await failed)[0]).toMatchObject({ code: "ECONNRESET" });
});

test.each(["latency", "slow-drip"] as const)("%s changes nothing of what arrives", async (fault) => {
  proxy.inject(fault);
  await roundTrip("b".repeat(3_000));
  expect(proxy.harmed).toBeGreaterThan(0);
});

test("loss delays, and breaks a connection that is unlucky again and again", async () => {
  proxy.inject("loss");
  const luck = [0, 0, 1, 1];
  chance = () => luck.shift() ?? 1;
  await roundTrip("c");
  expect(proxy.harmed).toBe(2);
  chance = () => 0;
  const failed = once(client, "error");
  client.write("d");
  expect((await failed)[0]).toMatchObject({ code: "ECONNRESET" });
});

test.each(["black-hole", "half-open"] as const)("%s swallows, closes nothing, and stays", async (fault) => {
  proxy.inject(fault);
  client.write("lost");
  proxy.heal();
  const second = connect(Number(new URL(proxy.url).port), "127.0.0.1");
  second.write("new");
  expect(String((await once(second, "data"))[0])).toBe("new");
  second.destroy();
  client.write("also lost");
  expect(Buffer.concat(got).toString()).toBe("hello");
  expect(client.readyState).toBe("open");
  expect(proxy.harmed).toBeGreaterThan(0);
});
