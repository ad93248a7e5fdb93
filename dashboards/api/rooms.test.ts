import { afterEach, beforeEach, expect, test } from "vitest";
import { everyRoleAt, type Grant } from "../accounts/core/permissions.ts";
import type { RoomRun, SceneView } from "./api.ts";
import type { Authenticate } from "./identity.ts";
import { json, openFolder, title, type World, world } from "./testing/world.ts";

const EAST = "990100/990102";
const HERE = `${EAST}/first/a`;

let close: () => Promise<void>;
let grants: readonly Grant[];
let site: World;
const authenticate: Authenticate = () => ({ user: "wang", title: title("wang"), grants });
const ask = (path: string, init?: RequestInit) => fetch(`${site.url}/api/v1${path}`, init);

beforeEach(async () => {
  close = await openFolder();
  grants = everyRoleAt("");
  site = await world(authenticate);
});
afterEach(() => close());

const lights = { class: "actuator", metric: "Light/On", value: true };
const scene = (more: object = {}) =>
  json({ title: title("assembly"), path: HERE, settings: [lights], ...more });

test("a place without classroom devices has nothing to switch, and that it was tried is written down", async () => {
  const answer = await ask("/room-runs", json({ path: HERE, scene: "all-off", reason: "night round" }));
  expect(answer.status).toBe(202);
  const { id, items } = (await answer.json()) as RoomRun;
  expect(items).toEqual([]);
  expect(await (await ask(`/room-runs/${id}`)).json()).toMatchObject({ by: "wang", reason: "night round" });
  expect(site.audited).toMatchObject([{ action: "room.run", path: HERE, scene: "all-off", items: 0 }]);
});

test("outside of the caller's places nothing is switched, saved or seen", async () => {
  const saved = (await (await ask("/scenes", scene())).json()) as SceneView;
  await ask("/room-runs", json({ path: HERE, scene: "all-off" }));
  grants = everyRoleAt("990100/990121");
  expect((await ask("/room-runs", json({ path: HERE, scene: "all-off" }))).status).toBe(404);
  expect((await ask("/scenes", scene())).status).toBe(404);
  expect((await ask(`/scenes/${saved.id}`, { method: "DELETE" })).status).toBe(404);
  expect(await (await ask("/room-runs")).json()).toEqual([]);
  const seen = (await (await ask("/scenes")).json()) as SceneView[];
  expect(seen.map(({ builtIn }) => builtIn)).toEqual([true, true]);
});

test("a scene is kept for its place and for no other, until it is removed", async () => {
  const { id } = (await (await ask("/scenes", scene())).json()) as SceneView;
  expect((await ask("/room-runs", json({ path: `${HERE}/1`, scene: id }))).status).toBe(202);
  expect((await ask("/room-runs", json({ path: `${EAST}/first/b`, scene: id }))).status).toBe(404);
  expect((await ask(`/scenes/${id}`, { method: "DELETE" })).status).toBe(204);
  expect((await ask("/room-runs", json({ path: HERE, scene: id }))).status).toBe(404);
});

test("a room without anything to switch makes no scene", async () => {
  expect((await ask("/scenes", json({ title: title("x"), path: HERE, like: HERE }))).status).toBe(400);
});

test.each([
  { class: "access-gate", metric: "Door/Unlocked", value: true },
  { class: "actuator", metric: "Relay/1/Closed", value: true },
  { class: "classroom-controller", metric: "Controller/Mains", value: false },
])("no scene sets %j", async (setting) => {
  expect((await ask("/scenes", scene({ settings: [setting] }))).status).toBe(400);
});

test("who may see devices and not command them switches nothing", async () => {
  grants = [{ role: "guard", path: "" }];
  expect((await ask("/room-runs", json({ path: HERE, scene: "all-off" }))).status).toBe(403);
  expect((await ask("/scenes")).status).toBe(200);
});
