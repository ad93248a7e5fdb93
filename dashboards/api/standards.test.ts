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

const RANGE = "campus=first&from=1&to=2";
/** Paths, and whether somebody who sees one county alone may read them. */
const READS: readonly (readonly [path: string, east: number, west: number])[] = [
  ["/standards", 200, 200],
  [`/standards/handan/report?${RANGE}`, 200, 404],
  [`/standards/handan/report.html?${RANGE}`, 200, 404],
  ["/standards/handan/history?campus=first", 200, 404],
  ["/standards/handan/declarations?campus=first", 200, 404],
  ["/standards/handan/examinations?campus=first", 200, 404],
  ["/standards/handan/examinations/1.html?campus=first", 200, 404],
  ["/standards/nothing/report?campus=first&from=1&to=2", 404, 404],
  ["/standards/handan/report?campus=first", 400, 400],
];

describe("standards", () => {
  test.each(READS)("%s is answered by who asks", async (path, east, west) => {
    const status = async (scope: string) =>
      (await fetch(`${(await world(of(scope))).url}/api/v1${path}`)).status;
    expect(await status("990100/990102")).toBe(east);
    await close();
    close = await openFolder();
    expect(await status("990100/990121")).toBe(west);
  });

  test("are answered as the document says", async () => {
    const { url } = await world();
    const { paths } = (await (await fetch(`${url}/api/v1/openapi.json`)).json()) as {
      paths: Record<
        string,
        { get?: { responses: Record<string, { content: Record<string, { schema: object }> }> } }
      >;
    };
    const ajv = new Ajv({ strict: false });
    for (const [path] of READS.slice(0, 7).filter(([each]) => !each.includes(".html"))) {
      const documented = (path.split("?")[0] ?? "").replace("handan", "{id}");
      const schema =
        paths[`/api/v1${documented}`]?.get?.responses["200"]?.content["application/json"]?.schema;
      const answer = await (await fetch(`${url}/api/v1${path}`)).json();
      expect(schema, path).toBeDefined();
      expect(ajv.validate(schema ?? {}, answer), `${path}: ${ajv.errorsText()}`).toBe(true);
    }
  });

  test("are printed under the caller's name, and that is written down", async () => {
    const { url, audited } = await world(of("990100/990102"));
    const page = await fetch(`${url}/api/v1/standards/handan/report.html?${RANGE}`);
    expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(await page.text()).toBe("<p>by official");
    expect(audited).toEqual([
      { user: "official", action: "standard.export", standard: "handan", campus: "first" },
    ]);
  });

  test("take what a person states of a campus of his own, under his name and no other", async () => {
    const { url, received, audited } = await world(of("990100/990102"));
    const declare = (body: object) => fetch(`${url}/api/v1/standards/handan/declarations`, json(body));
    const said = { campus: "first", about: "separated", value: true, evidence: "plan" };
    expect((await declare(said)).status).toBe(200);
    expect((await declare({ ...said, campus: "third" })).status).toBe(404);
    expect((await declare({ ...said, evidence: "" })).status).toBe(400);
    expect(received).toEqual([{ path: "/standards/handan/declarations", body: { ...said, by: "official" } }]);
    expect(audited).toEqual([
      {
        user: "official",
        action: "standard.declare",
        standard: "handan",
        campus: "first",
        about: "separated",
      },
    ]);
  });

  test("are examined on demand under the caller's name, and that is written down", async () => {
    const { url, received, audited } = await world(of("990100/990102"));
    const examine = (body: object) => fetch(`${url}/api/v1/standards/handan/examinations`, json(body));
    expect((await examine({ campus: "first" })).status).toBe(200);
    expect((await examine({ campus: "third" })).status).toBe(404);
    expect(received).toEqual([
      { path: "/standards/handan/examinations", body: { campus: "first", by: "official" } },
    ]);
    expect(audited).toMatchObject([{ user: "official", action: "standard.examine", number: 1 }]);
  });
});
