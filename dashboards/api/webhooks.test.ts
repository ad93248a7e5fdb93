import { afterEach, beforeEach, expect, test } from "vitest";
import { everyRoleAt, type Grant } from "../accounts/core/permissions.ts";
import type { WebhookDeliveries, WebhookMade, WebhookView } from "./api.ts";
import type { Authenticate } from "./identity.ts";
import { json, openFolder, title, type World, world } from "./testing/world.ts";

const EAST = "990100/990102";
let close: () => Promise<void>;
let grants: readonly Grant[];
let site: World;
let tested: string[];
const authenticate: Authenticate = () => ({ user: "admin", title: title("admin"), grants });
const ask = (path: string, init?: RequestInit) => fetch(`${site.url}/api/v1/webhooks${path}`, init);
const hook = { name: "bureau", url: "https://bureau.example/hook", path: EAST };

beforeEach(async () => {
  close = await openFolder();
  grants = [{ role: "administrator", path: EAST }];
  tested = [];
  site = await world(authenticate, {
    testWebhook: async ({ id, secret }) => {
      tested.push(secret);
      return { number: id, message: "test-1", type: "t", path: EAST, at: 1, took_ms: 2, result: "delivered" };
    },
  });
});
afterEach(() => close());

test("a webhook is made for a place of one's own, its secret told once, and it is written down", async () => {
  const answer = await ask("", json(hook));
  expect(answer.status).toBe(201);
  const made = (await answer.json()) as WebhookMade;
  expect(made.secret).toMatch(/^whsec_[\w-]{43}$/);
  const [listed] = (await (await ask("")).json()) as WebhookView[];
  expect(listed).toMatchObject({ ...hook, createdBy: "admin", waiting: 0, lost: 0 });
  expect(listed).not.toHaveProperty("secret");
  expect((await ask("", json(hook))).status).toBe(409);
  expect((await ask(`/${made.id}`, { method: "DELETE" })).status).toBe(204);
  expect(await (await ask("")).json()).toEqual([]);
  expect(site.audited).toMatchObject([
    { action: "webhook.add", path: EAST },
    { action: "webhook.remove", path: EAST },
  ]);
});

test("one is disabled and enabled, tested, and given a new secret that is told once; each is written down", async () => {
  const made = (await (await ask("", json(hook))).json()) as WebhookMade;
  const patch = (enabled: boolean) => ask(`/${made.id}`, { ...json({ enabled }), method: "PATCH" });
  expect(await (await patch(false)).json()).toMatchObject({ name: "bureau", enabled: false });
  expect(await (await patch(true)).json()).toMatchObject({ enabled: true });
  const renewed = (await (await ask(`/${made.id}/secret`, json({}))).json()) as WebhookMade;
  expect(renewed.secret).toMatch(/^whsec_[\w-]{43}$/);
  expect(renewed.secret).not.toBe(made.secret);
  expect(await (await ask(`/${made.id}/test`, json({}))).json()).toMatchObject({ message: "test-1" });
  expect(tested).toEqual([renewed.secret]);
  const listed = (await (await ask(`/${made.id}/deliveries?limit=1`)).json()) as WebhookDeliveries;
  expect(listed.deliveries).toEqual([]);
  expect(site.audited.slice(1).map(({ action }) => action)).toEqual([
    "webhook.disable",
    "webhook.enable",
    "webhook.secret",
    "webhook.test",
  ]);
  expect(JSON.stringify(site.audited)).not.toContain("whsec_");
  grants = everyRoleAt("990100/990121");
  for (const answer of [
    await patch(false),
    await ask(`/${made.id}/secret`, json({})),
    await ask(`/${made.id}/test`, json({})),
    await ask(`/${made.id}/deliveries`),
  ])
    expect(answer.status).toBe(404);
});

test("not for more than one's own places, not in the clear to other machines, and not for who is no administrator", async () => {
  expect((await ask("", json({ ...hook, path: "" }))).status).toBe(403);
  for (const url of [
    "http://bureau.example/hook",
    "http://127.0.0.1:80@bureau.example/hook",
    "http://localhost:x@bureau.example/",
    "http://localhost.bureau.example/",
    "https://user:secret@bureau.example/hook",
    "ftp://bureau.example/hook",
  ])
    expect([url, (await ask("", json({ ...hook, url }))).status]).toEqual([url, 400]);
  const { id } = (await (await ask("", json(hook))).json()) as WebhookMade;
  grants = everyRoleAt("990100/990121");
  expect(await (await ask("")).json()).toEqual([]);
  expect((await ask(`/${id}`, { method: "DELETE" })).status).toBe(404);
  grants = [{ role: "auditor", path: "" }];
  expect((await ask("")).status).toBe(403);
});
