import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { everyRoleAt, type Grant } from "../accounts/core/permissions.ts";
import { HEADINGS } from "../device-notes/core/notes-table.ts";
import type { DeviceNotesImported } from "./api.ts";
import type { Authenticate } from "./identity.ts";
import { DEVICE, json, openFolder, title, type World, world } from "./testing/world.ts";

const WEST = "990100/990121";
const NOTE = `/device-notes/${DEVICE.key}`;

let close: () => Promise<void>;
let own: string;
let grants: readonly Grant[];
let site: World;
const authenticate: Authenticate = () => ({ user: "wang", title: title("wang"), grants });
const ask = (path: string, init?: RequestInit) => fetch(`${site.url}/api/v1${path}`, init);
const put = (body: object) => ask(NOTE, { ...json(body), method: "PUT" });
const change = (field: keyof typeof HEADINGS, after: string) => ({
  device: DEVICE.key,
  title: DEVICE.title,
  column: HEADINGS[field],
  before: "",
  after,
});
/** Fills two cells in as a person does: a text, and a date as spreadsheet programs keep dates. */
const EDITOR = `
import sys, datetime, openpyxl
book = openpyxl.load_workbook(sys.argv[1])
sheet = book.active
heads = [c.value for c in sheet[1]]
row = next(r for r in sheet.iter_rows(min_row=2) if r[0].value == "${DEVICE.key}")
row[heads.index("供应商")].value = "ACME"
row[heads.index("质保到期")].value = datetime.date(2027, 8, 31)
book.save(sys.argv[1])
`;
const bring = async (csv: string, more: object = {}): Promise<DeviceNotesImported> =>
  (await (await ask("/device-notes/import", json({ csv, ...more }))).json()) as DeviceNotesImported;

beforeEach(async () => {
  close = await openFolder();
  own = mkdtempSync(join(tmpdir(), "device-notes-"));
  grants = everyRoleAt("");
  site = await world(authenticate);
});
afterEach(async () => {
  rmSync(own, { recursive: true });
  await close();
});

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
  expect(await bring(filled, { check: true })).toEqual({
    rows: 2,
    changed: 1,
    problems: [],
    changes: [change("note", "=1+1"), change("supplier", "ACME"), change("installed", "2024-09-01")],
  });
  expect(await (await ask(NOTE)).json()).toMatchObject({ note: "" });
  expect(await bring(filled)).toEqual({ rows: 2, changed: 1, problems: [], changes: [] });
  expect(await (await ask(NOTE)).json()).toMatchObject({
    note: "=1+1",
    supplier: "ACME",
    installed: "2024-09-01",
  });
  const again = await (await ask("/device-notes.csv")).text();
  expect(again).toContain("'=1+1");
  expect((await bring(again)).changed).toBe(0);
});

test("a workbook goes out and comes back as a spreadsheet program saves it, dates and all", async () => {
  await put({ note: "=1+1 <&> \u4e8c\n行", installed: "2024-09-01" });
  const path = join(own, "register.xlsx");
  writeFileSync(path, new Uint8Array(await (await ask("/device-notes.xlsx")).arrayBuffer()));
  const { status, stderr } = spawnSync("/usr/bin/python3", ["-W", "ignore", "-c", EDITOR, path], {
    encoding: "utf8",
  });
  expect([status, stderr]).toEqual([0, ""]);
  const xlsx = readFileSync(path).toString("base64");
  expect(await (await ask("/device-notes/import", json({ xlsx, check: true }))).json()).toEqual({
    rows: 2,
    changed: 1,
    problems: [],
    changes: [change("supplier", "ACME"), change("warrantyUntil", "2027-08-31")],
  });
  expect(
    (await ask("/device-notes/import", json({ xlsx: Buffer.from("PK no").toString("base64") }))).status,
  ).toBe(400);
  expect((await ask("/device-notes/import", json({ check: true }))).status).toBe(400);
}, 60_000);

test("one wrong row, or a device of somebody else's, and nothing of the table is taken", async () => {
  const csv = `device,note\n${DEVICE.key},good\nthird/box/gate,theirs\n`;
  grants = everyRoleAt("990100/990102");
  const { changed, problems } = await bring(csv);
  expect(changed).toBe(0);
  expect(problems.map(({ row }) => row)).toEqual([3]);
  expect(await (await ask(NOTE)).json()).toMatchObject({ note: "" });
});
