/**
 * Random and mutated bytes for every port that listens, of real processes that serve somebody else meanwhile: each
 * process lives, holds no more memory than it may, serves who behaves, and counts what it refused.
 * `CAMPUS_OPS_PORT_CASES` says how many inputs there are for all ports together.
 */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openApiDocument } from "@campus-ops/dashboards/openapi";
import { encodeFireFrame, FireCommand } from "@campus-ops/device-profiles/codecs/gbt26875-frame";
import { encodeFrame as encodeJt808 } from "@campus-ops/device-profiles/codecs/jt808-frame";
import { encodeAuthentication, Jt808Message } from "@campus-ops/device-profiles/codecs/jt808-messages";
import { generate } from "mqtt-packet";
import { type Dispatcher, Pool } from "undici";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestAuthority } from "../../../broker/server/testing/certificates.ts";
import { type OpenApi, operationsOf, requestOf } from "../../fuzz/http-requests.ts";
import { pick } from "../../fuzz/mutate.ts";
import { NOTIFICATION_TARGETS } from "../../fuzz/notification-targets.ts";
import { Authority } from "../../pki/authority.ts";
import { eventually } from "../../testing/awaiting.ts";
import { freePort } from "../../testing/hub-process.ts";
import { LoadHub } from "../../testing/load/load-hub.ts";
import { RealBox, SECRET } from "../../testing/load/real-box.ts";
import { random, seedOf } from "../../testing/random.ts";
import { tell } from "../outcome.ts";
import { assault, assaultByDatagrams, clientHello, inParallel, type StreamPort } from "./assault.ts";

const CASES = Number(process.env.CAMPUS_OPS_PORT_CASES ?? 20_000);
const SEED = seedOf(process.env.CAMPUS_OPS_SEED);
const BOX = "box-1";
const THIEF = "box-thief";
const CAMPUS = "load-school";
/** What a process may hold more than at the beginning; Node's own rooms grow once. */
const MORE_BYTES_MAX = 250e6;
const ANSWER_MS_MAX = 30_000;
const REQUEST_TOLD_MAX = 400;
const WRONG_TOLD_MAX = 10;
/** A second for twenty inputs, on a machine with other work. */
const TIMEOUT_MS = 120_000 + CASES * 50;

const PROFILES = {
  gate: "access-gate/generic-modbus-controller",
  bus: "bus-terminal/generic-jt808-2013",
  fire: "fire-host/generic-gbt26875",
  visitors: "visitor-terminal/generic-webhook",
} as const;
const NOTICED = { switch: "switch/generic-poe", projector: "projector/generic-pjlink-class-2" } as const;

const pki = new TestAuthority();
let hub: LoadHub;
let box: RealBox;
let tlsPort: number;
let enrolmentPort: number;
let trapPort: number;
let noticePort: number;
let serial = 0;

beforeAll(async () => {
  console.log(`CAMPUS_OPS_SEED=${SEED}`);
  pki.certificate("broker", "IP:127.0.0.1");
  pki.certificate("box", `URI:campus-ops://edge/${CAMPUS}/${THIEF}`);
  [tlsPort, enrolmentPort] = [await freePort(), await freePort()];
  const file = (name: string): string => join(pki.folder, name);
  mkdirSync(file("enrolment"), { mode: 0o700 });
  await Authority.create(file("enrolment"), "a city", Date.now());
  const tls = {
    certFile: file("broker.crt"),
    keyFile: file("broker.key"),
    caFile: file("authority.crt"),
    requireClientCertificate: true,
  };
  hub = await LoadHub.start([BOX, THIEF], {
    listen: [{ host: "127.0.0.1", port: tlsPort, tls }],
    sections: {
      enrolment: {
        folder: join(pki.folder, "enrolment"),
        names: ["127.0.0.1"],
        listen: { host: "127.0.0.1", port: enrolmentPort },
      },
    },
  });
  const edge = hub.edge(BOX, { sources: 0, ports: 0, since: Date.now(), step_ms: 1 });
  [trapPort, noticePort] = [await freePort(), await freePort()];
  box = await RealBox.start(edge, [
    ...Object.values(PROFILES),
    `${NOTICED.switch}?traps=127.0.0.1:${trapPort}`,
    `${NOTICED.projector}?notices=127.0.0.1:${noticePort}`,
  ]);
  await eventually(
    "enrolment is there",
    async () => hub.process.processes().includes("enrolment") || undefined,
  );
  await honestIsServed();
});
afterAll(async () => {
  await box?.stop();
  await hub?.stop();
  pki.remove();
});

/** A card is refused at the gate: from the device through agent, broker, ingest and rules to the API. */
async function honestIsServed(): Promise<void> {
  serial += 1;
  const instance = String(serial);
  box.device("access-gate").raise("Access/Swipe", {
    serial,
    credential: "A00001",
    result: "refused",
    reason: "unknown",
    direction: "in",
  });
  await eventually("the refused card is an alarm", async () => {
    const alarms = await hub.api.alarms();
    return (
      alarms.some(({ rule, instance: of }) => rule.endsWith("load-refused") && of === instance) || undefined
    );
  });
}

