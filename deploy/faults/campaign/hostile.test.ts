/**
 * Clients that are up to no good, at a whole hub that an honest box reports to meanwhile: each is refused or told apart
 * and counted, and in the end the hub holds what the honest box has counted, once.
 */
import { readFileSync } from "node:fs";
import { get } from "node:http";
import { connect as connectTcp, type Socket } from "node:net";
import { join } from "node:path";
import { encodePayload } from "@campus-ops/broker/sparkplug";
import mqtt, { connectAsync, type IClientOptions, type MqttClient } from "mqtt";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestAuthority } from "../../../broker/server/testing/certificates.ts";
import { eventually } from "../../testing/awaiting.ts";
import { freePort } from "../../testing/hub-process.ts";
import { LoadEdge, type LoadEdgeOptions } from "../../testing/load/load-edge.ts";
import { LoadHub } from "../../testing/load/load-hub.ts";
import type { LoadPlan } from "../../testing/load/load-plan.ts";
import { tell } from "../outcome.ts";

const HONEST = "box-honest";
const THIEF = "box-thief";
const MONITOR = "listener";
const CAMPUS = "load-school";
const PORTS = 10;
const RECORD_MS = 20;
const BROKER_BYTES_MAX = 400e6;
const ATTEMPTS = 20;

const pki = new TestAuthority();
const stranger = new TestAuthority();

let hub: LoadHub;
let tlsPort: number;
let honest: LoadEdge;
let options: LoadEdgeOptions;
let reporting: NodeJS.Timeout;
let records = 0;
let refusals = 0;

beforeAll(async () => {
  pki.certificate("broker", "IP:127.0.0.1");
  pki.certificate("neighbour", "URI:campus-ops://edge/another-school/box-1");
  stranger.certificate("forged", `URI:campus-ops://edge/${CAMPUS}/${HONEST}`);
  tlsPort = await freePort();
  const file = (name: string): string => join(pki.folder, name);
  const tls = {
    certFile: file("broker.crt"),
    keyFile: file("broker.key"),
    caFile: file("authority.crt"),
    requireClientCertificate: true,
  };
  hub = await LoadHub.start([HONEST, THIEF], {
    listen: [{ host: "127.0.0.1", port: tlsPort, tls }],
    monitors: [MONITOR],
  });
  options = hub.edge(HONEST, { sources: 1, ports: PORTS, since: Date.now(), step_ms: RECORD_MS });
  honest = new LoadEdge(options);
  honest.connect();
  await eventually("the honest box is born", async () => honest.node.born || undefined);
  reporting = setInterval(() => {
    records += 1;
    void honest.report("source-1");
  }, RECORD_MS);
});
afterAll(async () => {
  clearInterval(reporting);
  await honest?.stop();
  await hub?.stop();
  pki.remove();
  stranger.remove();
});

/** What the honest box says now reaches the alarm history: nobody is in its way. */
async function honestIsServed(): Promise<void> {
  refusals += 1;
  const { promise, resolve } = Promise.withResolvers<void>();
  const first = await honest.refuse();
  honest.whenAcknowledged((run) => run.first <= first && first <= run.last && resolve());
  await eventually("the alarm of the honest box", async () => {
    const alarms = await hub.api.alarms();
    const key = `${CAMPUS}/${HONEST}/gate`;
    return (
      alarms.some(({ device, instance }) => device.key === key && instance === String(refusals)) || undefined
    );
  });
  await promise;
}

