import { once } from "node:events";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import fastify, { type FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { registerAlarm } from "./alarm.ts";
import { registerAlarms } from "./alarms.ts";
import { registerCalendar } from "./calendar.ts";
import { registerCommand } from "./command.ts";
import { CONDITION_DEVICES_MAX, FlowCondition, registerCondition } from "./condition.ts";
import { registerHub } from "./hub-node.ts";
import type { FlowMessage } from "./red.ts";
import { registerSamples } from "./samples.ts";

/** Node-RED's own test helper: a real runtime around the nodes. */
interface Helper {
  init(runtime: string): void;
  load(nodes: readonly unknown[], flow: readonly object[]): Promise<void>;
  unload(): Promise<void>;
  startServer(done: () => void): void;
  stopServer(done: () => void): void;
  getNode(id: string): HelperNode;
}
interface HelperNode {
  receive(message: FlowMessage): void;
  on(event: string, listener: (argument: FlowMessage & { args?: unknown[] }) => void): void;
}

const require = createRequire(import.meta.url);
const helper = require("node-red-node-test-helper") as Helper;
helper.init(require.resolve("node-red"));

const ALL = [
  registerHub,
  registerSamples,
  registerAlarms,
  registerAlarm,
  registerCommand,
  registerCalendar,
  registerCondition,
];

const DEVICE = {
  key: "one/box/co2",
  class: "environment-sensor",
  path: "990100/990102/one/a/3/301",
  title: { zh: "传感器", en: "sensor" },
  health: "working",
  metrics: [
    { name: "Environment/CO2", value: 800, quality: { status: "good" }, eventTime: 1 },
    { name: "Environment/Temperature", value: 21, quality: { status: "good" }, eventTime: 1 },
  ],
};
const reading = (value: number, eventTime: number) => ({
  ...DEVICE,
  metrics: [{ name: "Environment/CO2", value, quality: { status: "good" }, eventTime }],
});

let api: FastifyInstance;
let url: string;
let streams: { write(text: string): void; end(): void }[];
let onStream: () => void;
let received: { method: string; url: string; body: unknown }[];
let calendar: { at: number; open: string[]; windows: string[]; until: number };
let asked: string[];

beforeEach(async () => {
  streams = [];
  received = [];
  asked = [];
  onStream = () => undefined;
  calendar = { at: 0, open: [], windows: ["lesson"], until: 60_000 };
  api = fastify({ forceCloseConnections: true });
  api.get("/api/v1/devices", () => ({ devices: [DEVICE], nodes: [] }));
  api.get("/api/v1/calendar", () => calendar);
  api.get("/api/v1/stream", (request, reply) => {
    asked.push(String(request.headers["last-event-id"] ?? ""));
    reply.hijack();
    reply.raw.writeHead(200, { "content-type": "text/event-stream" });
    streams.push(reply.raw);
    onStream();
  });
  let polls = 0;
  api.post("/api/v1/commands", (request, reply) => {
    received.push({ method: "POST", url: request.url, body: request.body });
    return reply.code(202).send({ id: "c1", state: "requested" });
  });
  api.get("/api/v1/commands/c1", () => {
    polls += 1;
    return { id: "c1", state: polls > 1 ? "confirmed" : "requested" };
  });
  api.put("/api/v1/flows/:id", (request, reply) => {
    received.push({ method: "PUT", url: request.url, body: request.body });
    return request.url.endsWith("refused")
      ? reply.code(403).send({ detail: "not yours" })
      : reply.code(204).send();
  });
  await api.listen({ host: "127.0.0.1", port: 0 });
  url = `http://127.0.0.1:${(api.server.address() as AddressInfo).port}`;
  await new Promise<void>((resolve) => helper.startServer(resolve));
});
afterEach(async () => {
  await helper.unload();
  await new Promise<void>((resolve) => helper.stopServer(resolve));
  await api.close();
});

const HUB = () => ({ id: "hub", type: "campus-hub", url });
const helperNode = (id: string) => ({ id, type: "helper" });
const node = (type: string, more: object, wires: readonly (readonly string[])[]) => ({
  id: "node",
  type,
  hub: "hub",
  wires,
  ...more,
});

const load = (...flow: readonly object[]): Promise<void> => helper.load(ALL, [HUB(), ...flow]);
/** The next message at a helper node. */
const next = (id: string): Promise<FlowMessage> =>
  new Promise((resolve) => helper.getNode(id).on("input", (message) => resolve(message)));
const failure = (): Promise<string> =>
  new Promise((resolve) =>
    helper.getNode("node").on("call:error", (call) => resolve(String(call.args?.[0]))),
  );
async function stream(count = 1): Promise<(event: string, id: number, data: object) => void> {
  while (streams.length < count) await new Promise<void>((resolve) => (onStream = resolve));
  const last = streams[count - 1];
  return (event, id, data) =>
    last?.write(`id: boot.${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}

describe("samples", () => {
  test("are sent as they change, of the class, place and metric that were chosen", async () => {
    await load(
      node(
        "campus-samples",
        { deviceClass: "environment-sensor", path: "990100/990102/one", metric: "Environment/CO2" },
        [["out"]],
      ),
      helperNode("out"),
    );
    const send = await stream();
    const message = next("out");
    send("device", 1, { ...reading(900, 2), class: "camera" });
    send("device", 2, { ...reading(900, 2), path: "990100/990102/two" });
    // Said before: the same value at the same time.
    send("device", 3, DEVICE);
    send("device", 4, reading(1_600, 3));
    expect(await message).toMatchObject({
      topic: "Environment/CO2",
      payload: 1_600,
      campus: { device: DEVICE.key, metric: "Environment/CO2", eventTime: 3, quality: { status: "good" } },
    });
  });

  test("go on after the stream was cut, from where it was", async () => {
    await load(node("campus-samples", { metric: "Environment/CO2" }, [["out"]]), helperNode("out"));
    const send = await stream();
    const first = next("out");
    send("device", 7, reading(900, 2));
    await first;
    streams[0]?.end();
    const again = await stream(2);
    expect(asked).toEqual(["", "boot.7"]);
    const second = next("out");
    again("device", 8, reading(901, 3));
    expect(await second).toMatchObject({ payload: 901 });
  });
});

test("alarms are sent at each transition, by rule and priority", async () => {
  await load(node("campus-alarms", { rule: "co2-high", priority: 2 }, [["out"]]), helperNode("out"));
  const send = await stream();
  const alarm = { rule: "co2-high", priority: 2, state: "unacknowledged", device: { path: DEVICE.path } };
  const message = next("out");
  send("alarm", 1, { ...alarm, rule: "other" });
  send("alarm", 2, { ...alarm, priority: 3 });
  send("alarm", 3, alarm);
  expect(await message).toMatchObject({
    topic: "co2-high",
    payload: "unacknowledged",
    alarm: { priority: 2 },
  });
});

describe("the alarm of a flow", () => {
  const definition = {
    alarm: "server-room",
    titleZh: "机房",
    titleEn: "Server room",
    priority: "2",
    textZh: "太热",
  };

  test("is raised by true and cleared by false", async () => {
    await load(node("campus-alarm", definition, [["out"]]), helperNode("out"));
    let out = next("out");
    helper.getNode("node").receive({ payload: true });
    await out;
    out = next("out");
    helper.getNode("node").receive({ payload: false, text: "好了" });
    await out;
    expect(received.map(({ url: path, body }) => [path, body])).toEqual([
      [
        "/api/v1/flows/server-room",
        {
          title: { zh: "机房", en: "Server room" },
          raised: true,
          priority: 2,
          text: { zh: "太热", en: "太热" },
        },
      ],
      [
        "/api/v1/flows/server-room",
        expect.objectContaining({ raised: false, text: { zh: "好了", en: "好了" } }),
      ],
    ]);
  });

  test("says what is wrong with a message, and what the hub refused", async () => {
    await load(node("campus-alarm", { ...definition, alarm: "refused" }, [[]]));
    let said = failure();
    helper.getNode("node").receive({ payload: "yes" });
    expect(await said).toContain("payload must be true");
    expect(received).toEqual([]);
    said = failure();
    helper.getNode("node").receive({ payload: true });
    expect(await said).toContain("not yours");
  });
});

test("a command is followed until it is settled", async () => {
  await load(
    node("campus-command", { device: "one/box/relay", metric: "Relay/1/Closed" }, [["out"]]),
    helperNode("out"),
  );
  const out = next("out");
  helper.getNode("node").receive({ payload: true, topic: "kept" });
  expect(await out).toMatchObject({ payload: "confirmed", topic: "kept", command: { id: "c1" } });
  expect(received[0]?.body).toEqual({
    device: "one/box/relay",
    metric: "Relay/1/Closed",
    value: true,
    reason: "flow",
  });
});

test("the calendar sends messages by its window, and tells when it opens", async () => {
  calendar = { at: 0, open: [], windows: ["lesson"], until: 100 };
  await load(
    node("campus-calendar", { window: "lesson" }, [["open"], ["closed"]]),
    helperNode("open"),
    helperNode("closed"),
  );
  const closed = next("closed");
  helper.getNode("node").receive({ payload: 1 });
  expect(await closed).toMatchObject({ payload: 1 });
  const opened = next("open");
  calendar = { at: 0, open: ["lesson"], windows: ["lesson"], until: 60_000 };
  expect(await opened).toMatchObject({ topic: "lesson", payload: true });
});

describe("a rule condition", () => {
  const campus = { device: "one/box/co2", metric: "Environment/CO2" };

  test("runs on the core of the platform's own rules, delays and deadband included", () => {
    const condition = new FlowCondition({
      condition: "threshold: { metric: Environment/CO2, above: 1500, deadband: 100 }",
      onDelay: "30s",
      offDelay: "10s",
    });
    const take = (payload: number, at: number) =>
      condition.take({ payload, campus: { ...campus, eventTime: at } }, at);
    expect(take(1_600, 1_000)).toEqual([]);
    expect(condition.tick(30_999)).toEqual([]);
    expect(condition.tick(31_000)).toMatchObject([
      [{ payload: true, campus: { device: campus.device } }, null],
    ]);
    expect(take(1_450, 40_000)).toEqual([]);
    expect(condition.tick(55_000)).toEqual([]);
    expect(take(1_300, 60_000)).toEqual([]);
    expect(condition.tick(70_000)).toMatchObject([[null, { payload: false }]]);
  });

  test("follows so many devices and no more", () => {
    const condition = new FlowCondition({ condition: "state: { metric: Door/Open, is: [true] }" });
    const from = (index: number) =>
      condition.take({ payload: true, campus: { device: `one/box/d${index}`, metric: "Door/Open" } }, index);
    for (let index = 0; index < CONDITION_DEVICES_MAX; index += 1) from(index + 1);
    expect(() => from(CONDITION_DEVICES_MAX + 1)).toThrow(RangeError);
    expect(from(1)).toEqual([]);
  });

  test("says what is wrong with it, and sends nothing", async () => {
    await load(
      node("campus-condition", { condition: "threshold: { metric: Environment/CO2 }" }, [["out"], []]),
      helperNode("out"),
    );
    expect(() => new FlowCondition({ condition: "threshold: { metric: Nonsense/X, above: 1 }" })).toThrow(
      /Nonsense/,
    );
  });

  test("raises in a flow what a plain message says under its topic", async () => {
    await load(
      node("campus-condition", { condition: "state: { metric: Door/Open, is: [true] }" }, [
        ["true"],
        ["over"],
      ]),
      helperNode("true"),
      helperNode("over"),
    );
    const raised = next("true");
    helper.getNode("node").receive({ topic: "Door/Open", payload: true });
    expect(await raised).toMatchObject({ payload: true, topic: "Door/Open" });
    const over = next("over");
    helper.getNode("node").receive({ topic: "Door/Open", payload: false });
    expect(await over).toMatchObject({ payload: false });
  });
});

test("listening ends with the flow", async () => {
  await load(node("campus-alarms", {}, [[]]));
  await stream();
  const raw = streams[0] as unknown as import("node:events").EventEmitter;
  const closed = once(raw, "close");
  await helper.unload();
  await closed;
});
