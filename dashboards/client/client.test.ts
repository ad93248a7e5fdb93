/** The client against the API itself, over its socket. That its types are the API's is what the compiler checks here. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { everyRoleAt } from "../accounts/core/permissions.ts";
import { openApiDocument } from "../api/openapi.ts";
import { openFolder, title, type World, world } from "../api/testing/world.ts";
import { CampusOpsClient, type HubEvent, HubProblem } from "./client.ts";
import { clientTypes, type Document } from "./generate.ts";

let close: () => Promise<void>;
let site: World;
let asked: { readonly method: string; readonly url: string; readonly tag: unknown; status: number }[];
let hub: CampusOpsClient;

beforeEach(async () => {
  close = await openFolder();
  asked = [];
  site = await world(({ headers, method, url }) => {
    asked.push({ method, url, tag: headers["if-none-match"], status: 0 });
    return { user: String(headers.authorization), title: title("bureau"), grants: everyRoleAt("") };
  });
  hub = new CampusOpsClient({ url: site.url, token: "t-1", language: "en" });
});
afterEach(() => close());

describe("the client", () => {
  test("asks with its token, fills paths and queries in, and answers what the API's schema says", async () => {
    const { devices } = await hub.call("GET /devices", { query: { metrics: "none" } });
    const { health, title: named } = await hub.call("GET /devices/{campus}/{node}/{device}", {
      path: { campus: "first", node: "box", device: "gate" },
    });
    expect([devices.length, health, named.en]).toEqual([2, "working", "gate"]);
    const command = await hub.call("POST /commands", {
      body: { device: "first/box/gate", metric: "Door/Unlocked", value: true },
    });
    expect(command.state).toBe("requested");
    expect(site.audited).toMatchObject([{ user: "Bearer t-1", action: "command" }]);
    expect(asked[0]?.url).toBe("/api/v1/devices?metrics=none");
  });

  test("does not have a list sent again that it has, and sees when there is another", async () => {
    const first = await hub.call("GET /devices");
    expect(await hub.call("GET /devices")).toBe(first);
    expect(asked[1]?.tag).toMatch(/^W\//);
    const other = await hub.call("GET /devices", { query: { scope: "990100/990121" } });
    expect(other.devices).toHaveLength(1);
  });

  test("reads a list page after page, and asks nobody but its hub for the next", async () => {
    const keys: string[] = [];
    for await (const { devices } of hub.pages("GET /devices", { query: { metrics: "none", limit: 1 } }))
      keys.push(...devices.map(({ key }) => key));
    expect(keys).toEqual(["first/box/gate", "third/box/gate"]);
    expect(asked).toHaveLength(2);
    // Again, and both pages are still what they were.
    for await (const { devices } of hub.pages("GET /devices", { query: { metrics: "none", limit: 1 } }))
      keys.push(...devices.map(({ key }) => key));
    expect(keys).toHaveLength(4);
    expect(asked.slice(2).map(({ tag }) => typeof tag)).toEqual(["string", "string"]);
  });

  test("reads the answer of a question that is sent page after page, and rules by what they are", async () => {
    const keys: string[] = [];
    const body = { metric: "Door/Open", from: 1, to: 2 };
    for await (const { series } of hub.pages("POST /query", { query: { limit: 1 }, body }))
      keys.push(...series.map(({ key }) => key));
    expect(keys).toEqual(["first/box/gate", "third/box/gate"]);
    expect(await hub.call("GET /rules", { query: { text: "held", priority: 3 } })).toHaveLength(1);
    expect(await hub.call("GET /rules", { query: { priority: 1 } })).toEqual([]);
    expect(await hub.call("DELETE /suppressions/{id}", { path: { id: "s1" } })).toBeUndefined();
  });

  test("rejects with what the hub said, in its language", async () => {
    const failed = await hub
      .call("GET /devices/{campus}/{node}/{device}", { path: { campus: "a", node: "b/c", device: "d" } })
      .catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(HubProblem);
    expect(failed).toMatchObject({
      status: 404,
      type: "urn:campus-ops:problem:not-found",
      message: "unknown device",
    });
    expect(asked[0]?.url).toContain("b%2Fc");
  });

  test("takes what is no JSON as bytes", async () => {
    const table = await hub.call("GET /device-notes.csv");
    expect(new TextDecoder().decode(table)).toContain("first/box/gate");
  });

  test("follows the stream through a cut, without a gap and without a double", async () => {
    const stopping = new AbortController();
    const heard: HubEvent[] = [];
    site.feed.publish("alarm", '{"n":0}');
    const following = (async () => {
      for await (const event of hub.stream({ signal: stopping.signal })) {
        heard.push(event);
        if (event.event === "status") site.feed.publish("alarm", `{"n":${heard.length}}`);
        if (heard.length === 2) site.server.server.closeAllConnections();
        if (heard.filter((each) => each.event === "alarm").length === 2) stopping.abort();
      }
    })();
    await following;
    const alarms = heard.filter(({ event }) => event === "alarm").map(({ data }) => data);
    expect(alarms).toEqual([{ n: 1 }, { n: 3 }]);
  }, 30_000);
});

test("every operation of the document is one of the client's, and each of its types can be written", async () => {
  const document = (await openApiDocument()) as Document;
  const text = clientTypes(document);
  const names = Object.entries(document.paths)
    .filter(([path]) => path.startsWith("/api/v1/") && path !== "/api/v1/stream")
    .flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `"${method.toUpperCase()} ${path.slice(7)}"`),
    );
  expect(names.filter((name) => !text.includes(`readonly ${name}: {`))).toEqual([]);
  expect(names.length).toBeGreaterThan(100);
});
