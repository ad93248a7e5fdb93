import { afterEach, beforeEach, expect, test } from "vitest";
import { everyRoleAt, type Grant } from "../accounts/core/permissions.ts";
import type { UpdatesView } from "../updates/api.ts";
import type { Authenticate } from "./identity.ts";
import { BUNDLE } from "./testing/updates.ts";
import { json, openFolder, title, type World, world } from "./testing/world.ts";

const EAST = "990100/990102";

let close: () => Promise<void>;
let grants: readonly Grant[];
let site: World;
const authenticate: Authenticate = () => ({ user: "wang", title: title("wang"), grants });
const ask = (path: string, init?: RequestInit) => fetch(`${site.url}/api/v1/updates${path}`, init);
const upload = (body: string) =>
  ask("/bundles", {
    method: "POST",
    body,
    headers: { "content-type": "application/octet-stream", "accept-language": "en" },
  });

beforeEach(async () => {
  close = await openFolder();
  grants = everyRoleAt("");
  site = await world(authenticate);
});
afterEach(() => close());

test("roll-outs and pins are shown to whoever sees devices, each county its own boxes", async () => {
  const shown = async () => {
    const { pins, rollOuts } = (await (await ask("")).json()) as UpdatesView;
    return [rollOuts.map(({ boxes }) => boxes.map(({ box }) => box)), pins.map(({ box }) => box)];
  };
  expect(await shown()).toEqual([
    [["first/box", "third/box"], ["first/box"]],
    ["first/box", "third/box"],
  ]);
  grants = [{ role: "guard", path: "990100/990121" }];
  expect(await shown()).toEqual([[["third/box"]], ["third/box"]]);
  expect((await ask("/roll-outs/r1/pause", json({}))).status).toBe(403);
});

test("a bundle goes through as it is, by who may update the whole hub; why it is not taken is said", async () => {
  const taken = await upload("a bundle");
  expect([taken.status, await taken.json()]).toEqual([201, BUNDLE]);
  expect(site.received).toEqual([{ path: "/updates/bundles?by=wang", body: "a bundle" }]);
  expect(site.audited).toMatchObject([{ action: "update.bundle", version: "0.2.0", signer: "release" }]);
  const refused = await upload("something else");
  expect([refused.status, await refused.json()]).toMatchObject([409, { detail: "not signed" }]);
  expect((await ask("/bundles", json({}))).status).toBe(400);
  grants = everyRoleAt(EAST);
  expect((await upload("a bundle")).status).toBe(403);
  expect((await ask(`/bundles/${BUNDLE.sha256}`, { method: "DELETE" })).status).toBe(403);
});

test("a roll-out is begun for one's own boxes alone, and stopped by who answers for all of them", async () => {
  grants = everyRoleAt(EAST);
  const begin = (boxes: readonly string[]) => ask("/roll-outs", json({ bundle: BUNDLE.sha256, boxes }));
  expect((await begin(["first/box", "third/box"])).status).toBe(404);
  expect((await ask("/roll-outs/r1/cancel", { method: "POST" })).status).toBe(403);
  expect(site.received).toEqual([]);
  expect((await begin(["first/box"])).status).toBe(201);
  expect((await ask("/roll-outs/r2/resume", { method: "POST" })).status).toBe(200);
  expect((await ask("/roll-outs/r9/resume", { method: "POST" })).status).toBe(404);
  expect((await ask("/roll-outs/r2/explode", { method: "POST" })).status).toBe(400);
  expect(site.received).toEqual([
    { path: "/updates/roll-outs", body: { bundle: BUNDLE.sha256, boxes: ["first/box"], by: "wang" } },
    { path: "/updates/roll-outs/r2/resume", body: {} },
  ]);
  expect(site.audited.filter(({ result }) => result !== "refused")).toMatchObject([
    { action: "update.begin", rollOut: "r3", boxes: 1 },
    { action: "update.resume", rollOut: "r2", before: "stopped" },
  ]);
});

test("a box is pinned with the reason, and released", async () => {
  const pin = {
    method: "PUT",
    body: JSON.stringify({ why: "exam" }),
    headers: { "content-type": "application/json" },
  };
  expect((await ask("/pins/first/box", pin)).status).toBe(204);
  expect((await ask("/pins/first/box", { method: "DELETE" })).status).toBe(204);
  expect(site.received).toEqual([
    { path: "PUT /updates/pins", body: { box: "first/box", by: "wang", why: "exam" } },
    { path: "DELETE /updates/pins", body: { box: "first/box" } },
  ]);
  expect(site.audited).toMatchObject([
    { action: "update.pin", path: `${EAST}/first`, why: "exam" },
    { action: "update.unpin", path: `${EAST}/first` },
  ]);
});
