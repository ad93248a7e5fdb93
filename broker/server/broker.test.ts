import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { socketPath } from "@campus-ops/service";
import { socketClient } from "@campus-ops/service/socket-client";
import { soon } from "@campus-ops/service/testing/soon";
import type { IClientOptions } from "mqtt";
import { describe, expect, test } from "vitest";
import { serveBrokerOperations } from "./operations.ts";
import { PACKET_BYTES_MAX } from "./packet-guard.ts";
import {
  closing,
  connectPacket,
  nextMessage,
  passwordOf,
  subscribePacket,
  TestBroker,
} from "./testing/test-broker.ts";

const NDATA = "spBv1.0/qiyun-no1/NDATA/edge-a";
const NCMD = "spBv1.0/qiyun-no1/NCMD/edge-a";
const NDEATH = "spBv1.0/qiyun-no1/NDEATH/edge-a";

describe("logging in", () => {
  test.each<[string, IClientOptions, string]>([
    ["without a name", { username: "" }, "credentials"],
    ["with a wrong password", { password: "wrong" }, "credentials"],
    ["as a stranger", { username: "stranger" }, "credentials"],
    ["with a session to be kept", { clean: false, clientId: "kept" }, "session"],
    ["without a keep-alive", { keepalive: 0 }, "keepalive"],
    [
      "with a will on another node's topic",
      { will: { topic: "spBv1.0/qiyun-no2/NDEATH/edge-b", payload: "x", qos: 1, retain: false } },
      "will",
    ],
  ])("%s is refused and counted", async (_, options, reason) => {
    await using broker = await TestBroker.start();
    await expect(broker.connect("edge", options)).rejects.toThrow(/refused|Not authorized|Bad username/);
    expect(await broker.count("logins_refused_total", { reason })).toBe(1);
    expect(await broker.count("logins_total")).toBe(0);
  });

  test("with MQTT 5 is refused: the broker speaks 3.1.1", async () => {
    await using broker = await TestBroker.start();
    await expect(broker.connect("edge", { protocolVersion: 5 })).rejects.toThrow(
      /Unsupported protocol|Connection refused|protocol version/i,
    );
    await soon(async () =>
      expect(await broker.count("bad_connections_total", { reason: "protocol-version" })).toBe(1),
    );
  });

  test("under another user's client id is refused, and that user stays connected", async () => {
    await using broker = await TestBroker.start();
    const edge = await broker.connect("edge", { clientId: "box" });
    await expect(broker.connect("monitor", { clientId: "box" })).rejects.toThrow("refused");
    expect(edge.connected).toBe(true);
    expect(await broker.count("logins_refused_total", { reason: "client-id" })).toBe(1);
  });

  test("again under its own client id takes the old connection over, and may be followed by another", async () => {
    await using broker = await TestBroker.start();
    const first = await broker.connect("edge", { clientId: "box" });
    const closed = closing(first);
    await broker.connect("edge", { clientId: "box" });
    await closed;
    await expect(broker.connect("monitor", { clientId: "box" })).rejects.toThrow("refused");
  });
});

