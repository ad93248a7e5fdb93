import { setTimeout as pause } from "node:timers/promises";
import { CampusId, type Site } from "@campus-ops/device-profiles/vocabulary";
import { soon } from "@campus-ops/service/testing/soon";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { everyRoleAt, type Grant } from "../accounts/core/permissions.ts";
import { json, openFolder, SITE, title, type World, world } from "./testing/world.ts";

let close: () => Promise<void>;
let grants: readonly Grant[];
let site: World;
let ofFile: Site;
const restart = vi.fn();
const put = (value: object, more: object = {}) =>
  fetch(`${site.url}/api/v1/settings/site`, { ...json({ value, version: "v1", ...more }), method: "PUT" });

const withCampus = (id: string): Site => ({
  ...SITE,
  counties: SITE.counties.map((county, n) =>
    n === 0
      ? { ...county, campuses: [...county.campuses, { id: CampusId(id), title: title("新校区") }] }
      : county,
  ),
});

beforeEach(async () => {
  close = await openFolder();
  grants = everyRoleAt("");
  ofFile = SITE;
  restart.mockReset();
  site = await world(() => ({ user: "wang", title: title("wang"), grants }), {
    siteSetting: { ofFile: () => ofFile, reportsAbove: false, restart },
  });
});
afterEach(() => close());

test("a campus that is added is looked at by all parts, written once, in the trail, and all begin again with it", async () => {
  const value = withCampus("new-campus");
  expect(await (await put(value)).json()).toMatchObject({ saved: true, setting: { by: "wang", value } });
  expect(site.received).toMatchObject([
    { path: "/settings/site", body: { value, by: "wang" } },
    { path: "/restart" },
  ]);
  expect(site.audited).toEqual([
    {
      user: "wang",
      action: "setting.site",
      source: "console",
      added: ["990100/990102/new-campus"],
      removed: [],
      renamed: [],
    },
  ]);
  await soon(() => expect(restart).toHaveBeenCalledOnce());
});

test("a code that cannot be is answered by field, and nothing is written or begun again", async () => {
  const [county] = SITE.counties;
  const wrong = withCampus(county?.campuses[0]?.id ?? "");
  const answer = await (await put(wrong)).json();
  expect(answer).toMatchObject({
    saved: false,
    problems: [{ field: expect.stringMatching(/^counties\.0\.campuses\.\d+\.id$/) }],
  });
  expect((await put({ ...SITE, counties: [{ code: "12" }] })).status).toBe(400);
  await pause(0);
  expect([site.received, site.audited, restart.mock.calls]).toEqual([[], [], []]);
});

test("a campus whose boxes have been heard stays, by going back to hub.yaml too", async () => {
  const answer = await (await put({ ...SITE, counties: [] })).json();
  expect(answer).toMatchObject({ saved: false, problems: [{ field: "counties" }] });
  const back = (version: string) =>
    fetch(`${site.url}/api/v1/settings/site?version=${version}`, { method: "DELETE" });
  ofFile = { ...SITE, counties: [] };
  expect(await (await back("v1")).json()).toMatchObject({ saved: false, problems: [{ field: "counties" }] });
  expect(site.received).toEqual([]);
  ofFile = SITE;
  expect((await back("seen-before-somebody-changed-it")).status).toBe(409);
  expect(restart).not.toHaveBeenCalled();
  expect(await (await back("v1")).json()).toMatchObject({ saved: true });
  await soon(() => expect(restart).toHaveBeenCalledOnce());
});

test("a look alone writes nothing, and who sees a part of the hub changes none of it", async () => {
  expect(await (await put(withCampus("new-campus"), { check: true })).json()).toMatchObject({
    saved: false,
    problems: [],
  });
  grants = everyRoleAt("990100/990102");
  expect((await put(SITE)).status).toBe(403);
  grants = [{ role: "duty-leader", path: "" }];
  expect((await put(SITE)).status).toBe(403);
  expect([site.received, restart.mock.calls]).toEqual([[], []]);
});
