import { afterEach, beforeEach, expect, test } from "vitest";
import { everyRoleAt } from "../accounts/core/permissions.ts";
import type { Authenticate } from "./identity.ts";
import { openFolder, PICTURE, title, world } from "./testing/world.ts";

let close: () => Promise<void>;
beforeEach(async () => {
  close = await openFolder();
});
afterEach(() => close());

const guardOf =
  (scope: string): Authenticate =>
  () => ({ user: "guard", title: title("guard"), grants: everyRoleAt(scope) });
const PATH = "/api/v1/alarms/a1/pictures";

async function look(url: string, picture: string, reason: unknown): Promise<Response> {
  return fetch(`${url}${PATH}/${picture}/look`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ reason }),
  });
}

test("a picture is shown to who says why, and the look is written down with its hash", async () => {
  const { url, audited } = await world(guardOf("990100/990102"));
  const shown = await look(url, "a1.1.snapshot", "处置报警");
  expect([shown.status, shown.headers.get("content-type"), shown.headers.get("cache-control")]).toEqual([
    200,
    "image/jpeg",
    "no-store",
  ]);
  expect(Buffer.from(await shown.arrayBuffer())).toEqual(PICTURE);
  expect(audited).toContainEqual(
    expect.objectContaining({
      user: "guard",
      action: "look.picture",
      alarm: "a1",
      picture: "a1.1.snapshot",
      sha256: "0".repeat(64),
      reason: "处置报警",
    }),
  );
  for (const [picture, reason, status] of [
    ["a1.1.snapshot", " ", 400],
    ["a1.1.snapshot", undefined, 400],
    ["a1.2.snapshot", "why", 404],
    ["nothing", "why", 404],
  ] as const) {
    expect([picture, (await look(url, picture, reason)).status]).toEqual([picture, status]);
  }
});

test("beyond the caller's places there is neither picture nor bundle", async () => {
  const { url } = await world(guardOf("990100/990121"));
  expect((await look(url, "a1.1.snapshot", "why")).status).toBe(404);
  expect((await fetch(`${url}/api/v1/alarms/a1/bundle`)).status).toBe(404);
});

test("a bundle is exported under the caller's name, and that is written down", async () => {
  const { url, audited } = await world(guardOf("990100/990102"));
  const bundle = await fetch(`${url}/api/v1/alarms/a1/bundle`);
  expect([bundle.status, await bundle.text()]).toEqual([200, "/alarms/a1/bundle?by=guard"]);
  expect(bundle.headers.get("content-disposition")).toContain("alarm-a1.html");
  expect(audited).toContainEqual(
    expect.objectContaining({ user: "guard", action: "evidence.export", alarm: "a1" }),
  );
});
