import { afterEach, beforeEach, expect, test } from "vitest";
import { everyRoleAt, type Grant } from "../accounts/core/permissions.ts";
import type { BoxList, IssuedBoxes } from "../enrolment/api.ts";
import type { Authenticate } from "./identity.ts";
import { json, openFolder, title, type World, world } from "./testing/world.ts";

const EAST = "990100/990102";

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

test("boxes are listed to whoever keeps them, each county its own", async () => {
  const nodes = async () =>
    ((await (await ask("/boxes")).json()) as BoxList).boxes.map(({ campus }) => campus);
  expect(await nodes()).toEqual(["first", "third"]);
  grants = everyRoleAt(EAST);
  expect(await nodes()).toEqual(["first"]);
  grants = [{ role: "installer", path: "" }];
  expect((await ask("/boxes")).status).toBe(403);
});

test("a seed file is answered once, and the trail says for which box and never its token", async () => {
  const boxes = [{ campus: "first", node: "box-2", replaces: true }];
  const answer = (await (await ask("/boxes/tokens", json({ boxes }))).json()) as IssuedBoxes;
  expect(answer.issued).toMatchObject([{ node: "box-2", seed: "token=A" }]);
  expect(site.received).toEqual([{ path: "/boxes/tokens", body: { by: "console:wang", boxes } }]);
  expect(site.audited).toEqual([
    {
      user: "wang",
      action: "box.invite",
      path: `${EAST}/first`,
      box: "first/box-2",
      expires: 9,
      replaces: true,
    },
  ]);
});

test("one box of somebody else's, and none is given a token", async () => {
  grants = everyRoleAt(EAST);
  const boxes = [
    { campus: "first", node: "box-2" },
    { campus: "third", node: "box-2" },
  ];
  expect((await ask("/boxes/tokens", json({ boxes }))).status).toBe(404);
  expect(site.received).toEqual([]);
});

test("a decision is written down with what the box was before; one that cannot be is refused in words", async () => {
  expect((await ask("/boxes/first/box/approval", json({}))).status).toBe(204);
  expect(site.audited).toMatchObject([{ action: "box.approval", box: "first/box", before: "waiting" }]);
  const refused = await ask("/boxes/first/box/release", json({}));
  expect([refused.status, ((await refused.json()) as { detail: string }).detail]).toEqual([
    409,
    "first/box 没有被停用",
  ]);
});

test("a request that was carried here is answered with the file to carry back", async () => {
  const answer = await ask("/boxes/first/box/signature", json({ request: "PEM" }));
  expect(await answer.json()).toEqual({ name: "first.box.enrolment.json", text: "{}" });
  expect(site.audited).toMatchObject([{ action: "box.sign", box: "first/box", replaces: false }]);
});
