import { afterEach, beforeEach, expect, test } from "vitest";
import { everyRoleAt, type Grant } from "../accounts/core/permissions.ts";
import type { Authenticate } from "./identity.ts";
import { json, openFolder, title, type World, world } from "./testing/world.ts";

const HERE = "/commissioning/first/box";

let close: () => Promise<void>;
let grants: readonly Grant[];
let site: World;
const authenticate: Authenticate = () => ({ user: "li", title: title("li"), grants });
const ask = (path: string, init?: RequestInit) => fetch(`${site.url}/api/v1${path}`, init);

beforeEach(async () => {
  close = await openFolder();
  grants = [{ role: "installer", path: "990100/990102/first" }];
  site = await world(authenticate);
});
afterEach(() => close());

const adopt = {
  url: "modbus://10.1.0.5:1502?unit=2",
  profile: "meter/x",
  title: { zh: "电表", en: "meter" },
  at: "a/1/101",
};

test("an installer sees what a box allows and what it found, and which of it is watched already", async () => {
  expect(await (await ask("/commissioning")).json()).toMatchObject({
    boxes: [
      {
        key: "first/box",
        offers: { ranges: "10.1.0.0/24", protocols: ["modbus", "snmp"], logins: ["cameras"] },
      },
    ],
    devices: [],
  });
  expect(await (await ask(`${HERE}/search`)).json()).toMatchObject({
    search: { id: "s1", state: "done", findings: [{ device: "first/box/gate", facts: { vendor: "ACME" } }] },
  });
  const profiles = (await (await ask("/commissioning/profiles")).json()) as { id: string }[];
  expect(profiles.map(({ id }) => id)).toContain("camera/generic-onvif");
});

test("a search, a device taken in and its withdrawal are commands to the box, each written down with its place", async () => {
  expect((await ask(`${HERE}/search`, json({ protocols: ["snmp"] }))).status).toBe(202);
  expect((await ask(`${HERE}/devices`, json(adopt))).status).toBe(202);
  expect((await ask(`${HERE}/devices/modbus-1`, { method: "DELETE" })).status).toBe(202);
  expect((await ask(`${HERE}/search`, { method: "DELETE" })).status).toBe(202);
  const sent = site.received.map(({ body }) => body as { metric: string; value: string; by: string });
  expect(sent).toMatchObject([
    { device: "first/box", metric: "Discovery/Search", value: '{"protocols":["snmp"]}', by: "li" },
    { metric: "Discovery/Adopt" },
    { metric: "Discovery/Withdraw", value: "modbus-1" },
    { metric: "Discovery/Search", value: "" },
  ]);
  expect(JSON.parse(sent[1]?.value ?? "")).toEqual({ id: "modbus-10-1-0-5-1502-u2", ...adopt });
  expect(site.audited.map(({ action, path }) => [action, path])).toEqual(
    ["search", "adopt", "withdraw", "search-end"].map((what) => [
      `commissioning.${what}`,
      "990100/990102/first",
    ]),
  );
});

test("confirming is a write to the device itself", async () => {
  expect((await ask(`${HERE}/devices/gate/confirmation`, { method: "POST" })).status).toBe(202);
  expect(site.received).toMatchObject([
    { body: { device: "first/box/gate", metric: "Commissioning/State", value: "confirmed" } },
  ]);
});

test("a box of another campus does not exist, and who may not configure is refused", async () => {
  grants = everyRoleAt("990100/990121");
  for (const path of [`${HERE}/search`, `${HERE}/devices`])
    expect((await ask(path, json(path.endsWith("search") ? {} : adopt))).status).toBe(404);
  expect(await (await ask("/commissioning")).json()).toEqual({ boxes: [], devices: [] });
  grants = [{ role: "guard", path: "" }];
  expect((await ask(`${HERE}/search`, json({}))).status).toBe(403);
  expect(site.received).toEqual([]);
});

test("what makes no sense is refused before anything is sent, and no file of the box can be named", async () => {
  for (const wrong of [
    { ...adopt, url: "there" },
    { ...adopt, at: "" },
    { ...adopt, login: "../login" },
  ])
    expect((await ask(`${HERE}/devices`, json(wrong))).status).toBe(400);
  expect(site.received).toEqual([]);
  await ask(`${HERE}/devices`, json({ ...adopt, secretFile: "/etc/shadow" }));
  expect(JSON.stringify(site.received)).not.toContain("shadow");
});
