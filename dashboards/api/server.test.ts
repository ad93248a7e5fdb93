import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CampusId, type Site } from "@campus-ops/device-profiles/vocabulary";
import type { CampusRollup, DeviceView } from "@campus-ops/ingest/api";
import type { AlarmDetail, CampusAlarmCounts } from "@campus-ops/rules/api";
import { createLog, listenOnSocket } from "@campus-ops/service";
import { type SocketClient, socketClient } from "@campus-ops/service/socket-client";
import { Ajv } from "ajv";
import fastify, { type FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { RollupView } from "./api.ts";
import { formatEvent } from "./event-stream.ts";
import { type Authenticate, loopbackAccess, tokenAccess } from "./identity.ts";
import { LiveFeed } from "./live-feed.ts";
import { alarmDetail, deviceView, rollupView } from "./schemas.ts";
import { createServer } from "./server.ts";

const title = (text: string) => ({ zh: text, en: text });

const SITE: Site = {
  city: { code: "990100", title: title("city") },
  counties: [
    { code: "990102", title: title("east"), campuses: [{ id: CampusId("first"), title: title("first") }] },
    { code: "990121", title: title("west"), campuses: [{ id: CampusId("third"), title: title("third") }] },
  ],
};

const DEVICE: DeviceView = {
  key: "first/box/gate",
  campus: "first",
  node: "box",
  device: "gate",
  class: "access-gate",
  profile: "access-gate/generic-modbus",
  title: title("gate"),
  path: "990100/990102/first/a/1/gate",
  proven: "vectors",
  health: "working",
  since: 1,
  metrics: [{ name: "Door/Open", value: true, quality: { status: "good" }, eventTime: 1, receivedAt: 2 }],
};

const ALARM: AlarmDetail = {
  id: "a1",
  occurrence: 1,
  rule: "panic-pressed",
  priority: 1,
  state: "unacknowledged",
  title: title("panic"),
  device: { key: DEVICE.key, title: DEVICE.title, class: "access-gate", path: DEVICE.path, campus: "first" },
  raisedAt: 1,
  receivedAt: 2,
  symptoms: 0,
  updatedAt: 2,
  ruleVersion: 1,
  explanation: title("pressed"),
  card: { cause: title("a"), consequence: title("b"), action: title("c") },
  respondWithin_ms: 60_000,
  evidence: [],
  transitions: [],
  symptomIds: [],
};

interface World {
  readonly url: string;
  readonly feed: LiveFeed;
  readonly audited: Readonly<Record<string, unknown>>[];
  readonly received: { path: string; body: unknown }[];
}

let folder: string;
const closing: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "api-"));
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await rm(folder, { recursive: true });
});

/** A stand-in for a part: answers over the real socket what a test tells it to. */
async function part(name: string, routes: (server: FastifyInstance) => void): Promise<SocketClient> {
  const server = fastify({ forceCloseConnections: true });
  routes(server);
  const path = join(folder, `${name}.sock`);
  await listenOnSocket(server, path);
  const client = socketClient(path);
  closing.push(
    () => server.close(),
    () => client.close(),
  );
  return client;
}

async function world(authenticate: Authenticate = loopbackAccess()): Promise<World> {
  const received: World["received"] = [];
  const ingest = await part("ingest", (server) => {
    server.get("/devices", () => [
      DEVICE,
      { ...DEVICE, key: "third/box/gate", path: "990100/990121/third/a/1/gate" },
    ]);
    server.get("/nodes", () => []);
    server.get<{ Params: { "*": string } }>("/devices/*", (request, reply) =>
      request.params["*"] === DEVICE.key ? DEVICE : reply.code(404).send({ title: "unknown device" }),
    );
    server.get("/rollups", (): CampusRollup[] => [
      {
        campus: "first",
        path: "990100/990102/first",
        from: 0,
        to: 1,
        counts: { "devices.registered": 3, "devices.working": 2 },
      },
      { campus: "third", path: "990100/990121/third", from: 0, to: 1, counts: { "devices.registered": 1 } },
    ]);
    server.post("/commands", (request, reply) => {
      received.push({ path: request.url, body: request.body });
      return reply
        .code(202)
        .send({ ...(request.body as object), id: "c1", state: "requested", requestedAt: 1 });
    });
  });
  const rules = await part("rules", (server) => {
    server.get("/alarms", () => [ALARM]);
    server.get("/alarms/:id", (request, reply) =>
      (request.params as { id: string }).id === "a1"
        ? ALARM
        : reply.code(404).send({ title: "unknown alarm" }),
    );
    server.get("/rollups", (): CampusAlarmCounts[] => [{ campus: "first", counts: { "alarms.raised": 4 } }]);
    server.post("/alarms/:id/:action", (request, reply) => {
      received.push({ path: request.url, body: request.body });
      if (request.url.endsWith("/shelve"))
        return reply.code(409).send({ detail: "a panic alarm is never shelved" });
      return { ...ALARM, state: "acknowledged" };
    });
  });
  const feed = new LiveFeed(() => undefined);
  const audited: World["audited"] = [];
  const server = await createServer({
    upstreams: { ingest, rules },
    site: SITE,
    demonstration: true,
    authenticate,
    feed,
    boot: "boot1",
    now: () => 1_000_000,
    log: createLog("test", "silent"),
    audit: (entry) => audited.push(entry),
    status: () => ({ at: 1, ingest: true, rules: true }),
    metrics: async () => "up 1\n",
  });
  const url = await server.listen({ host: "127.0.0.1", port: 0 });
  closing.push(() => server.close());
  return { url, feed, audited, received };
}

