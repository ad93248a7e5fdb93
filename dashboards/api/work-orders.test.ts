import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { everyRoleAt, type Grant } from "../accounts/core/permissions.ts";
import { PHOTO_BYTES_MAX, PHOTOS_PER_ORDER_MAX } from "../work-orders/photo.ts";
import type { WorkOrderDetail, WorkOrderList } from "./api.ts";
import type { Authenticate } from "./identity.ts";
import { ALARM, DEVICE, json, openFolder, title, type World, world } from "./testing/world.ts";

const EAST = "990100/990102";
const WEST = "990100/990121";
/** `world`'s clock stands here. */
const NOW = 1_000_000;

let close: () => Promise<void>;
/** Who asks from now on. */
let grants: readonly Grant[];
const authenticate: Authenticate = () => ({ user: "wang", title: title("wang"), grants });

let site: World;
const ask = (path: string, init?: RequestInit) => fetch(`${site.url}/api/v1/work-orders${path}`, init);
const order = async (path: string, body: unknown): Promise<WorkOrderDetail> =>
  (await (await ask(path, json(body))).json()) as WorkOrderDetail;
const status = async (path: string, body?: unknown): Promise<number> =>
  (await ask(path, body === undefined ? undefined : json(body))).status;

beforeEach(async () => {
  close = await openFolder();
  grants = everyRoleAt("");
  site = await world(authenticate);
});
afterEach(() => close());

const picture = (bytes: number): Uint8Array<ArrayBuffer> => {
  const content = new Uint8Array(bytes);
  content.set([0xff, 0xd8, 0xff]);
  content.set([0xff, 0xd9], bytes - 2);
  return content;
};
const photo = (path: string, content: string | Uint8Array<ArrayBuffer>, type = "image/jpeg") =>
  ask(path, { method: "POST", body: content, headers: { "content-type": type } });

describe("a work order", () => {
  test("from an alarm goes round the whole loop, and every step is in its history and in the audit trail", async () => {
    const { number, path, device, alarm } = await order("", { alarm: "a1", title: "gate broken" });
    expect({ path, device, alarm }).toEqual({
      path: ALARM.device.path,
      device: { key: DEVICE.key, title: DEVICE.title },
      alarm: { id: "a1", occurrence: 1 },
    });
    const at = `/${number}`;
    await order(`${at}/decisions`, { action: "assign", assignee: "Zhang", due: NOW + 60_000 });
    await order(`${at}/progress`, { action: "done", note: "new motor" });
    expect(await status(`${at}/decisions`, { action: "verify", verifier: "Zhang" })).toBe(409);
    await order(`${at}/decisions`, { action: "reject", note: "still squeaks" });
    await order(`${at}/progress`, { action: "done", note: "greased" });
    const closed = await order(`${at}/decisions`, { action: "verify", verifier: "Li" });
    expect(closed).toMatchObject({ state: "verified", assignee: "Zhang", overdue: false });
    expect(closed.history.map(({ action, from, to }) => [action, from, to])).toEqual([
      ["register", "registered", "registered"],
      ["assign", "registered", "assigned"],
      ["done", "assigned", "done"],
      ["reject", "done", "assigned"],
      ["done", "assigned", "done"],
      ["verify", "done", "verified"],
    ]);
    expect(closed.history.at(-1)).toMatchObject({ by: "wang", verifier: "Li" });
    expect(site.audited.map(({ action }) => action)).toEqual([
      "work-order.register",
      "work-order.assign",
      "work-order.done",
      "work-order.reject",
      "work-order.done",
      "work-order.verify",
    ]);
    const list = (await (await ask("?alarm=a1&state=all")).json()) as WorkOrderList;
    expect(list.orders.map((each) => each.number)).toEqual([number]);
    expect(list.counts).toEqual({ open: 0, overdue: 0, toVerify: 0 });
  });

  test("outside of the caller's places does not exist, and cannot be made there", async () => {
    const { number } = await order("", { device: DEVICE.key, title: "loose cable" });
    grants = everyRoleAt(WEST);
    expect(await status(`/${number}`)).toBe(404);
    expect(await status(`/${number}/progress`, { action: "note", note: "x" })).toBe(404);
    expect(await status("", { device: DEVICE.key, title: "x" })).toBe(404);
    expect(await status("", { path: `${EAST}/first/a`, title: "x" })).toBe(404);
    expect(((await (await ask("")).json()) as WorkOrderList).counts.open).toBe(0);
  });

  test("is registered by a guard, and assigned by who answers for it", async () => {
    grants = [{ role: "guard", path: "" }];
    const { number } = await order("", { path: `${EAST}/first/a`, title: "wet floor", level: "major" });
    const assign = { action: "assign", assignee: "Zhang" };
    expect(await status(`/${number}/decisions`, assign)).toBe(403);
    grants = [{ role: "facilities-manager", path: EAST }];
    expect(await status(`/${number}/decisions`, assign)).toBe(200);
  });

  test.each([
    { path: "990100/990102/nowhere", title: "x" },
    { path: "990100", title: "x" },
    { title: "x" },
    { path: `${EAST}/first/a`, title: "  " },
    { path: `${EAST}/first/a`, title: "x", due: NOW },
  ])("is refused for %j", async (body) => {
    expect(await status("", body)).toBe(400);
  });

  test("lists page by page, the newest first", async () => {
    for (const each of ["1", "2", "3"]) await order("", { path: `${EAST}/first/a`, title: each });
    const page = async (search: string) => (await (await ask(search)).json()) as WorkOrderList;
    const first = await page("?limit=2");
    expect(first.orders.map((each) => each.title)).toEqual(["3", "2"]);
    const second = await page(`?limit=2&before=${first.before}`);
    expect(second.orders.map((each) => each.title)).toEqual(["1"]);
    expect(second.before).toBeUndefined();
  });
});

describe("a picture of a work order", () => {
  test("is kept as it came, with the state it shows, and cannot run in a page", async () => {
    const { number } = await order("", { path: `${EAST}/first/a`, title: "crack" });
    const content = picture(5_000);
    const kept = (await (await photo(`/${number}/photos`, content)).json()) as WorkOrderDetail;
    expect(kept.pictures).toMatchObject([
      { by: "wang", contentType: "image/jpeg", bytes: 5_000, state: "registered" },
    ]);
    const shown = await ask(`/${number}/photos/${kept.pictures[0]?.id}`);
    expect(shown.headers.get("content-type")).toBe("image/jpeg");
    expect(shown.headers.get("content-security-policy")).toContain("sandbox");
    expect(new Uint8Array(await shown.arrayBuffer())).toEqual(content);
  });

  test("is judged by its content: what is none, cut short, too large or one too many is refused", async () => {
    const { number } = await order("", { path: `${EAST}/first/a`, title: "crack" });
    const at = `/${number}/photos`;
    expect((await photo(at, "<svg onload=alert(1)>")).status).toBe(400);
    expect((await photo(at, picture(5_000).slice(0, 2_000))).status).toBe(400);
    expect((await photo(at, picture(100), "image/svg+xml")).status).toBe(400);
    expect((await photo(at, picture(PHOTO_BYTES_MAX + 1))).status).toBe(413);
    for (let i = 0; i < PHOTOS_PER_ORDER_MAX; i += 1)
      expect((await photo(at, picture(100))).status).toBe(201);
    expect((await photo(at, picture(100))).status).toBe(409);
  });
});
