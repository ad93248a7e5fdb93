import { afterEach, beforeEach, expect, test } from "vitest";
import { everyRoleAt, type Grant } from "../accounts/core/permissions.ts";
import type { Authenticate } from "./identity.ts";
import { json, openFolder, title, type World, world } from "./testing/world.ts";

let close: () => Promise<void>;
let grants: readonly Grant[];
let site: World;
const authenticate: Authenticate = () => ({ user: "admin", title: title("admin"), grants });
const ask = (init?: RequestInit) => fetch(`${site.url}/api/v1/region-map`, init);
const put = (body: object) => ask({ ...json(body, { "accept-language": "en" }), method: "PUT" });

const ring = [
  [114, 36],
  [115, 36],
  [115, 37],
  [114, 36],
];
const geojson = (campus: string) => ({
  type: "FeatureCollection",
  features: [
    { type: "Feature", properties: { code: "990102" }, geometry: { type: "Polygon", coordinates: [ring] } },
    { type: "Feature", properties: { campus }, geometry: { type: "Point", coordinates: [114.8, 36.5] } },
  ],
});
const body = { reviewNumber: "GS(2024)0650号", geojson: geojson("first") };

beforeEach(async () => {
  close = await openFolder();
  grants = everyRoleAt("");
  site = await world(authenticate);
});
afterEach(() => close());

test("a map with its review number is shown to everybody, with the campuses that they see", async () => {
  expect(await (await ask()).json()).toEqual({});
  expect((await put(body)).status).toBe(200);
  expect(await (await ask()).json()).toMatchObject({
    map: { reviewNumber: "GS(2024)0650号", areas: [{ code: "990102" }], points: [{ campus: "first" }] },
  });
  grants = everyRoleAt("990100/990121");
  expect(await (await ask()).json()).toMatchObject({ map: { areas: [{}], points: [] } });
  grants = everyRoleAt("");
  expect((await ask({ method: "DELETE" })).status).toBe(204);
  expect(await (await ask()).json()).toEqual({});
  expect(site.audited.map(({ action }) => action)).toEqual(["region-map.put", "region-map.remove"]);
});

test("a map without a review number, or of another city, is refused in words, and the one before stays", async () => {
  await put(body);
  for (const [wrong, why] of [
    [{ ...body, reviewNumber: "none" }, "GS(2024)0650号"],
    [{ ...body, geojson: geojson("elsewhere") }, "feature 2"],
    [{ ...body, geojson: {} }, "FeatureCollection"],
  ] as const) {
    const answer = await put(wrong);
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining(why)]);
  }
  expect((await put({ ...body, geojson: { filling: "x".repeat(5_000_000) } })).status).toBe(413);
  expect(await (await ask()).json()).toHaveProperty("map");
});

test("who does not keep the whole hub's settings cannot change it", async () => {
  grants = [{ role: "administrator", path: "990100/990102" }];
  expect((await put(body)).status).toBe(403);
  grants = [{ role: "city-official", path: "" }];
  expect((await put(body)).status).toBe(403);
  expect((await ask({ method: "DELETE" })).status).toBe(403);
});
