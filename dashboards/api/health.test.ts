import { Ajv } from "ajv";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { everyRoleAt } from "../accounts/core/permissions.ts";
import type { Authenticate } from "./identity.ts";
import { openFolder, title, world } from "./testing/world.ts";

let close: () => Promise<void>;
beforeEach(async () => {
  close = await openFolder();
});
afterEach(() => close());

const EAST = "990100/990102";
const WEST = "990100/990121";
const at =
  (...places: readonly string[]): Authenticate =>
  () => ({ user: "official", title: title("official"), grants: places.flatMap(everyRoleAt) });
const PATHS = [
  "/health/figures?from=1&to=2&groupBy=class&hours=school",
  "/health/failures?from=1&to=2",
  "/health/models?from=1&to=2",
  "/health/bandwidth?from=1&to=2&groupBy=county",
  "/health/bandwidth/rooms?from=1&to=2",
  "/use/left-on?from=1&to=2&groupBy=campus",
  "/use/left-on/records?from=1&to=2",
  "/health/timeline?device=first/box/gate&from=1&to=2",
];

describe("the health of devices", () => {
  test("is answered as the document says", async () => {
    const { url } = await world();
    const { paths } = (await (await fetch(`${url}/api/v1/openapi.json`)).json()) as {
      paths: Record<
        string,
        { get?: { responses: Record<string, { content: Record<string, { schema: object }> }> } }
      >;
    };
    const ajv = new Ajv({ strict: false });
    for (const path of PATHS) {
      const schema =
        paths[`/api/v1${path.split("?")[0]}`]?.get?.responses["200"]?.content["application/json"]?.schema;
      const answer = await fetch(`${url}/api/v1${path}`);
      expect(answer.status, path).toBe(200);
      expect(schema, path).toBeDefined();
      expect(ajv.validate(schema ?? {}, await answer.json()), `${path}: ${ajv.errorsText()}`).toBe(true);
    }
  });

  test("is folded over the caller's own places alone", async () => {
    const { url, received } = await world(at(EAST, WEST));
    const ask = (scope: string) =>
      fetch(`${url}/api/v1/health/figures?from=1&to=2&groupBy=class&scope=${scope}`);
    for (const scope of ["", "990100", EAST, `${WEST}/third`]) expect((await ask(scope)).status).toBe(200);
    expect((await ask("880000")).status).toBe(403);
    expect(received.map(({ path }) => new URLSearchParams(path.split("?")[1]).get("scopes"))).toEqual([
      `${EAST},${WEST}`,
      `${EAST},${WEST}`,
      EAST,
      `${WEST}/third`,
    ]);
    expect(received[0]?.path).toContain("groupBy=class");
    received.length = 0;
    expect((await fetch(`${url}/api/v1/health/bandwidth?from=1&to=2&scope=880000`)).status).toBe(403);
    await fetch(`${url}/api/v1/health/bandwidth?from=1&to=2`);
    await fetch(`${url}/api/v1/health/bandwidth/rooms?from=1&to=2&scope=${EAST}`);
    expect(received.map(({ path }) => new URLSearchParams(path.split("?")[1]).get("scopes"))).toEqual([
      `${EAST},${WEST}`,
      EAST,
    ]);
  });

  test("of a device elsewhere does not exist", async () => {
    const { url } = await world(at(WEST));
    expect((await fetch(`${url}/api/v1${PATHS.at(-1)}`)).status).toBe(404);
  });
});
