import {
  CampusId,
  EMPTY_ROLLUP,
  foldRollups,
  isWithin,
  ROLLUP_COUNTS,
  type Rollup,
  type RollupCount,
  type Site,
} from "@campus-ops/device-profiles/vocabulary";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { RollupView } from "./api.ts";
import { mergeCampusCounts, rollupTree } from "./region.ts";

const title = (text: string) => ({ zh: text, en: text });

const SITE: Site = {
  city: { code: "990100", title: title("city") },
  counties: [
    {
      code: "990102",
      title: title("east"),
      campuses: [
        { id: CampusId("first"), title: title("first") },
        { id: CampusId("second"), title: title("second") },
      ],
    },
    { code: "990121", title: title("west"), campuses: [{ id: CampusId("third"), title: title("third") }] },
  ],
};

const RANGE = { from: 0, to: 1 };

const counts = fc.dictionary(
  fc.constantFrom(...(Object.keys(ROLLUP_COUNTS) as RollupCount[])),
  fc.integer({ min: 0, max: 1_000_000 }),
) as fc.Arbitrary<Rollup>;

function nonZero(rollup: Rollup): Rollup {
  return Object.fromEntries(Object.entries(rollup).filter(([, count]) => count !== 0));
}

test("every parent's counts are the fold of its children's, whatever the parts and their order", () => {
  const part = fc.record({ campus: fc.constantFrom("first", "second", "third"), counts });
  fc.assert(
    fc.property(
      fc.array(part, { maxLength: 20 }),
      fc.array(fc.nat(), { maxLength: 20 }),
      (parts, shuffle) => {
        const reordered = parts
          .map((each, index) => ({ each, key: shuffle[index] ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ each }) => each);
        const tree = rollupTree(SITE, mergeCampusCounts(parts), RANGE, () => true);
        const again = rollupTree(SITE, mergeCampusCounts(reordered), RANGE, () => true);
        const check = (node: RollupView): void => {
          if (node.children.length === 0) return;
          expect(nonZero(node.counts)).toEqual(
            nonZero(foldRollups(node.children.map((child) => child.counts))),
          );
          node.children.forEach(check);
        };
        check(tree);
        expect(nonZero(tree.counts)).toEqual(nonZero(foldRollups(parts.map((each) => each.counts))));
        expect(nonZero(again.counts)).toEqual(nonZero(tree.counts));
      },
    ),
  );
});

test("a campus that nobody counted yet is shown with nothing, and no ratio is made up for it", () => {
  const tree = rollupTree(SITE, new Map(), RANGE, () => true);
  expect(tree.children).toHaveLength(2);
  expect(tree.children[1]?.children[0]).toMatchObject({ path: "990100/990121/third", counts: EMPTY_ROLLUP });
  expect(tree).not.toHaveProperty("completeness");
  expect(tree).not.toHaveProperty("intactRate");
});

test("who may see one county is shown and counted that county alone", () => {
  const campuses = new Map<string, Rollup>([
    ["first", { "alarms.raised": 1 }],
    ["third", { "alarms.raised": 5 }],
  ]);
  const tree = rollupTree(SITE, campuses, RANGE, (path) => isWithin(path, "990100/990102"));
  expect(tree.children.map(({ path }) => path)).toEqual(["990100/990102"]);
  expect(tree.counts).toEqual({ "alarms.raised": 1 });
});

test("ratios are computed from the sums, never averaged", () => {
  const campuses = new Map<string, Rollup>([
    ["first", { "devices.registered": 1, "devices.working": 0 }],
    ["second", { "devices.registered": 9, "devices.working": 9 }],
  ]);
  expect(rollupTree(SITE, campuses, RANGE, () => true).intactRate).toBe(0.9);
});

test("a campus whose own hub is cut off says since when, and keeps its figures in those above it", () => {
  const counts = new Map([
    ["first", { "devices.registered": 3 }],
    ["third", { "devices.registered": 4 }],
  ]);
  const tree = rollupTree(SITE, counts, RANGE, () => true, new Map([["first", 77]]));
  const campuses = tree.children.flatMap(({ children }) => children);
  expect(campuses.map(({ lastKnown }) => lastKnown)).toEqual([77, undefined, undefined]);
  expect(tree.counts["devices.registered"]).toBe(7);
});