/** The port of a device that calls the box. */
const called = (device: string): number => Number(new URL(box.device(device).url).port);

interface Assaulted {
  readonly title: string;
  /** Whose port it is, and which process must be none the worse. */
  readonly pid: () => number;
  /** Of all cases; documents and handshakes take longer than frames. */
  readonly share: number;
  readonly carryOut: (cases: number) => Promise<void>;
  /** Grows with what was refused, where that is counted for everybody to see. */
  readonly counted?: () => Promise<number>;
}

const chance = random(SEED);

/** A conversation of a client that may say all of it. */
function mqttConversation(username: string, password: string): Buffer {
  return Buffer.concat([
    generate({
      cmd: "connect",
      clientId: `fuzz-${username}`,
      protocolId: "MQTT",
      protocolVersion: 4,
      clean: true,
      keepalive: 30,
      username,
      password: Buffer.from(password),
      will: {
        topic: `spBv1.0/${CAMPUS}/NDEATH/${THIEF}`,
        payload: Buffer.from("gone"),
        qos: 1,
        retain: false,
      },
    }),
    generate({
      cmd: "subscribe",
      messageId: 1,
      subscriptions: [{ topic: `spBv1.0/${CAMPUS}/NCMD/${THIEF}`, qos: 1 }],
    }),
    generate({
      cmd: "publish",
      topic: `spBv1.0/${CAMPUS}/NDATA/${THIEF}`,
      payload: Buffer.from("0893a4e0cf3312080a046e616d65", "hex"),
      qos: 1,
      messageId: 2,
      dup: false,
      retain: false,
    }),
    generate({ cmd: "pingreq" }),
    generate({ cmd: "disconnect" }),
  ]);
}

const post = (path: string, body: string, ...headers: readonly string[]): Buffer =>
  Buffer.from(
    [
      `POST ${path} HTTP/1.1`,
      "host: hub",
      `content-length: ${Buffer.byteLength(body)}`,
      ...headers,
      "",
      body,
    ].join("\r\n"),
  );

const streams = (port: () => StreamPort) => (cases: number) => assault(port(), cases, chance);

const credentials = (): { readonly password: string } =>
  hub.edge(THIEF, { sources: 0, ports: 0, since: 0, step_ms: 1 });

/** Asked as a program would; a defect answers with 500, or not at all. */
async function askTheApi(cases: number): Promise<void> {
  const operations = operationsOf((await openApiDocument()) as OpenApi);
  const pool = new Pool(hub.process.url, { connections: 16, bodyTimeout: 0 });
  const wrong = new Set<string>();
  await inParallel(cases, async () => {
    const request = requestOf(pick(operations, chance), chance);
    const text = JSON.stringify({ ...request, body: request.body?.toString() }).slice(0, REQUEST_TOLD_MAX);
    const ask = (): Promise<Dispatcher.ResponseData> =>
      pool.request({
        method: request.method as Dispatcher.HttpMethod,
        path: request.path,
        headersTimeout: ANSWER_MS_MAX,
        ...(request.body === undefined
          ? {}
          : { body: request.body, headers: { "content-type": "application/json" } }),
      });
    // A connection that lives on may be closed just when the next question is on its way. Twice is no accident.
    const answer = await ask()
      .catch(ask)
      .catch((error: unknown) => {
        wrong.add(`${error}: ${text}`);
        return undefined;
      });
    // Streams have no end; whoever has seen the beginning of an answer has seen that there is one.
    answer?.body.on("error", () => undefined).destroy();
    if (answer?.statusCode === 500) wrong.add(text);
  });
  await pool.destroy();
  expect([...wrong].slice(0, WRONG_TOLD_MAX), hub.process.lastWords()).toEqual([]);
}

const datagrams = (port: () => number, target: string) => (cases: number) => {
  const examples = NOTIFICATION_TARGETS.find(({ name }) => name === target)?.examples ?? [];
  return assaultByDatagrams(port(), examples, cases, chance);
};

const apiMetric = (name: string) => (): Promise<number> => hub.api.metric(name);
/** What the box says of a device's notices, as the console shows it. */
const noticesRefused = (device: string) => async (): Promise<number> => {
  const { metrics } = await hub.api.device(`${CAMPUS}/${BOX}/${device}`);
  return Number(metrics.find(({ name }) => name === "Notices/Refused")?.value ?? 0);
};
const hello = await clientHello();

