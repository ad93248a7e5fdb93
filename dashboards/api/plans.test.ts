import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { everyRoleAt, type Grant } from "../accounts/core/permissions.ts";
import type { PlanView } from "./api.ts";
import type { Authenticate } from "./identity.ts";
import { json, openFolder, title, type World, world } from "./testing/world.ts";

const PLACE = "990100/990102/first/a/1";
const SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><path d="M0 0h10v10H0z"/></svg>';

let close: () => Promise<void>;
let grants: readonly Grant[];
let site: World;
const authenticate: Authenticate = () => ({ user: "wang", title: title("wang"), grants });
const ask = (path: string, init?: RequestInit) => fetch(`${site.url}/api/v1${path}`, init);
const upload = (content: string | Uint8Array<ArrayBuffer>, type = "image/svg+xml", path = PLACE) =>
  ask(`/plans?${new URLSearchParams({ path, title: "一层" })}`, {
    method: "POST",
    headers: { "content-type": type },
    body: content,
  });
const put = (body: unknown): RequestInit => ({ ...json(body), method: "PUT" });
const listed = async () => (await (await ask("/plans")).json()) as PlanView[];

beforeEach(async () => {
  close = await openFolder();
  grants = everyRoleAt("");
  site = await world(authenticate);
});
afterEach(() => close());

describe("a floor plan", () => {
  test("is uploaded, gets its devices, and is removed; each step is audited with its place", async () => {
    const answer = await upload(SVG);
    expect(answer.status).toBe(201);
    const plan = (await answer.json()) as PlanView;
    expect(plan).toMatchObject({
      path: PLACE,
      contentType: "image/svg+xml",
      version: 1,
      by: "wang",
      pins: [],
    });
    const pins = [{ device: "first/box/gate", x: 0.25, y: 1 }];
    const placed = await ask(`/plans/${plan.id}/pins`, put({ version: 1, pins }));
    expect(await placed.json()).toMatchObject({ version: 2, pins });
    expect((await ask(`/plans/${plan.id}/pins`, put({ version: 1, pins: [] }))).status).toBe(409);
    expect((await listed())[0]?.pins).toEqual(pins);
    const beyond = { version: 2, pins: [{ device: "first/box/gate", x: 1.01, y: 0 }] };
    expect((await ask(`/plans/${plan.id}/pins`, put(beyond))).status).toBe(400);
    expect((await ask(`/plans/${plan.id}`, { method: "DELETE" })).status).toBe(204);
    expect(await listed()).toEqual([]);
    expect(site.audited.filter(({ path }) => path === PLACE).map(({ action }) => action)).toEqual(
      expect.arrayContaining(["plan.add", "plan.pins", "plan.remove"]),
    );
  });

  test("is answered as a document that may do nothing", async () => {
    const { id } = (await (await upload(SVG)).json()) as PlanView;
    const picture = await ask(`/plans/${id}/picture`);
    expect(await picture.text()).toBe(SVG);
    expect(picture.headers.get("content-type")).toContain("image/svg+xml");
    expect(picture.headers.get("content-security-policy")).toBe(
      "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    );
    expect(picture.headers.get("x-content-type-options")).toBe("nosniff");
  });

  test("of another place does not exist for the caller, and cannot be put there", async () => {
    const { id } = (await (await upload(SVG)).json()) as PlanView;
    grants = everyRoleAt("990100/990121");
    expect(await listed()).toEqual([]);
    expect((await ask(`/plans/${id}/picture`)).status).toBe(404);
    expect((await ask(`/plans/${id}/pins`, put({ version: 1, pins: [] }))).status).toBe(404);
    expect((await ask(`/plans/${id}`, { method: "DELETE" })).status).toBe(404);
    expect((await upload(SVG)).status).toBe(403);
    grants = [{ role: "guard", path: "" }];
    expect((await listed()).length).toBe(1);
    expect((await upload(SVG)).status).toBe(403);
  });

  test("that is no picture, or holds a script, is refused", async () => {
    expect((await upload("<html></html>")).status).toBe(400);
    expect((await upload(SVG.replace("<path", "<script/><path"))).status).toBe(400);
    expect(await listed()).toEqual([]);
  });
});
