import { afterEach, beforeEach, expect, test } from "vitest";
import { everyRoleAt, type Grant } from "../accounts/core/permissions.ts";
import { LOOKS_AT_ONCE_MAX } from "./routes/camera-looks.ts";
import { answerLooks } from "./testing/looks.ts";
import { DEVICE, json, openFolder, PICTURE, part, title, type World, world } from "./testing/world.ts";

let close: () => Promise<void>;
let grants: readonly Grant[];
let site: World;
/** Requests that the edge boxes were sent. */
let asked: string[];
/** Until then, no camera has taken its picture. */
let isReady: boolean;
const look = (device: string, reason = "核实门口") =>
  fetch(`${site.url}/api/v1/devices/first/box/${device}/look`, json({ reason }));

beforeEach(async () => {
  close = await openFolder();
  grants = everyRoleAt("990100/990102");
  asked = [];
  isReady = true;
  const cameras = await part("cameras", (server) => {
    server.get<{ Params: { "*": string } }>("/devices/*", ({ params }) => ({ ...DEVICE, key: params["*"] }));
    answerLooks(server, PICTURE, asked, () => isReady);
  });
  site = await world(() => ({ user: "guard", title: title("guard"), grants }), {
    upstreams: { ingest: cameras, rules: cameras, enrolment: cameras, backup: cameras },
  });
});
afterEach(() => close());

test("a camera is looked at now by who says why, and the look is written down with the picture's hash", async () => {
  const shown = await look("gate-camera");
  expect([shown.status, shown.headers.get("content-type"), shown.headers.get("cache-control")]).toEqual([
    200,
    "image/jpeg",
    "no-store",
  ]);
  expect(Buffer.from(await shown.arrayBuffer())).toEqual(PICTURE);
  expect(site.audited).toMatchObject([
    {
      user: "guard",
      action: "look.picture",
      camera: "first/box/gate-camera",
      sha256: "1".repeat(64),
      reason: "核实门口",
    },
  ]);
});

test("nobody looks without a reason, from another county, or without the right to evidence", async () => {
  expect((await look("gate-camera", " ")).status).toBe(400);
  grants = everyRoleAt("990100/990121");
  expect((await look("gate-camera")).status).toBe(404);
  grants = [{ role: "auditor", path: "" }];
  expect((await look("gate-camera")).status).toBe(403);
  expect(asked).toEqual([]);
});

test("a camera that is away says so at once, and no look is written down", async () => {
  const refused = await look("away");
  expect([refused.status, await refused.json()]).toMatchObject([
    409,
    { detail: expect.stringContaining("联系不上") },
  ]);
  expect(site.audited).toEqual([]);
});

test("who asks while a picture is under way is shown that one; too many at once are told to come back", async () => {
  isReady = false;
  const first = [look("camera"), look("camera")];
  const others = Array.from({ length: LOOKS_AT_ONCE_MAX }, (_, n) => look(`camera-${n}`));
  expect(await Promise.race(others.map(async (each) => (await each).status))).toBe(429);
  isReady = true;
  const statuses = (await Promise.all([...first, ...others])).map(({ status }) => status);
  expect(statuses.filter((status) => status === 429)).toHaveLength(1);
  expect(asked.filter((id) => id.endsWith(".camera"))).toHaveLength(1);
});
