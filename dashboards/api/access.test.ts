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
import { openFolder, title, type World, world } from "./testing/world.ts";

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly minItems?: number;
}
interface Operation {
  readonly "x-permission": Needed;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema: Schema;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}
interface Route {
  readonly name: string;
  readonly method: Method;
  readonly needs: Needed;
  readonly url: string;
  readonly body: unknown;
}

const EAST = "990100/990102";
const WEST = "990100/990121";
/** Names of things that are there, in the east; whatever else a request needs is made up from its schema. */
const THERE: Readonly<Record<string, unknown>> = {
  campus: "first",
  node: "box",
  alarm: "a1",
  type: "maker",
  path: `${EAST}/first`,
  scope: `${EAST}/first`,
  place: `${EAST}/first`,
  from: 1,
  to: 2,
  month: "2026-09",
};
const IDS: Readonly<Record<string, string>> = {
  alarms: "a1",
  desks: "gate",
  drills: "d1",
  standards: "handan",
};
/** It does not end: its scope has tests of its own. */
const STREAM = "/api/v1/stream";

let close: () => Promise<void>;
let here: World;
let routes: readonly Route[];
const callers = new Map<string, readonly Grant[]>();

beforeAll(async () => {
  close = await openFolder();
  const authenticate: Authenticate = ({ headers }) => {
    const grants = callers.get(String(headers["x-caller"]));
    if (grants === undefined) throw new ApiProblem("not-signed-in");
    return { user: "somebody", title: title("somebody"), grants };
  };
  here = await world(authenticate);
  const { paths } = here.server.swagger() as unknown as { paths: Record<string, Record<string, Operation>> };
  routes = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations)
      .filter(() => path !== STREAM && path !== "/healthz")
      .map(([method, operation]) => routeOf(path, method.toUpperCase() as Method, operation)),
  );
});
afterAll(() => close());

function routeOf(path: string, method: Method, operation: Operation): Route {
  const { parameters = [], requestBody } = operation;
  const value = (name: string, schema: Schema): string =>
    encodeURIComponent(String(name === "id" ? (IDS[path.split("/")[3] ?? ""] ?? "1") : sample(name, schema)));
  const filled = parameters
    .filter((parameter) => parameter.in === "path")
    .reduce((url, { name, schema }) => url.replace(`{${name}}`, value(name, schema)), path);
  const query = parameters
    .filter((parameter) => parameter.in === "query" && parameter.required === true)
    .map(({ name, schema }) => `${name}=${value(name, schema)}`);
  const schema = requestBody?.content["application/json"]?.schema;
  return {
    name: `${method} ${path}`,
    method,
    needs: operation["x-permission"],
    url: query.length === 0 ? filled : `${filled}?${query.join("&")}`,
    body: schema === undefined ? undefined : sample("", schema),
  };
}

function sample(name: string, schema: Schema): unknown {
  if (name === "device")
    return schema.type === "string" && schema.enum === undefined ? "first/box/gate" : "gate";
  if (name in THERE && schema.enum === undefined) return THERE[name];
  if (schema.enum !== undefined) return schema.enum[0];
  const [type] = [schema.type].flat();
  if (type === "object") {
    const required = Object.entries(schema.properties ?? {}).filter(([key]) =>
      schema.required?.includes(key),
    );
    return Object.fromEntries(required.map(([key, each]) => [key, sample(key, each)]));
  }
  if (type === "array")
    return Array.from({ length: schema.minItems ?? 0 }, () => sample("", schema.items ?? {}));
  if (type === "number" || type === "integer") return 1;
  return type === "boolean" ? true : "gate";
}

async function ask({ body, method, url }: Route, grants: readonly Grant[] | undefined) {
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
  test("is let into the routes whose permission the role has, and into no other", async () => {
    for (const route of routes) {
      const { needs } = route;
      if (!named(needs)) continue;
      const { status, text } = await ask(route, [{ role, path: "" }]);
      const refused = status === 403;
      if (!hasPermission(role, needs)) expect([route.name, refused]).toEqual([route.name, true]);
      // A permission of its own for what lies deeper is the route's business, and said so.
      else if (refused) expect([route.name, text]).toEqual([route.name, expect.stringContaining("detail")]);
    }
  });
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

  test("reads nothing of this one", async () => {
    const leaks: string[] = [];
    for (const route of routes.filter(({ method, name }) => method === "GET" && !NARROWED.includes(name))) {
      const { text } = await ask(route, elsewhere);
      if (/990102|first\/box/.test(text)) leaks.push(route.name);
    }
    expect(leaks).toEqual([]);
  });

  test("is answered figures of their own county", async () => {
    const figures = routes.find(({ name }) => name === NARROWED[0]);
    const { text } = await ask(
      { ...(figures as Route), url: "/api/v1/alarm-figures?from=1&to=2" },
      elsewhere,
    );
    expect(JSON.parse(text)).toMatchObject({ scope: WEST });
  });

  test("changes nothing of it: no part is told anything", async () => {
    for (const route of routes.filter(({ method }) => method !== "GET")) {
      const before = here.received.length;
      const { status } = await ask(route, elsewhere);
      const told = here.received.slice(before);
      if (route.name === "POST /api/v1/query") continue;
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
  const route = (name: string): Route => {
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
