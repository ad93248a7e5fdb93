/** Page after page is the list, whatever comes and goes meanwhile; over the API, a `Link` leads from each to the next. */
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { everyRoleAt } from "../accounts/core/permissions.ts";
import { type Page, type Paged, pageOf } from "./paging.ts";
import { json, openFolder, title, type World, world } from "./testing/world.ts";

type Row = Readonly<Record<"at" | "id", unknown>>;
const BY: Paged = { by: ["at", "id"] };

/** All pages; `between` may change the list after each. */
function pages(list: readonly Row[], paged: Paged, limit: number, between = (all: readonly Row[]) => all) {
  const seen: Row[] = [];
  let all = list;
  let after: string | undefined;
  do {
    const page: Page<Row> | undefined = pageOf(all, paged, limit, after);
    if (page === undefined) throw new Error("a place of its own making");
    expect(page.entries.length).toBeLessThanOrEqual(limit);
    seen.push(...page.entries);
    expect(seen.length, "it ends").toBeLessThan(1_000);
    after = page.after;
    all = between(all);
  } while (after !== undefined);
  return seen;
}

describe("a list in pages", () => {
  const row = fc.record({ at: fc.integer({ min: 0, max: 9 }), id: fc.string({ maxLength: 3 }) });
  const rows = fc.uniqueArray(row, { maxLength: 40, selector: ({ at, id }) => `${at} ${id}` });

  test("is the whole list in its order, from either end", () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 9 }), (list, limit) => {
        const forward = pages(list, BY, limit);
        expect(new Set(forward)).toEqual(new Set(list));
        expect(forward.map(({ at }) => at)).toEqual(list.map(({ at }) => at).toSorted((a, b) => a - b));
        expect(pages(list, { ...BY, newestFirst: true }, limit)).toEqual(forward.toReversed());
      }),
    );
  });

  test("shows what is there all the time exactly once, though other entries come and go between the pages", () => {
    fc.assert(
      fc.property(rows, rows, fc.integer({ min: 1, max: 5 }), (stays, others, limit) => {
        const known = new Set(stays.map(({ at, id }) => `${at} ${id}`));
        const guests = others.filter(({ at, id }) => !known.has(`${at} ${id}`));
        let there = true;
        const seen = pages([...stays, ...guests], BY, limit, () => {
          there = !there;
          return there ? [...guests, ...stays] : stays;
        });
        const counts = stays.map((each) => seen.filter((one) => one === each).length);
        expect(counts.filter((count) => count !== 1)).toEqual([]);
      }),
    );
  });

  test.each([
    "",
    "x",
    "bnVsbA",
    Buffer.from("[1]").toString("base64url"),
    Buffer.from("[1,{}]").toString("base64url"),
  ])("does not begin at %s, which is no place", (after) => {
    expect(pageOf([{ at: 1, id: "a" }], BY, 1, after)).toBeUndefined();
  });
});

describe("over the API", () => {
  let close: () => Promise<void>;
  let site: World;
  beforeEach(async () => {
    close = await openFolder();
    site = await world(() => ({ user: "bureau", title: title("bureau"), grants: everyRoleAt("") }));
  });
  afterEach(() => close());
  const devicesOf = async (answer: Response) =>
    ((await answer.json()) as { readonly devices: readonly { readonly key: string }[] }).devices;
  const ask = (path: string) => fetch(`${site.url}/api/v1${path}`);
  const next = (answer: Response): string =>
    /<\/api\/v1([^>]+)>; rel="next"/.exec(answer.headers.get("link") ?? "")?.[1] ?? "";

  test("each page of devices links to the next with the same question, and the last one to none", async () => {
    const whole = await ask("/devices?metrics=none");
    expect([(await devicesOf(whole)).length, whole.headers.get("link")]).toEqual([2, null]);
    const first = await ask("/devices?metrics=none&limit=1");
    expect(await devicesOf(first)).toMatchObject([{ key: "first/box/gate" }]);
    expect(next(first)).toContain("metrics=none&limit=1&after=");
    const second = await ask(next(first));
    expect(await second.json()).toMatchObject({ devices: [{ key: "third/box/gate" }], nodes: [] });
    expect(next(second)).toBe("");
  });

  test("a list that is the answer is cut as well, and one with `before` of its own links by that", async () => {
    expect(await (await ask("/drills?limit=1")).json()).toMatchObject([{ id: "d1" }]);
    const alarms = await ask("/alarms?limit=1");
    expect(next(alarms)).toBe("/alarms?limit=1&before=1");
  });

  test("a place that no page named, and a page of nothing, are refused", async () => {
    expect((await ask("/drills?limit=1&after=x")).status).toBe(400);
    expect((await ask("/drills?limit=0")).status).toBe(400);
  });

  test("rules, notices and drills are asked for by what they are, page by page", async () => {
    const rules = async (query: string) => (await (await ask(`/rules?${query}`)).json()) as unknown[];
    expect(await rules("priority=3&text=open&limit=1")).toHaveLength(1);
    expect(await rules("priority=1")).toEqual([]);
    expect((await ask("/rules?priority=9")).status).toBe(400);
    expect(await (await ask("/notifications?alarm=a1&state=given-up")).json()).toEqual([]);
    expect(await (await ask("/notifications?alarm=a1&state=delivered&limit=1")).json()).toHaveLength(1);
    expect(await (await ask("/drills?scope=990100/990121")).json()).toMatchObject([{ id: "d2" }]);
  });

  test("a question that is too long for an address is sent, and its answer comes in pages all the same", async () => {
    const query = (more: string) =>
      fetch(`${site.url}/api/v1/query?${more}`, json({ metric: "Door/Open", from: 1, to: 2 }));
    const first = await query("limit=1");
    expect(await first.json()).toMatchObject({ series: [{ key: "first/box/gate" }], truncated: false });
    const second = await query(next(first).split("?")[1] ?? "");
    expect(await second.json()).toMatchObject({ series: [{ key: "third/box/gate" }] });
    expect(next(second)).toBe("");
  });
});