describe("access", () => {
  test("an edge's data reach the host, the host's commands reach that edge only", async () => {
    await using broker = await TestBroker.start();
    const [edge, other, host] = await Promise.all([
      broker.connect("edge"),
      broker.connect("other"),
      broker.connect("host"),
    ]);
    await host.subscribeAsync("spBv1.0/#", { qos: 1 });
    await edge.subscribeAsync([NCMD, "spBv1.0/qiyun-no1/DCMD/edge-a/+"], { qos: 1 });
    const strayed: string[] = [];
    other.on("message", (topic) => strayed.push(topic));
    await other.subscribeAsync("spBv1.0/qiyun-no2/NCMD/edge-b", { qos: 1 });

    const atHost = nextMessage(host);
    await edge.publishAsync(NDATA, "reading");
    expect(await atHost).toEqual({ topic: NDATA, text: "reading", retain: false });

    const atEdge = nextMessage(edge);
    await host.publishAsync(NCMD, "command");
    expect(await atEdge).toMatchObject({ topic: NCMD, text: "command" });
    expect(strayed).toEqual([]);
  });

  test("a denied message costs its sender the connection and nobody else anything", async () => {
    await using broker = await TestBroker.start();
    const [edge, other, monitor] = await Promise.all([
      broker.connect("edge"),
      broker.connect("other"),
      broker.connect("monitor"),
    ]);
    await monitor.subscribeAsync("#");
    const seen = nextMessage(monitor);
    const closed = closing(other);
    other.publish(NDATA, "forged");
    await closed;
    await edge.publishAsync(NDATA, "genuine");
    expect(await seen).toMatchObject({ topic: NDATA, text: "genuine" });
    expect(await broker.count("publishes_denied_total", { role: "edge" })).toBe(1);
  });

  test.each(["$sparkplug/certificates/x", "$SYS/x"])("nobody publishes to %s", async (topic) => {
    await using broker = await TestBroker.start();
    const host = await broker.connect("host");
    const closed = closing(host);
    host.publish(topic, "x");
    await closed;
    expect(await broker.count("publishes_denied_total", { role: "host" })).toBe(1);
  });

  test("a filter that is not granted is refused by itself, the others stand, shared subscriptions among the refused", async () => {
    await using broker = await TestBroker.start();
    const edge = await broker.connect("edge");
    const granted = await edge
      .subscribeAsync([NCMD, "spBv1.0/qiyun-no2/#"], { qos: 1 })
      .catch((error: Error) => error.message);
    expect(granted).toMatch(/Unspecified error|denied|128/);
    const host = await broker.connect("host");
    const command = nextMessage(edge);
    await host.publishAsync(NCMD, "command");
    expect(await command).toMatchObject({ text: "command" });
    const monitor = await broker.connect("monitor");
    await expect(monitor.subscribeAsync("$share/group/#")).rejects.toThrow();
    expect(await broker.count("subscriptions_denied_total")).toBe(2);
  });
});

describe("what Sparkplug needs of a server", () => {
  test("a host's STATE is retained for edges that come later [tck-id-conformance-mqtt-retained]", async () => {
    await using broker = await TestBroker.start();
    const host = await broker.connect("host");
    await host.publishAsync("spBv1.0/STATE/hub", "state", { qos: 1, retain: true });
    const edge = await broker.connect("edge");
    const state = nextMessage(edge);
    await edge.subscribeAsync("spBv1.0/STATE/hub", { qos: 1 });
    expect(await state).toEqual({ topic: "spBv1.0/STATE/hub", text: "state", retain: true });
  });

  test("the will of an edge that breaks off is delivered, that of one that says goodbye is not [tck-id-conformance-mqtt-will-messages]", async () => {
    await using broker = await TestBroker.start();
    const host = await broker.connect("host");
    await host.subscribeAsync("spBv1.0/#", { qos: 1 });
    const will = { topic: NDEATH, payload: Buffer.from("will"), qos: 1, retain: false } as const;
    const polite = await broker.connect("edge", { will });
    const rude = await broker.connect("edge", { will: { ...will, payload: Buffer.from("broke off") } });
    const death = nextMessage(host);
    await polite.endAsync();
    rude.stream.destroy();
    expect(await death).toMatchObject({ topic: NDEATH, text: "broke off" });
  });

  test("it starts again on the same port, and clients find it there", async () => {
    let port: number;
    {
      await using broker = await TestBroker.start();
      port = broker.port;
      await broker.connect("edge");
    }
    await using again = await TestBroker.start({ listen: [{ host: "127.0.0.1", port }] });
    expect(again.port).toBe(port);
    expect((await again.connect("edge")).connected).toBe(true);
  });
});

