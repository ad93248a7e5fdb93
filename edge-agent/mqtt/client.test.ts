import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer } from "node:tls";
import { Aedes } from "aedes";
import { expect, test } from "vitest";
import { NOBODY } from "../testing/brokers.ts";
import { connectMqtt, type MqttClient } from "./client.ts";

/** How an attempt to connect ends. */
async function outcome(client: MqttClient): Promise<string> {
  const ended = new Promise<string>((resolve) => {
    client.once("connect", () => resolve("connected"));
    client.once("error", ({ message }) => resolve(message));
    client.once("close", () => resolve("closed"));
  });
  const said = await ended;
  client.end(true);
  return said;
}

test("a TLS server is spoken to where the given authority vouches for it, and not otherwise", async () => {
  const folder = mkdtempSync(join(tmpdir(), "edge-mqtt-tls-"));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const aedes = await Aedes.createBroker();
  try {
    const request = ["req", "-x509", "-newkey", "ed25519", "-nodes", "-days", "2", "-subj", "/CN=localhost"];
    const name = ["-addext", "subjectAltName=IP:127.0.0.1"];
    execFileSync("openssl", [...request, ...name, "-keyout", key, "-out", cert], { stdio: "pipe" });
    const ca = readFileSync(cert);
    const server = createServer({ key: readFileSync(key), cert: ca }, aedes.handle).listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `mqtts://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const patient = { reconnectPeriod: 0 };
    expect(await outcome(connectMqtt(url, { ...patient, ca }))).toBe("connected");
    expect(await outcome(connectMqtt(url, patient))).toContain("self-signed certificate");
    server.close();
  } finally {
    aedes.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

test("an attempt that fails is told, and one that nobody listens to ends no process", async () => {
  connectMqtt(NOBODY, { reconnectPeriod: 0 });
  expect(await outcome(connectMqtt(NOBODY, { reconnectPeriod: 0 }))).toContain("ECONNREFUSED");
});
