import { Ajv } from "ajv";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { everyRoleAt } from "../accounts/core/permissions.ts";
import type { Authenticate } from "./identity.ts";
import { json, openFolder, title, world } from "./testing/world.ts";

let close: () => Promise<void>;
beforeEach(async () => {
  close = await openFolder();
});
afterEach(() => close());

const of =
  (scope: string): Authenticate =>
  () => ({ user: "official", title: title("official"), grants: everyRoleAt(scope) });
const put = (body: unknown): RequestInit => ({ ...json(body), method: "PUT" });

/** Paths that are read, and whether somebody who sees one county alone may. */
const READS: readonly (readonly [path: string, east: number, west: number])[] = [
  ["/notifications?alarm=a1", 200, 404],
  ["/channels", 403, 403],
  ["/desks", 200, 200],
  ["/alarm-performance", 403, 403],
  ["/alarm-figures?from=1&to=2&scope=990100/990102/first", 200, 403],
  ["/raisings?from=1&to=2&scope=990100/990102/first", 200, 403],
  ["/use?from=1&to=2", 200, 200],
  ["/use/records?campus=first&type=maker&from=1&to=2", 200, 404],
  ["/use/records?campus=nowhere&type=maker&from=1&to=2", 404, 404],
  ["/desks/gate/summary", 200, 404],
  ["/desks/gate/hand-overs", 200, 404],
  ["/drills", 200, 200],
  ["/drills/d1", 200, 404],
  ["/calendar", 200, 200],
];

describe("telling people, the use of rooms, and flows", () => {
  test.each(READS)("%s is answered by who asks", async (path, east, west) => {
    const status = async (scope: string) =>
      (await fetch(`${(await world(of(scope))).url}/api/v1${path}`)).status;
    expect(await status("990100/990102")).toBe(east);
    await close();
    close = await openFolder();
    expect(await status("990100/990121")).toBe(west);
  });

  test("every answer is what the document says it is", async () => {
    const { url } = await world();
    const document = (await (await fetch(`${url}/api/v1/openapi.json`)).json()) as {
      paths: Record<
        string,
        { get?: { responses: Record<string, { content: Record<string, { schema: object }> }> } }
      >;
    };
    const ajv = new Ajv({ strict: false });
    for (const [path] of READS.filter(([each]) => !each.includes("nowhere"))) {
      const schema =
        document.paths[`/api/v1${(path.split("?")[0] ?? "").replace(/\/(d1|gate)/, "/{id}")}`]?.get
          ?.responses["200"]?.content["application/json"]?.schema;
      const answer = await (await fetch(`${url}/api/v1${path}`)).json();
      expect(schema, path).toBeDefined();
      expect(ajv.validate(schema ?? {}, answer), `${path}: ${ajv.errorsText()}`).toBe(true);
      expect(JSON.stringify(answer).length, path).toBeGreaterThan(2);
    }
  });

  test("a desk is handed over with two names, and not while the rules say no", async () => {
    const { url, received, audited } = await world(of("990100/990102"));
    const give = (to: string) => fetch(`${url}/api/v1/desks/gate/hand-overs`, json({ from: "guard-1", to }));
    expect((await give("guard-2")).status).toBe(200);
    expect((await give("too-early")).status).toBe(409);
    expect((await fetch(`${url}/api/v1/desks/gate/hand-overs`, json({ from: "guard-1" }))).status).toBe(400);
    expect(received.map(({ body }) => (body as { to: string }).to)).toEqual(["guard-2", "too-early"]);
    expect(audited).toEqual([
      {
        user: "official",
        action: "desk.hand-over",
        handOver: 1,
        desk: "gate",
        from: "guard-1",
        to: "guard-2",
      },
    ]);
  });

  test("a drill is of a place that its leader answers for, and is written down", async () => {
    const { url, received, audited } = await world(of("990100/990102"));
    const body = { path: "990100/990102/first", duration_ms: 60_000, title: "panic drill" };
    expect((await fetch(`${url}/api/v1/drills`, json(body))).status).toBe(200);
    expect((await fetch(`${url}/api/v1/drills`, json({ ...body, path: "990100/990121/third" }))).status).toBe(
      403,
    );
    const drills = (await (await fetch(`${url}/api/v1/drills`)).json()) as { id: string }[];
    expect(drills.map(({ id }) => id)).toEqual(["d1"]);
    expect((await fetch(`${url}/api/v1/drills/d1`, { method: "DELETE" })).status).toBe(204);
    expect(received).toEqual([
      { path: "/drills", body: { ...body, by: "official" } },
      { path: "/drills/d1", body: { by: "official" } },
    ]);
    expect(audited.map(({ action }) => action)).toEqual(["drill.begin", "refused", "drill.end"]);
  });

  test("an official sees the rooms of his own county", async () => {
    const { url } = await world(of("990100/990102"));
    const rooms = (await (await fetch(`${url}/api/v1/use?from=1&to=2`)).json()) as { campus: string }[];
    expect(rooms.map(({ campus }) => campus)).toEqual(["first"]);
  });

  test("whoever names no place is answered for his own", async () => {
    const { url } = await world(of("990100/990102"));
    const answer = await (await fetch(`${url}/api/v1/alarm-figures?from=1&to=2`)).json();
    expect(answer).toMatchObject({ scope: "990100/990102" });
  });

  test("a test of a channel is passed on under the caller's name, and written down", async () => {
    const { url, received, audited } = await world();
    expect((await fetch(`${url}/api/v1/channels/mail/test`, json({}))).status).toBe(202);
    expect(received).toEqual([{ path: "/channels/mail/test", body: { by: "local" } }]);
    expect(audited).toEqual([{ user: "local", action: "channel.test", channel: "mail" }]);
  });

  test("a flow raises an alarm of its own; what is no alarm is refused, and so is who sees a part of the hub", async () => {
    const { url, received, audited } = await world();
    const alarm = { title: title("server room"), raised: true, priority: 2, text: title("too hot") };
    expect((await fetch(`${url}/api/v1/flows/server-room`, put(alarm))).status).toBe(204);
    expect(received).toEqual([{ path: "/flows/server-room", body: alarm }]);
    expect(audited).toEqual([{ user: "local", action: "flow.raise", flow: "server-room" }]);
    expect((await fetch(`${url}/api/v1/flows/server-room`, put({ ...alarm, priority: 9 }))).status).toBe(400);
    expect((await fetch(`${url}/api/v1/flows/Server%20Room`, put(alarm))).status).toBe(400);
    await close();
    close = await openFolder();
    const part = await world(of("990100/990102"));
    expect((await fetch(`${part.url}/api/v1/flows/server-room`, put(alarm))).status).toBe(403);
    expect(part.received).toEqual([]);
  });
});