const counted = (name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> =>
  hub.api.metric(name, labels);

async function isCounted(name: string, before: number, more = 1): Promise<void> {
  await eventually(`${name} counts it`, async () =>
    (await counted(name)) >= before + more ? true : undefined,
  );
}

/** A client with somebody's password. Its own connection is all that its misdeeds cost. */
function login(username: string, more: IClientOptions = {}): Promise<MqttClient> {
  const { password } = hub.edge(username, { sources: 1, ports: 1, since: 0, step_ms: 1 });
  return connectAsync(`mqtt://127.0.0.1:${hub.process.mqttPort}`, {
    username,
    password,
    clientId: `hostile-${username}-${process.pid}`,
    reconnectPeriod: 0,
    ...more,
  });
}

const closed = (client: MqttClient): Promise<void> =>
  new Promise((resolve) => {
    client.on("error", () => undefined);
    if (client.disconnected) resolve();
    else client.once("close", () => resolve());
  });

const withCertificate = (name: string, of: TestAuthority): IClientOptions => ({
  ca: readFileSync(join(pki.folder, "authority.crt")),
  cert: readFileSync(join(of.folder, `${name}.crt`)),
  key: readFileSync(join(of.folder, `${name}.key`)),
  reconnectPeriod: 0,
});

function held(fault: string, part: string): void {
  tell({ fault, part, told_s: null });
}

describe("with certificates", () => {
  test("a stranger's, in the honest box's name, opens no session", async () => {
    const before = await counted("campus_ops_broker_bad_connections_total");
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      // With TLS 1.3 the client believes in its handshake until the server, which sees the certificate last, hangs up.
      const client = mqtt.connect(`mqtts://127.0.0.1:${tlsPort}`, withCertificate("forged", stranger));
      client.on("connect", () => expect.unreachable("a session in the honest box's name"));
      await closed(client);
    }
    await isCounted("campus_ops_broker_bad_connections_total", before, ATTEMPTS);
    await honestIsServed();
    held("certificates of a stranger", "broker (TLS)");
  });

  test("a good one of another campus may not say a word of this campus", async () => {
    const name = "campus_ops_broker_publishes_denied_total";
    const before = await counted(name);
    for (const type of ["NBIRTH", "NDATA", "NDEATH", "DDATA/gate"]) {
      const [kind = "", device] = type.split("/");
      const client = await connectAsync(`mqtts://127.0.0.1:${tlsPort}`, withCertificate("neighbour", pki));
      const gone = closed(client);
      const topic = ["spBv1.0", CAMPUS, kind, HONEST, device].filter((each) => each !== undefined).join("/");
      client.publish(topic, Buffer.from(encodePayload({ timestamp: Date.now(), seq: 0, metrics: [] })));
      await gone;
    }
    await isCounted(name, before, 4);
    await honestIsServed();
    held("a good certificate, another campus's topics", "broker (TLS)");
  });
});

describe("with the password of one box", () => {
  test("nobody speaks for another box, hears its commands, or hears everything", async () => {
    const denied = await counted("campus_ops_broker_publishes_denied_total");
    const unheard = await counted("campus_ops_broker_subscriptions_denied_total");
    const speaker = await login(THIEF);
    const gone = closed(speaker);
    speaker.publish(`spBv1.0/${CAMPUS}/NDEATH/${HONEST}`, "");
    await gone;
    const filters = [`spBv1.0/${CAMPUS}/NCMD/${HONEST}`, "#", "spBv1.0/#", "$share/all/spBv1.0/#"];
    for (const filter of filters) {
      const reader = await login(THIEF);
      const granted = await reader.subscribeAsync(filter).catch(() => []);
      expect(granted.filter(({ qos }) => qos < 128)).toEqual([]);
      await reader.endAsync(true);
    }
    await isCounted("campus_ops_broker_publishes_denied_total", denied);
    await isCounted("campus_ops_broker_subscriptions_denied_total", unheard, filters.length);
    expect((await hub.node(HONEST))?.online).toBe(true);
    await honestIsServed();
    held("topics of another box", "broker");
  });

  test("nothing can be left behind for those who come later", async () => {
    const before = await counted("campus_ops_broker_publishes_denied_total");
    const client = await login(THIEF);
    const gone = closed(client);
    client.publish(`spBv1.0/${CAMPUS}/NDATA/${THIEF}`, "garbage", { retain: true });
    await gone;
    await isCounted("campus_ops_broker_publishes_denied_total", before);
    const later = await login(MONITOR);
    const heard: string[] = [];
    later.on("message", (topic, _, { retain }) => retain && heard.push(topic));
    await later.subscribeAsync("#");
    // What is retained comes before what is said after it.
    await honestIsServed();
    expect(heard.filter((topic) => !topic.startsWith("spBv1.0/STATE/"))).toEqual([]);
    await later.endAsync();
    held("retained garbage in a box's name", "broker");
  });

  test("what is no Sparkplug, and what is too large, is counted", async () => {
    const malformed = await counted("campus_ops_ingest_malformed_total");
    const large = await counted("campus_ops_broker_bad_connections_total");
    const client = await login(THIEF);
    for (let size = 1; size < 900_000; size *= 3) {
      await client.publishAsync(`spBv1.0/${CAMPUS}/NDATA/${THIEF}`, Buffer.alloc(size, 0xff), { qos: 1 });
    }
    await isCounted("campus_ops_ingest_malformed_total", malformed, 10);
    const gone = closed(client);
    client.publish(`spBv1.0/${CAMPUS}/NDATA/${THIEF}`, Buffer.alloc(2 << 20));
    await gone;
    await isCounted("campus_ops_broker_bad_connections_total", large);
    await honestIsServed();
    held("payloads that are garbage, or too large", "broker, ingest");
  });
});

