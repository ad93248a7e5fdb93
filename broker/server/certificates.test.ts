import { X509Certificate } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { soon } from "@campus-ops/service/testing/soon";
import { connectAsync, type IClientOptions, type MqttClient } from "mqtt";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type PemPair, TestAuthority } from "./testing/certificates.ts";
import { CROSS_CAMPUS_EDGES, crossCampus, type EdgeName } from "./testing/cross-campus.ts";
import { closing, nextMessage, TestBroker } from "./testing/test-broker.ts";

const NDATA = "spBv1.0/qiyun-no1/NDATA/edge-a";

/** A hundred refused messages are a hundred connections anew, each with its handshake. */
const PAIRS_MS_MAX = 90_000;

const pki = new TestAuthority();
const denyFile = join(pki.folder, "denied.txt");
let box: PemPair;
let nobody: PemPair;
beforeAll(() => {
  box = pki.certificate("box", "URI:campus-ops://edge/qiyun-no1/edge-a");
  nobody = pki.certificate("nobody", "DNS:box.example");
});
beforeEach(() => {
  pki.certificate("broker", "IP:127.0.0.1");
  rmSync(denyFile, { force: true });
});
afterAll(() => pki.remove());

/** One listener for certificates, and one of loopback for users. */
const start = () => {
  const file = (name: string): string => join(pki.folder, name);
  return TestBroker.start({
    denyFile,
    listen: [
      { host: "127.0.0.1", port: 0 },
      {
        host: "127.0.0.1",
        port: 0,
        tls: {
          certFile: file("broker.crt"),
          keyFile: file("broker.key"),
          caFile: file("authority.crt"),
          requireClientCertificate: true,
        },
      },
    ],
  });
};

async function connect(broker: TestBroker, pair: PemPair, options: IClientOptions = {}): Promise<MqttClient> {
  const client = await connectAsync(`mqtts://127.0.0.1:${broker.broker.listeners[1]?.port}`, {
    ...pair,
    ca: pki.root,
    reconnectPeriod: 0,
    ...options,
  });
  client.on("error", () => undefined);
  return client;
}

const serialOf = ({ cert }: PemPair): string => new X509Certificate(cert).serialNumber.toLowerCase();

describe("a certificate", () => {
  test("says who a client is, whatever user name it gives", async () => {
    await using broker = await start();
    const monitor = await broker.connect("monitor");
    await monitor.subscribeAsync("#");
    const seen = nextMessage(monitor);
    const edge = await connect(broker, box, { username: "host", password: "password of host" });
    await edge.publishAsync(NDATA, "reading", { qos: 1 });
    expect(await seen).toMatchObject({ topic: NDATA, text: "reading" });
    expect(await broker.count("logins_total", { role: "edge" })).toBe(1);
    const closed = closing(edge);
    edge.publish("spBv1.0/STATE/hub", "x", { retain: true });
    await closed;
    expect(await broker.count("publishes_denied_total", { role: "edge" })).toBe(1);
  });

  test("that says nobody is refused, with a right password too", async () => {
    await using broker = await start();
    await expect(connect(broker, nobody, { username: "edge", password: "password of edge" })).rejects.toThrow(
      "Not authorized",
    );
    expect(await broker.count("logins_refused_total", { reason: "certificate" })).toBe(1);
  });

  test("that is denied while its holder is connected ends that connection at once, with its will, and lets it in no more", async () => {
    await using broker = await start();
    const monitor = await broker.connect("monitor");
    await monitor.subscribeAsync("#");
    const will = {
      topic: "spBv1.0/qiyun-no1/NDEATH/edge-a",
      payload: Buffer.from("will"),
      qos: 1,
      retain: false,
    } as const;
    const edge = await connect(broker, box, { will });
    const death = nextMessage(monitor);
    const closed = closing(edge);
    writeFileSync(denyFile, `# who\nnot a number\n${serialOf(box).toUpperCase()}  # stolen\n`);
    await closed;
    expect(await death).toMatchObject({ text: "will" });
    expect(monitor.connected).toBe(true);
    await expect(connect(broker, box)).rejects.toThrow("Not authorized");
    expect(await broker.count("logins_refused_total", { reason: "denied" })).toBe(1);
    // Taken off the list, it is let in again.
    writeFileSync(denyFile, "");
    await soon(async () => (await connect(broker, box)).endAsync());
  });

  test("on two machines shuts out both, until a person takes it off the list", async () => {
    await using broker = await start();
    const one = () => connect(broker, box, { clientId: "box", username: "first-program" });
    const first = await one();
    const takenOver = closing(first);
    const second = await connect(broker, box, { clientId: "box", username: "second-program" });
    await takenOver;
    const shutOut = closing(second);
    await expect(one()).rejects.toThrow("Not authorized");
    await shutOut;
    expect(await broker.count("quarantines_total")).toBe(1);
    expect(readFileSync(denyFile, "utf8")).toContain(`${serialOf(box)}  # `);
    await expect(connect(broker, box, { username: "second-program" })).rejects.toThrow("Not authorized");
  });

  test("of a program that is started again and again, or loses its link, is not taken for two", async () => {
    await using broker = await start();
    for (const program of ["first", "first", "second", "second", "third", "third"]) {
      const client = await connect(broker, box, { clientId: "box", username: program });
      client.stream.destroy();
    }
    expect((await connect(broker, box, { clientId: "box", username: "third" })).connected).toBe(true);
    expect(await broker.count("quarantines_total")).toBe(0);
  });
});

test("the broker's own certificate is renewed while it runs, and a broken one changes nothing", async () => {
  await using broker = await start();
  const connected = await connect(broker, box);
  const before = (connected.stream as TLSSocket).getPeerX509Certificate()?.serialNumber;
  const serving = async (): Promise<string | undefined> => {
    const client = await connect(broker, box);
    const serial = (client.stream as TLSSocket).getPeerX509Certificate()?.serialNumber;
    await client.endAsync();
    return serial;
  };
  pki.certificate("broker", "IP:127.0.0.1");
  await soon(async () => expect(await serving()).not.toBe(before), 100);
  const renewed = await serving();
  writeFileSync(join(pki.folder, "broker.crt"), "broken");
  expect(await serving()).toBe(renewed);
  await expect(start()).rejects.toThrow("a certificate or key of the broker cannot be used");
});

test(
  "no edge node reaches what is another's: every pair, every topic",
  async () => {
    await using broker = await start();
    const pairs = new Map(
      CROSS_CAMPUS_EDGES.map(({ campus, node }) => [
        `${campus}/${node}`,
        pki.certificate(`${campus}.${node}`, `URI:campus-ops://edge/${campus}/${node}`),
      ]),
    );
    const result = await crossCampus({
      edge: ({ campus, node }: EdgeName) => {
        const pair = pairs.get(`${campus}/${node}`);
        if (pair === undefined) throw new Error("every edge has a certificate");
        return connect(broker, pair);
      },
      host: () => broker.connect("host"),
    });
    expect(result.attempts).toBe(CROSS_CAMPUS_EDGES.length ** 2 * 8);
    expect(result.published).toEqual(result.own.published);
    expect(result.heard).toEqual(result.own.heard);
  },
  PAIRS_MS_MAX,
);
