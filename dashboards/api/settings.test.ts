import { afterEach, beforeEach, expect, test } from "vitest";
import { everyRoleAt, type Grant } from "../accounts/core/permissions.ts";
import type { Authenticate } from "./identity.ts";
import { json, openFolder, title, type World, world } from "./testing/world.ts";

let close: () => Promise<void>;
let grants: readonly Grant[];
let site: World;
const authenticate: Authenticate = () => ({ user: "wang", title: title("wang"), grants });
const ask = (path: string, init?: RequestInit) => fetch(`${site.url}/api/v1${path}`, init);
const put = (name: string, body: object) => ask(`/settings/${name}`, { ...json(body), method: "PUT" });

beforeEach(async () => {
  close = await openFolder();
  grants = everyRoleAt("");
  site = await world(authenticate);
});
afterEach(() => close());

test("a setting is written in the name of who asks, and the trail holds what it was before, without secrets", async () => {
  const files = { "settings:mail-password": "hush" };
  const body = { value: { after: 2 }, version: "v1", files };
  expect(await (await put("notify", body)).json()).toMatchObject({ saved: true, setting: { by: "wang" } });
  expect(site.received).toMatchObject([{ path: "/settings/notify", body: { ...body, by: "wang" } }]);
  expect(site.audited).toEqual([
    {
      user: "wang",
      action: "setting.notify",
      source: "console",
      before: { before: 1 },
      after: { after: 2 },
      files: ["settings:mail-password"],
    },
  ]);
});

test("what was refused is answered by field, and is no entry of the trail", async () => {
  const answer = await (await put("notify", { value: "wrong", version: "v1" })).json();
  expect(answer).toMatchObject({ saved: false, problems: [{ field: "desks" }] });
  expect(site.audited).toEqual([]);
  const reset = await ask("/settings/retention?version=v0", { method: "DELETE" });
  expect(reset.status).toBe(409);
});

test("the calendar is the duty leader's too, and settings are nobody's who sees a part of the hub", async () => {
  grants = [{ role: "duty-leader", path: "" }];
  expect((await ask("/settings/calendar")).status).toBe(200);
  expect((await ask("/settings/notify")).status).toBe(403);
  grants = everyRoleAt("990100/990102");
  expect((await ask("/settings/calendar")).status).toBe(403);
  expect((await put("notify", { value: {}, version: "v1" })).status).toBe(403);
  expect(site.received).toEqual([]);
});

test("what was removed is told of readings and of alarms together, the newest first, to whoever sets how long they are kept", async () => {
  expect(await (await ask("/retention")).json()).toEqual({
    kept: [
      { what: "points raw", days: 30 },
      { what: "alarms", days: 1_096 },
    ],
    removals: [
      { at: 3, what: "points raw", before: 1, count: 5, unit: "points" },
      { at: 2, what: "alarms", before: 1, count: 4, unit: "alarms" },
      { at: 1, what: "points raw", before: 1, count: 5, unit: "points" },
    ],
  });
  grants = [{ role: "principal", path: "" }];
  expect((await ask("/retention")).status).toBe(403);
});
