import { afterEach, beforeEach, expect, test } from "vitest";
import { everyRoleAt, type Grant } from "../accounts/core/permissions.ts";
import type { DeviceNotesImported } from "./api.ts";
import type { Authenticate } from "./identity.ts";
import { DEVICE, json, openFolder, title, type World, world } from "./testing/world.ts";

const WEST = "990100/990121";
const NOTE = `/device-notes/${DEVICE.key}`;

let close: () => Promise<void>;
let grants: readonly Grant[];
let site: World;
const authenticate: Authenticate = () => ({ user: "wang", title: title("wang"), grants });
const ask = (path: string, init?: RequestInit) => fetch(`${site.url}/api/v1${path}`, init);
const put = (body: object) => ask(NOTE, { ...json(body), method: "PUT" });
const bring = async (csv: string, more: object = {}): Promise<DeviceNotesImported> =>
  (await (await ask("/device-notes/import", json({ csv, ...more }))).json()) as DeviceNotesImported;

beforeEach(async () => {
  close = await openFolder();
  grants = everyRoleAt("");
  site = await world(authenticate);
});
afterEach(() => close());

test("a note is written by whoever keeps devices, and says who wrote it; what is not sent stays", async () => {
  expect(await (await put({ spare: "two, in the store", installed: "2024-09-01" })).json()).toMatchObject({
    device: DEVICE.key,
    by: "wang",
  });
  await put({ note: "squeaks" });
  expect(await (await ask(NOTE)).json()).toMatchObject({ note: "squeaks", spare: "two, in the store" });
  expect((await put({ installed: "soon" })).status).toBe(400);
  expect(site.audited.map(({ action }) => action)).toEqual(["device.note", "device.note"]);
  grants = [{ role: "guard", path: "" }];
  expect((await put({ note: "x" })).status).toBe(403);
  grants = everyRoleAt(WEST);
  expect((await ask(NOTE)).status).toBe(404);
});

test("the table that is taken away can be brought back: filled in, all of it is taken", async () => {
  const csv = await (await ask("/device-notes.csv")).text();
  const filled = csv
    .replace(`${DEVICE.key},`, `${DEVICE.key},`)
    .replace(/(first\/box\/gate,[^\r]*?),,,,,,?\r/, "$1,=1+1,ACME,,2024/9/1,,\r");
  expect(filled).not.toBe(csv);
  expect(await bring(filled, { check: true })).toEqual({ rows: 2, changed: 0, problems: [] });
  expect(await bring(filled)).toEqual({ rows: 2, changed: 1, problems: [] });
  expect(await (await ask(NOTE)).json()).toMatchObject({
    note: "=1+1",
    supplier: "ACME",
    installed: "2024-09-01",
  });
  const again = await (await ask("/device-notes.csv")).text();
  expect(again).toContain("'=1+1");
  expect((await bring(again)).changed).toBe(0);
});

test("one wrong row, or a device of somebody else's, and nothing of the table is taken", async () => {
  const csv = `device,note\n${DEVICE.key},good\nthird/box/gate,theirs\n`;
  grants = everyRoleAt("990100/990102");
  const { changed, problems } = await bring(csv);
  expect(changed).toBe(0);
  expect(problems.map(({ row }) => row)).toEqual([3]);
  expect(await (await ask(NOTE)).json()).toMatchObject({ note: "" });
});
