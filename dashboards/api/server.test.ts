import { Ajv } from "ajv";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { everyRoleAt } from "../accounts/core/permissions.ts";
import type { DeviceView, RollupView } from "./api.ts";
import { formatEvent } from "./event-stream.ts";
import { tokenAccess } from "./identity.ts";
import { LiveFeed } from "./live-feed.ts";
import { alarmDetail, deviceView, rollupView } from "./schemas.ts";
import { DEVICE, json, openFolder, part, stopFirst, title, world } from "./testing/world.ts";

let close: () => Promise<void>;
beforeEach(async () => {
  close = await openFolder();
});
afterEach(() => close());

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
      (await fetch(`${url}/api/v1/me`, authorization === undefined ? {} : { headers: { authorization } }))
        .status;
    expect([
      await status(),
      await status(`Bearer ${"x".repeat(32)}`),
      await status(`Bearer ${token}`),
    ]).toEqual([401, 401, 200]);
  });

  test("outside of the caller's scope, alarms, devices and figures do not exist", async () => {
    const { url } = await world(() => ({
      user: "west",
      title: title("west"),
      grants: everyRoleAt("990100/990121"),
    }));
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

  test("an alarm is given to a person, or taken back, under the caller's name, and the trail says to whom", async () => {
    const { url, received, audited } = await world();
    for (const assignee of ["guard-2", null])
      expect((await fetch(`${url}/api/v1/alarms/a1/assign`, json({ assignee }))).status).toBe(200);
    expect(received).toEqual([
      { path: "/alarms/a1/assign", body: { assignee: "guard-2", by: "local" } },
      { path: "/alarms/a1/assign", body: { assignee: null, by: "local" } },
    ]);
    expect(audited).toMatchObject([
      { user: "local", action: "alarm.assign", alarm: "a1", assignee: "guard-2" },
      { user: "local", action: "alarm.assign", alarm: "a1", assignee: null },
    ]);
    const tooLong = await fetch(`${url}/api/v1/alarms/a1/assign`, json({ assignee: "x".repeat(129) }));
    expect(tooLong.status).toBe(400);
  });

  test("what the life cycle forbids comes back as a conflict with its reason, and is not audited as done", async () => {
    const { url, audited } = await world();
    const answer = await fetch(`${url}/api/v1/alarms/a1/shelve`, json({ comment: "x", duration_ms: 60_000 }));
    expect(answer.status).toBe(409);
    expect(answer.headers.get("content-type")).toContain("application/problem+json");
    expect(await answer.json()).toMatchObject({ detail: "a panic alarm is never shelved" });
    expect(audited).toEqual([]);
  });

  test("a body with a field too many, a wrong type, too many bytes or levels is refused, in the caller's language", async () => {
    const { url, received } = await world();
    const send = (body: unknown, language: string) =>
      fetch(`${url}/api/v1/alarms/a1/acknowledge`, json(body, { "accept-language": language }));
    expect(await (await send({ comment: 7n.toString().repeat(3000) }, "en")).json()).toMatchObject({
      title: "The request is not right",
    });
    expect(await (await send({ duration_ms: "soon" }, "zh-CN")).json()).toMatchObject({ title: "请求有误" });
    expect((await send({ comment: "x".repeat(100_000) }, "zh")).status).toBe(413);
    const nested = `${"[".repeat(20_000)}${"]".repeat(20_000)}`;
    const deep = await fetch(`${url}/api/v1/alarms/a1/acknowledge`, {
      method: "POST",
      headers: { "content-type": "application/json", "accept-language": "zh" },
      body: `{"comment":${nested}}`,
    });
    expect([deep.status, await deep.json()]).toMatchObject([
      400,
      { detail: "请求内容嵌套超过 100 层，没有保存" },
    ]);
    expect(received).toEqual([]);
  });

  test("a part that is away is said to be away, and nothing else is made up", async () => {
    const { url } = await world();
    await stopFirst();
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
      "me",
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
    const { url, feed } = await world(() => ({
      user: "west",
      title: title("west"),
      grants: everyRoleAt("990100/990121"),
    }));
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