const json = (body: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method: "POST",
  body: JSON.stringify(body),
  headers: { "content-type": "application/json", ...headers },
});

/** Reads a stream until it has carried `count` events. */
async function events(url: string, count: number, headers: Record<string, string> = {}): Promise<string[]> {
  const stop = new AbortController();
  const answer = await fetch(url, { headers, signal: stop.signal });
  const read: string[] = [];
  let text = "";
  for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    read.push(...text.split("\n\n").slice(0, -1));
    text = text.slice(text.lastIndexOf("\n\n") + 2);
    if (read.length >= count) break;
  }
  stop.abort();
  return read;
}

describe("who may ask", () => {
  test("a page of another site's, open in a browser here, is refused by the name it called us by", async () => {
    const { url } = await world();
    const { port } = new URL(url);
    const { request } = await import("node:http");
    const status = await new Promise((resolve, reject) => {
      request(
        { host: "127.0.0.1", port, path: "/api/v1/alarms", headers: { host: "evil.example" } },
        (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        },
      )
        .on("error", reject)
        .end();
    });
    expect(status).toBe(403);
  });

  test("a write that another site's page sent is refused and reaches no part", async () => {
    const { url, received } = await world();
    const answer = await fetch(
      `${url}/api/v1/alarms/a1/acknowledge`,
      json({}, { origin: "http://evil.example" }),
    );
    expect(answer.status).toBe(403);
    expect(received).toEqual([]);
  });

  test("with a token, a wrong one and none are told to sign in, the right one is served", async () => {
    const token = "t".repeat(32);
    const { url } = await world(tokenAccess(token));
    const status = async (authorization?: string) =>
      (
        await fetch(
          `${url}/api/v1/session`,
          authorization === undefined ? {} : { headers: { authorization } },
        )
      ).status;
    expect([
      await status(),
      await status(`Bearer ${"x".repeat(32)}`),
      await status(`Bearer ${token}`),
    ]).toEqual([401, 401, 200]);
  });

  test("outside of the caller's scope, alarms, devices and figures do not exist", async () => {
    const { url } = await world(() => ({ user: "west", title: title("west"), scope: "990100/990121" }));
    const get = async <T>(path: string) => (await (await fetch(url + path)).json()) as T;
    expect(await get("/api/v1/alarms")).toEqual({ alarms: [] });
    expect((await fetch(`${url}/api/v1/alarms/a1`)).status).toBe(404);
    expect((await fetch(`${url}/api/v1/devices/first/box/gate`)).status).toBe(404);
    expect((await get<{ devices: DeviceView[] }>("/api/v1/devices")).devices.map(({ key }) => key)).toEqual([
      "third/box/gate",
    ]);
    expect((await get<RollupView>("/api/v1/rollups")).counts).toEqual({ "devices.registered": 1 });
    const write = await fetch(
      `${url}/api/v1/commands`,
      json({ device: DEVICE.key, metric: "Door/Unlocked", value: true }),
    );
    expect(write.status).toBe(404);
  });
});

