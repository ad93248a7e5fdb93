import { Ajv } from "ajv";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { everyRoleAt } from "../accounts/core/permissions.ts";
import type { Authenticate } from "./identity.ts";
import { json, openFolder, title, world } from "./testing/world.ts";

let close: () => Promise<void>;
beforeEach(async () => {
  close = await openFolder();
});
afterEach(() => close());

const of =
  (scope: string): Authenticate =>
  () => ({ user: "official", title: title("official"), grants: everyRoleAt(scope) });
const EAST = "990100/990102";
const PACK = "/api/v1/rule-packs/own/night";

const READS: readonly (readonly [path: string, documented: string])[] = [
  ["/rules", "/rules"],
  ["/rules/door-held-open", "/rules/{id}"],
  ["/rule-packs", "/rule-packs"],
  ["/rule-packs/own", "/rule-packs/own"],
  ["/rule-packs/own/night", "/rule-packs/own/{name}"],
  ["/rule-packs/own/night/versions/1", "/rule-packs/own/{name}/versions/{at}"],
  ["/back-tests", "/back-tests"],
  ["/back-tests/b1", "/back-tests/{id}"],
  ["/suppressions", "/suppressions"],
];

describe("rules, packs and back-tests", () => {
  test("every answer is what the document says it is", async () => {
    const { url } = await world();
    const document = (await (await fetch(`${url}/api/v1/openapi.json`)).json()) as {
      paths: Record<
        string,
        { get?: { responses: Record<string, { content: Record<string, { schema: object }> }> } }
      >;
    };
    const ajv = new Ajv({ strict: false });
    for (const [path, documented] of READS) {
      const schema =
        document.paths[`/api/v1${documented}`]?.get?.responses["200"]?.content["application/json"]?.schema;
      const answer = await (await fetch(`${url}/api/v1${path}`)).json();
      expect(schema, path).toBeDefined();
      expect(ajv.validate(schema ?? {}, answer), `${path}: ${ajv.errorsText()}`).toBe(true);
    }
  });

  test("a pack is written under the caller's name, told what is wrong with it, and removed; all of it is audited", async () => {
    const { url, received, audited } = await world();
    const put = (text: string) => fetch(`${url}${PACK}`, { ...json({ text }), method: "PUT" });
    expect(await (await put("pack: night")).json()).toMatchObject({ versions: [{ by: "leader" }] });
    const wrong = await put("wrong");
    expect(wrong.status).toBe(400);
    expect(await wrong.json()).toMatchObject({ detail: "line 1: pack: missing" });
    const check = await fetch(`${url}${PACK}/check`, json({ text: "wrong" }));
    expect(await check.json()).toEqual([{ line: 1, field: "pack", zh: "缺少", en: "missing" }]);
    expect((await fetch(`${url}${PACK}`, { method: "DELETE" })).status).toBe(204);
    expect(received[0]).toEqual({ path: "/packs/own/night", body: { text: "pack: night", by: "local" } });
    expect(audited.filter(({ pack }) => pack === "night").map(({ action }) => action)).toEqual([
      "rules.pack.write",
      "rules.pack.remove",
    ]);
  });

  test("a back-test begins and is cancelled under the caller's name", async () => {
    const { url, received, audited } = await world();
    expect((await fetch(`${url}/api/v1/back-tests`, json({ pack: "pack: night", from: 1 }))).status).toBe(
      202,
    );
    expect((await fetch(`${url}/api/v1/back-tests/b1`, { method: "DELETE" })).status).toBe(204);
    expect(received[0]).toEqual({ path: "/back-tests", body: { pack: "pack: night", from: 1, by: "local" } });
    expect(audited.map(({ action }) => action)).toEqual(["rules.back-test", "rules.back-test.cancel"]);
  });

  test("whoever answers for a part of the hub reads rules, and changes and tries none", async () => {
    const { url, received } = await world(of(EAST));
    const status = async (path: string, init?: RequestInit) =>
      (await fetch(`${url}/api/v1${path}`, init)).status;
    expect(await status("/rules")).toBe(200);
    expect(await status("/rule-packs/own/night", { ...json({ text: "x" }), method: "PUT" })).toBe(403);
    expect(await status("/rule-packs/own/night", { method: "DELETE" })).toBe(403);
    expect(await status("/back-tests")).toBe(403);
    expect(await status("/back-tests", json({ pack: "x" }))).toBe(403);
    expect(received).toEqual([]);
  });
});

test("suppressions are declared, seen and ended where somebody answers for the place, and audited", async () => {
  const { url, received, audited } = await world(of(EAST));
  const suppressions = `${url}/api/v1/suppressions`;
  const seen = (await (await fetch(suppressions)).json()) as { id: string }[];
  expect(seen.map(({ id }) => id)).toEqual(["s1"]);
  const body = { path: "990100/990102/first", duration_ms: 3_600_000, reason: "sports day" };
  expect((await fetch(suppressions, json(body))).status).toBe(200);
  expect((await fetch(suppressions, json({ ...body, path: "990100/990121/third" }))).status).toBe(403);
  expect((await fetch(suppressions, json({ ...body, duration_ms: 8 * 24 * 3_600_000 }))).status).toBe(400);
  expect((await fetch(`${suppressions}/s1`, { method: "DELETE" })).status).toBe(204);
  expect((await fetch(`${suppressions}/s2`, { method: "DELETE" })).status).toBe(404);
  expect(received).toEqual([
    { path: "/suppressions", body: { ...body, by: "official" } },
    { path: "/suppressions/s1", body: { by: "official" } },
  ]);
  expect(audited.filter(({ path }) => path === body.path).map(({ action }) => action)).toEqual([
    "alarms.suppress",
    "alarms.suppress.end",
  ]);
});
