/** Every route that reads, asked for real: what it answers is what the OpenAPI document says that it answers. */
import { Ajv } from "ajv";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openFolder, SITE, type World, world } from "./testing/world.ts";

interface Operation {
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
  }[];
  readonly responses?: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: object }>> }>
  >;
}

const EAST = "990100/990102/first";
/** What there is in the tests' world. */
const THERE: Readonly<Record<string, string>> = {
  campus: "first",
  node: "box",
  device: "gate",
  alarm: "a1",
  type: "maker",
  from: "1",
  to: "2",
  scope: EAST,
  month: "2026-09",
  picture: "a1.1.snapshot",
};
const IDS: Readonly<Record<string, string>> = {
  alarms: "a1",
  desks: "gate",
  drills: "d1",
  standards: "handan",
};
/** It does not end, and has tests of its own. */
const STREAM = "/api/v1/stream";
/** Answered with a part of the world that these tests do not stand up, or only after something was made. */
const NOTHING_THERE = [404, 503];

let close: () => Promise<void>;
let here: World;
beforeAll(async () => {
  close = await openFolder();
  here = await world();
});
afterAll(() => close());

test("an answer is passed on as it was made, neither cut nor converted to fit its schema", async () => {
  const odd = await world(undefined, { site: Object.assign({ more: 1 }, SITE) });
  expect(await (await fetch(`${odd.url}/api/v1/site`)).json()).toHaveProperty("more", 1);
});

test("each answer keeps to its schema, and most routes have one", async () => {
  const { components, paths } = here.server.swagger() as unknown as {
    components?: { schemas?: Record<string, object> };
    paths: Record<string, Record<string, Operation>>;
  };
  const ajv = new Ajv({ allowUnionTypes: true, strict: false });
  ajv.addSchema({ $id: "document", components });
  const wrong: unknown[] = [];
  const silent: string[] = [];
  let checked = 0;
  for (const [path, { get }] of Object.entries(paths)) {
    if (get === undefined || path === STREAM || !path.startsWith("/api/v1/")) continue;
    const value = (name: string): string =>
      (name === "id" ? IDS[path.split("/")[3] ?? ""] : THERE[name]) ?? "1";
    const url = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(value(name)));
    const query = (get.parameters ?? [])
      .filter((parameter) => parameter.in === "query" && parameter.required === true)
      .map(({ name }) => `${name}=${encodeURIComponent(value(name))}`);
    const schema = get.responses?.["200"]?.content?.["application/json"]?.schema;
    const { body, headers, statusCode } = await here.server.inject({
      method: "GET",
      url: `${url}?${query.join("&")}`,
    });
    const isJson = String(headers["content-type"]).startsWith("application/json");
    if (NOTHING_THERE.includes(statusCode) || !isJson) continue;
    if (schema === undefined) {
      silent.push(path);
      continue;
    }
    const text = JSON.stringify(schema).replaceAll('"#/components', '"document#/components');
    const valid = ajv.compile(JSON.parse(text) as object);
    if (statusCode !== 200 || !valid(JSON.parse(body)))
      wrong.push([path, statusCode, valid.errors?.[0] ?? body]);
    checked += 1;
  }
  expect(wrong).toEqual([]);
  expect(silent).toEqual([]);
  expect(checked).toBeGreaterThan(35);
});