const PORTS: readonly Assaulted[] = [
  {
    title: "the broker over TCP",
    share: 0.3,
    pid: () => hub.process.pid("broker"),
    carryOut: streams(() => ({
      port: hub.process.mqttPort,
      examples: [mqttConversation(THIEF, credentials().password)],
    })),
    counted: apiMetric("campus_ops_broker_bad_connections_total"),
  },
  {
    title: "the broker beneath TLS",
    share: 0.1,
    pid: () => hub.process.pid("broker"),
    carryOut: streams(() => ({ port: tlsPort, examples: [hello] })),
    counted: apiMetric("campus_ops_broker_bad_connections_total"),
  },
  {
    title: "the broker inside TLS, with a good certificate",
    share: 0.05,
    pid: () => hub.process.pid("broker"),
    carryOut: streams(() => ({
      port: tlsPort,
      examples: [mqttConversation("", "")],
      tls: {
        ca: pki.root,
        cert: readFileSync(join(pki.folder, "box.crt")),
        key: readFileSync(join(pki.folder, "box.key")),
      },
    })),
    counted: apiMetric("campus_ops_broker_bad_connections_total"),
  },
  {
    title: "the console's HTTP",
    share: 0.15,
    pid: () => hub.process.pid("dashboards"),
    carryOut: streams(() => ({
      port: hub.process.httpPort,
      examples: [
        post("/api/v1/query", '{"metric":"Air/Temperature"}', "content-type: application/json"),
        Buffer.from("GET /api/v1/alarms?state=all HTTP/1.1\r\nhost: hub\r\nlast-event-id: 1.2\r\n\r\n"),
      ],
    })),
  },
  {
    title: "the API, by its own document",
    share: 0.1,
    pid: () => hub.process.pid("dashboards"),
    carryOut: askTheApi,
  },
  {
    title: "enrolment, inside TLS",
    share: 0.05,
    pid: () => hub.process.pid("enrolment"),
    carryOut: streams(() => ({
      port: enrolmentPort,
      examples: [post("/v1/enrol", '{"token":"a-token","request":"-----BEGIN CERTIFICATE REQUEST-----"}')],
      tls: { ca: readFileSync(join(pki.folder, "enrolment/ca.crt")) },
    })),
  },
  {
    title: "enrolment, beneath TLS",
    share: 0.05,
    pid: () => hub.process.pid("enrolment"),
    carryOut: streams(() => ({ port: enrolmentPort, examples: [hello] })),
  },
  {
    title: "the box's port for buses",
    share: 0.1,
    pid: () => box.pid,
    carryOut: streams(() => ({
      port: called("bus-terminal"),
      examples: [
        encodeJt808({
          message: Jt808Message.Authenticate,
          edition: 2013,
          phone: "013800138000",
          serial: 1,
          body: encodeAuthentication("a code", 2013),
        }),
      ],
    })),
  },
  {
    title: "the box's port for fire transmitters",
    share: 0.05,
    pid: () => box.pid,
    carryOut: streams(() => ({
      port: called("fire-host"),
      examples: [
        encodeFireFrame({
          serial: 7,
          version: [1, 0],
          sentAt: Date.now(),
          source: "0000000000a1",
          destination: "000000000001",
          command: FireCommand.Data,
          data: Buffer.from("0201010301", "hex"),
        }),
      ],
    })),
  },
  {
    title: "the box's port for systems that post",
    share: 0.05,
    pid: () => box.pid,
    carryOut: streams(() => {
      const { pathname } = new URL(box.device("visitor-terminal").url);
      const body = '[{"id":"1","visitor":"a","at":"2026-09-01T08:00:00+08:00"}]';
      return {
        port: called("visitor-terminal"),
        examples: [post(pathname, body, `authorization: Bearer ${SECRET}`), post(pathname, body)],
      };
    }),
  },
  {
    title: "the box's port for SNMP traps",
    share: 0.01,
    pid: () => box.pid,
    carryOut: datagrams(() => trapPort, "SNMP notification"),
    counted: noticesRefused("switch"),
  },
  {
    title: "the box's port for PJLink notices",
    share: 0.01,
    pid: () => box.pid,
    carryOut: datagrams(() => noticePort, "PJLink notice"),
    counted: noticesRefused("projector"),
  },
];

test.each(PORTS)("$title", { timeout: TIMEOUT_MS }, async ({ carryOut, counted, pid, share, title }) => {
  const process_ = pid();
  const [before, refused] = [residentBytes(process_), await counted?.()];
  // Somebody behaves all the while.
  const ended = new AbortController();
  let served = 0;
  const honest = (async () => {
    do {
      await honestIsServed();
      served += 1;
    } while (!ended.signal.aborted);
  })();
  try {
    await carryOut(Math.ceil(CASES * share));
  } finally {
    ended.abort();
    await honest;
  }
  await honestIsServed();
  expect(served).toBeGreaterThan(0);
  expect(pid(), "the process was not started anew").toBe(process_);
  expect(process.kill(process_, 0)).toBe(true);
  expect(residentBytes(process_) - before).toBeLessThan(MORE_BYTES_MAX);
  if (refused !== undefined)
    await eventually(
      "what was refused is counted",
      async () => ((await counted?.()) ?? 0) > refused || undefined,
    );
  tell({ fault: `${Math.ceil(CASES * share)} random and mutated inputs`, part: title, told_s: null });
});

function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
}