describe("what does not speak MQTT", () => {
  test("random bytes on the port close that connection, are counted, and disturb nobody", async () => {
    await using broker = await TestBroker.start();
    const [edge, monitor] = await Promise.all([broker.connect("edge"), broker.connect("monitor")]);
    await monitor.subscribeAsync("#");
    const strangers = 20;
    for (let count = 0; count < strangers; count += 1) {
      const socket = await broker.socket();
      const closed = once(socket, "close");
      // The first byte is never CONNECT's, the others are anything.
      socket.write(Buffer.concat([Buffer.from([0x20 + count]), randomBytes(400)]));
      await closed;
    }
    expect(await broker.count("bad_connections_total", { reason: "not-mqtt" })).toBe(strangers);
    const seen = nextMessage(monitor);
    await edge.publishAsync(NDATA, "still here");
    expect(await seen).toMatchObject({ text: "still here" });
  });

  test("random bytes inside CONNECT, and after a login, close that connection only", async () => {
    await using broker = await TestBroker.start();
    const monitor = await broker.connect("monitor");
    for (let count = 0; count < 60; count += 1) {
      const socket = await broker.socket();
      const closed = once(socket, "close");
      const garbage = randomBytes(64);
      if (count % 2 === 0) socket.end(Buffer.concat([Buffer.from([0x10, garbage.length]), garbage]));
      else socket.end(Buffer.concat([connectPacket("edge", `fuzz-${count}`), garbage]));
      await closed;
    }
    expect(monitor.connected).toBe(true);
    expect((await broker.connect("edge")).connected).toBe(true);
  });

  test("a packet that announces more than is allowed ends the connection before it is read", async () => {
    await using broker = await TestBroker.start();
    const socket = await broker.socket();
    const closed = once(socket, "close");
    socket.write(connectPacket("edge", "large"));
    await once(socket, "data");
    // PUBLISH of 256 MB, of which two bytes come.
    socket.write(Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f, 0, 1]));
    await closed;
    expect(await broker.count("bad_connections_total", { reason: "packet-too-large" })).toBe(1);
  });

  test("a message of the largest size passes", async () => {
    await using broker = await TestBroker.start();
    const [edge, host] = await Promise.all([broker.connect("edge"), broker.connect("host")]);
    await host.subscribeAsync("spBv1.0/#");
    const seen = nextMessage(host);
    const body = "x".repeat(PACKET_BYTES_MAX - 4096);
    await edge.publishAsync(NDATA, body);
    expect((await seen).text.length).toBe(body.length);
  });

  test("a connection that says nothing is closed and counted", async () => {
    await using broker = await TestBroker.start({ connectMs: 50 });
    const socket = await broker.socket();
    await once(socket, "close");
    expect(await broker.count("bad_connections_total", { reason: "no-connect" })).toBe(1);
  });
});

test("a subscriber that does not read is disconnected, and the others lose nothing and do not wait", async () => {
  await using broker = await TestBroker.start();
  const [edge, host] = await Promise.all([broker.connect("edge"), broker.connect("host")]);
  await host.subscribeAsync("spBv1.0/#");
  const asleep = await broker.socket();
  const ready = once(asleep, "data");
  asleep.write(Buffer.concat([connectPacket("monitor", "asleep"), subscribePacket("#")]));
  await ready;
  asleep.pause();
  const messages = 60;
  let received = 0;
  const all = new Promise<void>((resolve) => {
    host.on("message", () => {
      received += 1;
      if (received === messages) resolve();
    });
  });
  const body = Buffer.alloc(900_000);
  for (let count = 0; count < messages; count += 1) await edge.publishAsync(NDATA, body, { qos: 1 });
  await all;
  expect(await broker.count("slow_subscribers_total")).toBe(1);
  asleep.destroy();
});

describe("a port that is taken", () => {
  test("is named, with who may hold it and how to choose another", async () => {
    const holder = createServer().listen(0, "127.0.0.1");
    await once(holder, "listening");
    const { port } = holder.address() as AddressInfo;
    const start = TestBroker.start({ listen: [{ host: "127.0.0.1", port }] });
    await expect(start).rejects.toThrow(
      new RegExp(
        `MQTT port ${port} on 127.0.0.1 is taken by .*\\(process ${process.pid}\\).*CAMPUS_OPS_MQTT_PORT`,
      ),
    );
    holder.close();
  });
});

test("health and metrics are served on the private socket", async () => {
  const run = mkdtempSync(join(tmpdir(), "broker-run-"));
  await using broker = await TestBroker.start();
  await broker.connect("edge");
  const operations = await serveBrokerOperations(run, broker.broker, broker.registry);
  const client = socketClient(socketPath(run, "broker"));
  const health = await (await client.fetch("/healthz")).json();
  expect(health).toEqual({
    status: "ok",
    connections: 1,
    listen: [{ host: "127.0.0.1", port: broker.port, tls: false }],
  });
  const metrics = await (await client.fetch("/metrics")).text();
  expect(metrics).toContain('campus_ops_broker_logins_total{role="edge"} 1');
  expect(metrics).toContain("campus_ops_broker_messages_waiting 0");
  expect(metrics).not.toContain(passwordOf("edge"));
  await client.close();
  await operations.close();
  rmSync(run, { recursive: true });
});
