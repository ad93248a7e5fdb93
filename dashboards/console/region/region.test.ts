import type { Rollup } from "@campus-ops/device-profiles/vocabulary";
import { describe, expect, test } from "vitest";
import type { RollupView } from "../../api/api.ts";
import { en } from "../text/en.ts";
import { missingInWords } from "./missing.ts";
import { rangeBounds } from "./range.ts";
import { campusCount, findCampus, findPath, sortViews, trail } from "./tree.ts";

function view(path: string, more: Partial<RollupView> = {}): RollupView {
  const level = (["city", "county", "campus"] as const)[path.split("/").length - 1] ?? "campus";
  return { path, level, title: { zh: path, en: path }, from: 0, to: 1, counts: {}, children: [], ...more };
}

const city = view("c", {
  children: [view("c/east", { children: [view("c/east/a"), view("c/east/b")] }), view("c/eastern")],
});

describe("the tree of roll-ups", () => {
  test("is walked by whole segments: a county is not mistaken for one whose code begins alike", () => {
    expect(findPath(city, "c/eastern")?.path).toBe("c/eastern");
    expect(findPath(city, "c/east/b")?.path).toBe("c/east/b");
    expect(findPath(city, "c/east/none")).toBeUndefined();
  });

  test("leads from the top to where one is", () => {
    expect(trail(city, "c/east/a").map(({ path }) => path)).toEqual(["c", "c/east", "c/east/a"]);
    expect(trail(city, "elsewhere")).toEqual([]);
  });

  test("knows its campuses", () => {
    expect(findCampus(city, "b")?.path).toBe("c/east/b");
    expect(campusCount(city)).toBe(2);
  });
});

describe("the comparison", () => {
  const campuses = [
    view("x", { intactRate: 0.9 }),
    view("y", {}),
    view("z", { intactRate: 1, counts: { "alarms.raised": 4 } }),
  ];
  const order = (column: "intact" | "raised" | "name", descending: boolean) =>
    sortViews(campuses, { column, descending }, ({ path }) => path, "en-GB").map(({ path }) => path);

  test("puts what is not known last, whichever way it is sorted", () => {
    expect(order("intact", false)).toEqual(["x", "z", "y"]);
    expect(order("intact", true)).toEqual(["z", "x", "y"]);
  });

  test("counts that are not there are zero, and equals are in the order of their names", () => {
    expect(order("raised", true)).toEqual(["z", "x", "y"]);
    expect(order("name", true)).toEqual(["z", "y", "x"]);
  });
});

describe("what is missing", () => {
  const words = (counts: Rollup) => missingInWords(counts, en, "en-GB").join(" ");

  test("is nothing when all arrived", () => {
    expect(words({ "samples.expected": 10, "samples.received": 10 })).toBe(en.completeness.complete);
  });

  test("tells what is lost for good from what may still come", () => {
    const text = words({ "samples.expected": 1000, "samples.received": 900, "samples.lost": 30 });
    expect(text).toContain("Of 1,000 expected samples 100 are missing.");
    expect(text).toContain("30 of them are known to be lost");
    expect(text).toContain("The other 70 may still wait");
  });

  test("says nothing about waiting when everything missing is known to be lost", () => {
    const text = words({ "samples.expected": 10, "samples.received": 8, "samples.lost": 2 });
    expect(text).not.toContain("outbox");
  });

  test("does not call an empty time complete", () => {
    expect(words({})).toBe(en.completeness.nothingExpected);
  });
});

test("yesterday ends where today begins, and today has no end yet", () => {
  const now = new Date(2026, 2, 3, 14, 30).getTime();
  const today = rangeBounds("today", now);
  const yesterday = rangeBounds("yesterday", now);
  expect(new Date(today.from).getHours()).toBe(0);
  expect(today.to).toBeUndefined();
  expect(yesterday.to).toBe(today.from);
  expect(new Date(yesterday.from).getDate()).toBe(2);
});