test("garbage retained as the state of the hub itself is put right, and a box that comes then is served", async () => {
  const password = readFileSync(join(hub.folder, "ingest"), "utf8").trim();
  const client = await login("ingest", { password });
  await client.publishAsync("spBv1.0/STATE/hub", "garbage", { qos: 1, retain: true });
  await client.publishAsync("spBv1.0/STATE/hub", JSON.stringify({ online: false, timestamp: 1 }), {
    qos: 1,
    retain: true,
  });
  await client.endAsync();
  const late = new LoadEdge(hub.edge(THIEF, { sources: 1, ports: 1, since: Date.now(), step_ms: 1 }));
  try {
    late.connect();
    await late.report("source-1");
    await eventually("the box that came later has handed over", async () => late.isEmpty || undefined);
  } finally {
    await late.stop();
  }
  await honestIsServed();
  held("garbage retained as the hub's state", "broker, ingest");
});

test("frames that were recorded and are said again, by whoever has the box's password, change nothing", async () => {
  const listener = await login(MONITOR);
  const recorded: { readonly topic: string; readonly payload: Buffer }[] = [];
  listener.on("message", (topic, payload) => {
    if (/\/[ND](BIRTH|DATA)\//.test(topic) && topic.includes(HONEST)) recorded.push({ topic, payload });
  });
  await listener.subscribeAsync(`spBv1.0/${CAMPUS}/#`);
  await honestIsServed();
  await eventually("frames to say again", async () => recorded.length > 20 || undefined);
  await listener.endAsync();
  const node = await hub.node(HONEST);
  const thief = await login(HONEST, { clientId: "replay" });
  for (const { payload, topic } of recorded) await thief.publishAsync(topic, payload, { qos: 1 });
  await thief.endAsync();
  await eventually("the honest box has its session", async () => honest.node.born || undefined);
  await honestIsServed();
  const after = await hub.node(HONEST);
  expect(after?.samples.lost).toBe(node?.samples.lost);
  held("recorded frames, said again", "broker, ingest");
});

describe("readers that do not read", () => {
  test("a subscriber is cut off and counted, and the broker's memory is bounded", async () => {
    const before = await counted("campus_ops_broker_slow_subscribers_total");
    const stuck = await login(MONITOR);
    await stuck.subscribeAsync("#");
    stuck.stream.pause();
    (stuck.stream as Socket).removeAllListeners("data");
    const loud = await login(THIEF);
    const topic = `spBv1.0/${CAMPUS}/NDATA/${THIEF}`;
    const loudness = Buffer.alloc(500_000, 1);
    let most = 0;
    await eventually("the broker cuts it off", async () => {
      for (let each = 0; each < 20; each += 1) await loud.publishAsync(topic, loudness, { qos: 1 });
      most = Math.max(most, residentBytes(hub.process.pid("broker")));
      return (await counted("campus_ops_broker_slow_subscribers_total")) > before || undefined;
    });
    expect(most).toBeLessThan(BROKER_BYTES_MAX);
    await Promise.all([stuck.endAsync(true), loud.endAsync(true)]);
    await honestIsServed();
    held("a subscriber that does not read", "broker");
  });

  test("a page, and a caller who says half a request, cost others nothing", async () => {
    const requests = Array.from({ length: ATTEMPTS }, () => {
      const page = get(`${hub.process.url}/api/v1/stream`, { agent: false }, (answer) => answer.pause());
      page.on("error", () => undefined);
      return page;
    });
    const halves = Array.from({ length: ATTEMPTS }, () => {
      const socket = connectTcp(hub.process.httpPort, "127.0.0.1");
      socket.on("error", () => undefined);
      socket.write("POST /api/v1/alarms HTTP/1.1\r\nhost: hub\r\ncontent-length: 1000000\r\n\r\n{");
      return socket;
    });
    await honestIsServed();
    for (const request of requests) request.destroy();
    for (const socket of halves) socket.destroy();
    held("pages that do not read, callers who do not finish", "console");
  });
});

test("after all of it the hub holds what the honest box has counted, once", async () => {
  clearInterval(reporting);
  await eventually("the honest box has handed over", async () => honest.isEmpty || undefined);
  const plan: LoadPlan = { sources: 1, numbers: records, refusals, recordsPerS: 0, refusalsPerS: 0 };
  const samples = records * PORTS;
  expect(await hub.account(options, plan)).toEqual({
    journal: { samples, refusals, wrong: [] },
    store: { points: samples },
    alarms: { raised: refusals, wrong: [] },
  });
  tell({ fault: "all of the above", part: "an honest box beside them", lost: 0, doubled: 0, told_s: null });
});

function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
}
