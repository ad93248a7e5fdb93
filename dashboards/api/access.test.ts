/** Every role against every route, as the OpenAPI document lists them, within its places and outside of them. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  everyRoleAt,
  type Grant,
  hasPermission,
  PERMISSIONS,
  type Permission,
  ROLES,
  type Role,
} from "../accounts/core/permissions.ts";
import type { Authenticate } from "./identity.ts";
import type { Needed } from "./permission.ts";
import { ApiProblem } from "./problem.ts";
import { EAST, type Operation, operationsOf } from "./testing/operations.ts";
import { openFolder, title, type World, world } from "./testing/world.ts";

const WEST = "990100/990121";
/** More than a hundred routes, each asked for the first time, on a machine that has much else to do. */
const ROUTES_MS_MAX = 180_000;

let close: () => Promise<void>;
let here: World;
let routes: readonly Operation[];
const callers = new Map<string, readonly Grant[]>();

beforeAll(async () => {
  close = await openFolder();
  const authenticate: Authenticate = ({ headers }) => {
    const grants = callers.get(String(headers["x-caller"]));
    if (grants === undefined) throw new ApiProblem("not-signed-in");
    return { user: "somebody", title: title("somebody"), grants };
  };
  here = await world(authenticate);
  routes = operationsOf(here.server);
});
afterAll(() => close());

async function ask({ body, method, url }: Operation, grants: readonly Grant[] | undefined) {
  const caller = JSON.stringify(grants ?? "nobody");
  if (grants !== undefined) callers.set(caller, grants);
  const headers = {
    "x-caller": caller,
    ...(body === undefined ? {} : { "content-type": "application/json" }),
  };
  const payload = body === undefined ? {} : { payload: JSON.stringify(body) };
  const { body: text, statusCode } = await here.server.inject({ method, url, headers, ...payload });
  return { status: statusCode, text };
}

const named = (needs: Needed): needs is Permission => needs in PERMISSIONS;

describe("every route", () => {
  test("says which permission it is for, and there are many of them", () => {
    expect(routes.filter(({ needs }) => needs === undefined)).toEqual([]);
    expect(routes.length).toBeGreaterThan(60);
  });

  test("is closed to who is nobody, but for the ways in", async () => {
    for (const route of routes) {
      const { status } = await ask(route, undefined);
      expect([route.name, status === 401]).toEqual([route.name, route.needs !== "anyone"]);
    }
  });

  test("that belongs to nobody in particular is one of signing in or of one's own account", () => {
    const free = routes
      .filter(({ needs }) => !named(needs))
      .map(({ name }) => name.replace(/^\w+ \/api\/v1\//, ""));
    expect(free.filter((name) => !/^(sign-in|sign-out|me)(\/|$)/.test(name))).toEqual([]);
  });
});

describe.each(ROLES)("a %s of the whole hub", (role: Role) => {
  test(
    "is let into the routes whose permission the role has, and into no other",
    async () => {
      for (const route of routes) {
        const { needs } = route;
        if (!named(needs)) continue;
        const { status, text } = await ask(route, [{ role, path: "" }]);
        const refused = status === 403;
        if (!hasPermission(role, needs)) expect([route.name, refused]).toEqual([route.name, true]);
        // A permission of its own for what lies deeper is the route's business, and said so.
        else if (refused) expect([route.name, text]).toEqual([route.name, expect.stringContaining("detail")]);
      }
    },
    ROUTES_MS_MAX,
  );
});

describe("somebody with every role, of another county", () => {
  const elsewhere = everyRoleAt(WEST);

  /**
   * The part itself is told the caller's place and answers for it (`health.test.ts` looks at what it is told); a stand-in
   * says the same to everybody.
   */
  const NARROWED = [
    "GET /api/v1/alarm-figures",
    "GET /api/v1/raisings",
    "GET /api/v1/health/failures",
    "GET /api/v1/health/bandwidth",
    "GET /api/v1/health/bandwidth/rooms",
    "GET /api/v1/use/left-on",
    "GET /api/v1/use/left-on/records",
  ];

  /** Rules are in force on the whole hub: who reads rules reads the places that they name. */
  const RULE = "GET /api/v1/rules/{id}";
  /** Answers what is wrong with a text that came with the question. */
  const CHECK = "POST /api/v1/rule-packs/own/{name}/check";

  test("reads nothing of this one", async () => {
    const leaks: string[] = [];
    const theirs = ({ method, name }: Operation): boolean =>
      method === "GET" && !NARROWED.includes(name) && name !== RULE;
    for (const route of routes.filter(theirs)) {
      const { text } = await ask(route, elsewhere);
      if (/990102|first\/box/.test(text)) leaks.push(route.name);
    }
    expect(leaks).toEqual([]);
  });

  test("is answered figures of their own county", async () => {
    const figures = routes.find(({ name }) => name === NARROWED[0]);
    const { text } = await ask(
      { ...(figures as Operation), url: "/api/v1/alarm-figures?from=1&to=2" },
      elsewhere,
    );
    expect(JSON.parse(text)).toMatchObject({ scope: WEST });
  });

  test("changes nothing of it: no part is told anything", async () => {
    for (const route of routes.filter(({ method }) => method !== "GET")) {
      const before = here.received.length;
      const { status } = await ask(route, elsewhere);
      const told = here.received.slice(before);
      if (route.name === "POST /api/v1/query" || route.name === CHECK) continue;
      // Answers, row by row, why it took nothing; its own test shows that another's device is such a row.
      if (route.name === "POST /api/v1/device-notes/import") continue;
      expect([route.name, told]).toEqual([route.name, []]);
      if (named(route.needs)) expect([route.name, status, status >= 400]).toEqual([route.name, status, true]);
    }
  });
});

test("somebody of two places sees both, and is asked which where one has to be chosen", async () => {
  const both: readonly Grant[] = [
    { role: "duty-leader", path: `${EAST}/first` },
    { role: "duty-leader", path: `${WEST}/third` },
  ];
  const route = (name: string): Operation => {
    const found = routes.find((each) => each.name === name);
    if (found === undefined) throw new Error(`there is no ${name}`);
    return found;
  };
  const devices = await ask(route("GET /api/v1/devices"), both);
  expect(devices.text).toContain("first/box/gate");
  expect(devices.text).toContain("third/box/gate");
  const query = route("POST /api/v1/query");
  const body = { metric: "Door/Open", from: 1, to: 2, step: 1, scope: "" };
  const { status } = await ask({ ...query, body: { ...(query.body as object), ...body } }, both);
  expect(status).toBe(400);
});
