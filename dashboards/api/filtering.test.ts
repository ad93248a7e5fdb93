import { expect, test } from "vitest";
import { filtered } from "./filtering.ts";

const RULES = [
  {
    id: "fire",
    title: { zh: "烟雾报警", en: "Smoke" },
    priority: 1,
    classes: ["smoke-detector"],
    path: "c/a",
  },
  {
    id: "door",
    title: { zh: "门未关", en: "Door held open" },
    priority: 2,
    classes: ["access-gate", "lock"],
    path: "c/ab",
  },
];
const HOW = { at: "path", filters: { priority: {}, classes: {} } };
const found = (asked: Readonly<Record<string, unknown>>, how: Parameters<typeof filtered>[1] = HOW) =>
  filtered(RULES, how, asked).map(({ id }) => id);

test("words are looked for in every text of an entry, in both languages, all of them, however they are written", () => {
  expect(found({ text: "烟雾" })).toEqual(["fire"]);
  expect(found({ text: "OPEN door" })).toEqual(["door"]);
  expect(found({ text: "smoke open" })).toEqual([]);
  expect(found({ text: "  " })).toEqual(["fire", "door"]);
});

test("names of properties are no texts of an entry", () => {
  expect(found({ text: "priority" })).toEqual([]);
});

test("a property has the value that is asked for, or one of its values is it", () => {
  expect(found({ priority: 2 })).toEqual(["door"]);
  expect(found({ classes: "lock" })).toEqual(["door"]);
  expect(found({ classes: "lock", priority: 1 })).toEqual([]);
});

test("a place holds what is at it and below it, and not what begins alike", () => {
  expect(found({ scope: "c/a" })).toEqual(["fire"]);
  expect(found({ scope: "c" })).toEqual(["fire", "door"]);
});

test("what a list does not name, and words that its route looks for itself, are not asked here", () => {
  expect(found({ id: "fire" })).toEqual(["fire", "door"]);
  expect(found({ text: "smoke", scope: "c/a" }, { words: false })).toEqual(["fire", "door"]);
});

test("a list of which nothing is asked is that list itself", () => {
  expect(filtered(RULES, HOW, { limit: 1 })).toBe(RULES);
});