describe("what is answered", () => {
  test("roll-ups hold what ingest and rules counted, folded from the campuses up", async () => {
    const { url } = await world();
    const city = (await (await fetch(`${url}/api/v1/rollups`)).json()) as RollupView;
    expect(city.counts).toEqual({ "devices.registered": 4, "devices.working": 2, "alarms.raised": 4 });
    expect(city.intactRate).toBe(0.5);
  });

  test("an acknowledgement is passed on under the caller's name and lands in the audit trail", async () => {
    const { url, received, audited } = await world();
    const answer = await fetch(`${url}/api/v1/alarms/a1/acknowledge`, json({ comment: "on my way" }));
    expect(await answer.json()).toMatchObject({ state: "acknowledged" });
    expect(received).toEqual([
      { path: "/alarms/a1/acknowledge", body: { comment: "on my way", by: "local" } },
    ]);
    expect(audited).toMatchObject([{ user: "local", action: "alarm.acknowledge", alarm: "a1" }]);
  });

  test("what the life cycle forbids comes back as a conflict with its reason, and is not audited as done", async () => {
    const { url, audited } = await world();
    const answer = await fetch(`${url}/api/v1/alarms/a1/shelve`, json({ comment: "x", duration_ms: 60_000 }));
    expect(answer.status).toBe(409);
    expect(answer.headers.get("content-type")).toContain("application/problem+json");
    expect(await answer.json()).toMatchObject({ detail: "a panic alarm is never shelved" });
    expect(audited).toEqual([]);
  });

  test("a body with a field too many, a wrong type or too many bytes is refused, in the caller's language", async () => {
    const { url, received } = await world();
    const send = (body: unknown, language: string) =>
      fetch(`${url}/api/v1/alarms/a1/acknowledge`, json(body, { "accept-language": language }));
    expect(await (await send({ comment: 7n.toString().repeat(3000) }, "en")).json()).toMatchObject({
      title: "The request is not right",
    });
    expect(await (await send({ duration_ms: "soon" }, "zh-CN")).json()).toMatchObject({ title: "请求有误" });
    expect((await send({ comment: "x".repeat(100_000) }, "zh")).status).toBe(413);
    expect(received).toEqual([]);
  });

  test("a part that is away is said to be away, and nothing else is made up", async () => {
    const { url } = await world();
    await closing.shift()?.();
    const answer = await fetch(`${url}/api/v1/devices`);
    expect(answer.status).toBe(503);
    expect((await fetch(`${url}/api/v1/alarms`)).status).toBe(200);
  });

  test("the OpenAPI document lists every route, and the answers keep to it", async () => {
    const { url } = await world();
    const document = (await (await fetch(`${url}/api/v1/openapi.json`)).json()) as { paths: object };
    for (const path of [
      "alarms",
      "alarms/{id}",
      "alarms/{id}/{action}",
      "devices",
      "query",
      "rollups",
      "commands",
      "rules",
      "stream",
      "session",
      "site",
    ]) {
      expect(Object.keys(document.paths)).toContain(`/api/v1/${path}`);
    }
    const ajv = new Ajv({ allowUnionTypes: true });
    const answered = async (path: string) => (await fetch(`${url}/api/v1/${path}`)).json();
    for (const [schema, path] of [
      [alarmDetail, "alarms/a1"],
      [deviceView, "devices/first/box/gate"],
      [rollupView, "rollups"],
    ] as const) {
      const valid = ajv.validate(schema, await answered(path));
      expect(ajv.errors).toBeNull();
      expect(valid).toBe(true);
    }
  });
});

describe("the live stream", () => {
  test("a page that was cut off resumes where it was, with no gap and no double", async () => {
    const { url, feed } = await world();
    for (const each of [1, 2, 3, 4]) feed.publish("alarm", JSON.stringify({ each }));
    const [, ...resumed] = await events(`${url}/api/v1/stream`, 3, { "last-event-id": "boot1.2" });
    expect(resumed).toEqual([
      formatEvent({ id: "boot1.3", event: "alarm", data: '{"each":3}' }).trimEnd(),
      formatEvent({ id: "boot1.4", event: "alarm", data: '{"each":4}' }).trimEnd(),
    ]);
  });

  test("a page that comes back after the API was restarted is told to load afresh", async () => {
    const { url, feed } = await world();
    feed.publish("alarm", "{}");
    const read = await events(`${url}/api/v1/stream`, 2, { "last-event-id": "earlier.7" });
    expect(read[1]).toContain("event: reset");
  });

  test("a page is told nothing of what lies outside of its scope", async () => {
    const { url, feed } = await world(() => ({ user: "west", title: title("west"), scope: "990100/990121" }));
    feed.publish("alarm", '{"where":"east"}', "990100/990102/first");
    feed.publish("alarm", '{"where":"west"}', "990100/990121/third");
    const read = await events(`${url}/api/v1/stream`, 2, { "last-event-id": "boot1.0" });
    expect(read.join("\n")).toContain("west");
    expect(read.join("\n")).not.toContain("east");
  });

  test("the feed follows a part through its restart from where it was", async () => {
    const asked: string[] = [];
    const client = await part("stream", (server) => {
      server.get("/stream", (request, reply) => {
        asked.push(request.url);
        reply
          .type("text/event-stream")
          .send(formatEvent({ id: `c${asked.length}`, event: "alarm", data: "{}" }));
      });
    });
    const feed = new LiveFeed(() => undefined);
    const three = new Promise<void>((resolve) => feed.listen(({ seq }) => seq === 3 && resolve()));
    const following = feed.follow({ part: client, path: "/stream", place: () => undefined });
    await three;
    feed.stop();
    await following;
    expect(asked.slice(0, 3)).toEqual(["/stream", "/stream?after=c1", "/stream?after=c2"]);
  });
});
