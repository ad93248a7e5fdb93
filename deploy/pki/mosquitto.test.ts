import { type ChildProcess, spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { CROSS_CAMPUS_EDGES, crossCampus, type EdgeName } from "@campus-ops/broker/testing/cross-campus";
import { certificateRequest } from "@campus-ops/edge-agent/enrolment";
import { connectAsync, type MqttClient } from "mqtt";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "../testing/hub-process.ts";
import { enrolledBoxes, keepBoxAccess, type MosquittoPlan, writeMosquittoFiles } from "./mosquitto.ts";
import { edgeIdentity, TestEnrolment } from "./testing/test-enrolment.ts";

let hub: TestEnrolment;
let mosquitto: ChildProcess;
let plan: MosquittoPlan;
const pairs = new Map<string, { readonly key: string; readonly cert: string }>();
const lines: string[] = [];
const waiting = new Set<() => void>();

/** Mosquitto has said a line with the text, after `since` others. */
async function says(text: string, since = 0): Promise<void> {
  while (!lines.slice(since).some((line) => line.includes(text))) {
    await new Promise<void>((resolve) => waiting.add(resolve));
  }
}

beforeAll(async () => {
  hub = await TestEnrolment.start();
  for (const { campus, node } of CROSS_CAMPUS_EDGES) {
    const key = generateKeyPairSync("ec", { namedCurve: "P-256" })
      .privateKey.export({ type: "pkcs8", format: "pem" })
      .toString();
    const identity = edgeIdentity(campus, node);
    const cert = await hub.enrolment.sign(
      certificateRequest(key, "box"),
      { identity, replaces: false },
      "tester",
    );
    pairs.set(`${campus}/${node}`, { key, cert });
  }
  const pidFile = join(hub.top, "mosquitto.pid");
  plan = {
    place: { folder: join(hub.top, "mosquitto"), pidFile },
    pki: hub.folder,
    loopbackPort: await freePort(),
    tlsPort: await freePort(),
    user: { name: "ingest", password: "a password of the hub" },
    boxes: enrolledBoxes(hub.store),
  };
  const [configuration = ""] = writeMosquittoFiles(plan);
  // As root it would otherwise become a user who may not read what is for its owner alone.
  appendFileSync(configuration, "user root\nlog_dest stderr\n");
  mosquitto = spawn("/usr/sbin/mosquitto", ["-c", configuration], { stdio: ["ignore", "ignore", "pipe"] });
  writeFileSync(pidFile, `${mosquitto.pid}\n`);
  if (mosquitto.stderr === null) throw new Error("Mosquitto says what it does");
  createInterface({ input: mosquitto.stderr }).on("line", (line) => {
    lines.push(line);
    for (const tell of waiting) tell();
    waiting.clear();
  });
  await says("running");
});
afterAll(async () => {
  const ended = once(mosquitto, "exit");
  mosquitto.kill("SIGTERM");
  await ended;
  await hub[Symbol.asyncDispose]();
});

async function edge({ campus, node }: EdgeName): Promise<MqttClient> {
  const pair = pairs.get(`${campus}/${node}`);
  if (pair === undefined) throw new Error("every edge has a certificate");
  const ca = hub.authority.certificate;
  const options = {
    ...pair,
    ca,
    clientId: `${campus}-${node}`,
    protocolVersion: 4,
    reconnectPeriod: 0,
  } as const;
  const client = await connectAsync(`mqtts://127.0.0.1:${plan.tlsPort}`, options);
  client.on("error", () => undefined);
  return client;
}

const host = () =>
  connectAsync(`mqtt://127.0.0.1:${plan.loopbackPort}`, {
    username: plan.user.name,
    password: plan.user.password,
    protocolVersion: 4,
    reconnectPeriod: 0,
  });

test("it listens at the two ports of its configuration and at no other", () => {
  const ports = lines.flatMap((line) => line.match(/(?<=listen socket on port )\d+/g) ?? []).map(Number);
  expect([...new Set(ports)].toSorted()).toEqual([plan.loopbackPort, plan.tlsPort].toSorted());
});

test("with Mosquitto in the broker's place no edge node reaches what is another's: every pair, every topic", async () => {
  const result = await crossCampus({ edge, host });
  expect(result.attempts).toBe(CROSS_CAMPUS_EDGES.length ** 2 * 8);
  expect(result.published).toEqual(result.own.published);
  expect(result.heard).toEqual(result.own.heard);
});

test("who is revoked is mute from then on, also where it is connected", async () => {
  const [first, second] = CROSS_CAMPUS_EDGES;
  if (first === undefined || second === undefined) throw new Error("there are several");
  const [revoked, other, hearer] = [await edge(first), await edge(second), await host()];
  const heard: string[] = [];
  const end = new Promise<void>((resolve) => {
    hearer.on("message", (topic) => {
      heard.push(topic);
      if (topic.endsWith(`/${second.node}`)) resolve();
    });
  });
  await hearer.subscribeAsync("spBv1.0/#", { qos: 1 });
  hub.enrolment.revoke(edgeIdentity(first.campus, first.node), "stolen", "tester");
  const since = lines.length;
  keepBoxAccess(plan.place, enrolledBoxes(hub.store));
  await says("Reloading config", since);
  await revoked
    .publishAsync(`spBv1.0/${first.campus}/NDATA/${first.node}`, "x", { qos: 1 })
    .catch(() => undefined);
  await other.publishAsync(`spBv1.0/${second.campus}/NDATA/${second.node}`, "x", { qos: 1 });
  await end;
  expect(heard).toEqual([`spBv1.0/${second.campus}/NDATA/${second.node}`]);
  await Promise.all([revoked, other, hearer].map((client) => client.endAsync(true)));
});

test("a wrong password, and a client without a certificate, are refused", async () => {
  const url = `mqtt://127.0.0.1:${plan.loopbackPort}`;
  const refused = { protocolVersion: 4, reconnectPeriod: 0 } as const;
  await expect(connectAsync(url, { ...refused, username: "ingest", password: "wrong" })).rejects.toThrow(
    "Not authorized",
  );
  await expect(
    connectAsync(`mqtts://127.0.0.1:${plan.tlsPort}`, { ...refused, ca: hub.authority.certificate }),
  ).rejects.toThrow();
});

test("one that cannot be told says so", () => {
  expect(() => keepBoxAccess({ ...plan.place, pidFile: join(hub.top, "none") }, [])).toThrow(
    "Send it SIGHUP",
  );
});
