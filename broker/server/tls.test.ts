import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { soon } from "@campus-ops/service/testing/soon";
import mqtt, { connectAsync, type IClientOptions } from "mqtt";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CLIENT_BUFFER_BYTES_MAX } from "./listeners.ts";
import { TestAuthority } from "./testing/certificates.ts";
import { closing, connectPacket, passwordOf, subscribePacket, TestBroker } from "./testing/test-broker.ts";

/** Twice what may wait for one client, and what the kernel keeps beside it. */
const FLOOD_BYTES = 2 * CLIENT_BUFFER_BYTES_MAX + 16 * 1024 * 1024;
/** Messages that are sent before those who read have had the last ones; many more than a thousand wait for who does not. */
const BATCH = 100;

const pki = new TestAuthority();
const stranger = new TestAuthority();
const file = (name: string): string => join(pki.folder, name);

beforeAll(() => {
  pki.certificate("broker", "IP:127.0.0.1");
  pki.certificate("box", "URI:campus-ops://edge/qiyun-no1/edge-a");
  stranger.certificate("forged", "URI:campus-ops://edge/qiyun-no1/edge-a");
});
afterAll(() => {
  pki.remove();
  stranger.remove();
});

const start = (requireClientCertificate: boolean) =>
  TestBroker.start({
    listen: [
      {
        host: "127.0.0.1",
        port: 0,
        tls: {
          certFile: file("broker.crt"),
          keyFile: file("broker.key"),
          caFile: file("authority.crt"),
          requireClientCertificate,
        },
      },
    ],
  });

const connect = (broker: TestBroker, options: IClientOptions) =>
  connectAsync(`mqtts://127.0.0.1:${broker.port}`, clientOptions(options));
const connectLater = (broker: TestBroker, options: IClientOptions) =>
  mqtt.connect(`mqtts://127.0.0.1:${broker.port}`, clientOptions(options));

function clientOptions(options: IClientOptions): IClientOptions {
  return {
    username: "edge",
    password: passwordOf("edge"),
    ca: readFileSync(file("authority.crt")),
    reconnectPeriod: 0,
    ...options,
  };
}

const identity = (name: string, of = pki): IClientOptions => ({
  cert: readFileSync(join(of.folder, `${name}.crt`)),
  key: readFileSync(join(of.folder, `${name}.key`)),
});

describe("TLS", () => {
  test("is 1.3, and carries messages both ways between clients with certificates", async () => {
    await using broker = await start(true);
    const edge = await connect(broker, identity("box"));
    expect((edge.stream as TLSSocket).getProtocol()).toBe("TLSv1.3");
    await edge.subscribeAsync("spBv1.0/qiyun-no1/NCMD/edge-a");
    await edge.publishAsync("spBv1.0/qiyun-no1/NDATA/edge-a", Buffer.alloc(500_000), { qos: 1 });
    expect(await broker.count("bytes_received_total")).toBe(500_000);
    await edge.endAsync();
  });

  test.each([
    ["without a certificate", () => ({})],
    ["with one that a stranger signed", () => identity("forged", stranger)],
    ["that offers no more than TLS 1.2", () => ({ ...identity("box"), maxVersion: "TLSv1.2" as const })],
  ])("a client %s is refused and counted", async (_, options) => {
    await using broker = await start(true);
    const client = connectLater(broker, options());
    // With TLS 1.3 a client believes in the handshake until the server, which sees the certificate last, hangs up.
    client.on("error", () => undefined);
    await closing(client);
    await soon(async () => expect(await broker.count("bad_connections_total", { reason: "tls" })).toBe(1));
    expect(await broker.count("logins_total")).toBe(0);
  });

  test("without client certificates the password still counts", async () => {
    await using broker = await start(false);
    await expect(connect(broker, { password: "wrong" })).rejects.toThrow("refused");
    const edge = await connect(broker, {});
    expect(edge.connected).toBe(true);
    await edge.endAsync();
  });

  test("a subscriber that does not read goes when its buffer is full, and nobody waits for it before", async () => {
    await using broker = await start(false);
    const asleep = connectTls({
      host: "127.0.0.1",
      port: broker.port,
      ca: readFileSync(file("authority.crt")),
    });
    asleep.on("error", () => undefined);
    const granted = once(asleep, "data");
    asleep.write(Buffer.concat([connectPacket("monitor", "asleep"), subscribePacket("#")]));
    await granted;
    asleep.pause();
    const awake = await connect(broker, { username: "host", password: passwordOf("host") });
    await awake.subscribeAsync("spBv1.0/#");
    const edge = await connect(broker, {});
    let received = 0;
    let onEnough: () => void = () => undefined;
    awake.on("message", () => {
      received += 1;
      if (received % BATCH === 0) onEnough();
    });
    const body = Buffer.alloc(10_000);
    let sent = 0;
    while ((await broker.count("slow_subscribers_total")) === 0 && sent * body.length < FLOOD_BYTES) {
      const seen = new Promise<void>((resolve) => {
        onEnough = resolve;
      });
      for (let each = 0; each < BATCH; each += 1) edge.publish("spBv1.0/qiyun-no1/NDATA/edge-a", body);
      await seen;
      sent += BATCH;
    }
    expect(await broker.count("slow_subscribers_total")).toBe(1);
    expect(sent * body.length).toBeGreaterThan(CLIENT_BUFFER_BYTES_MAX / 2);
    asleep.destroy();
    await Promise.all([awake.endAsync(), edge.endAsync()]);
  });

  test("a certificate that cannot be read is named", async () => {
    const tls = { certFile: file("none.crt"), keyFile: file("broker.key") };
    await expect(TestBroker.start({ listen: [{ host: "127.0.0.1", port: 0, tls }] })).rejects.toThrow(
      "none.crt",
    );
  });
});
