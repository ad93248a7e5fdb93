import { expect, test } from "vitest";
import { type Figures, KnownRanges } from "./known-ranges.ts";
import { CampusSums } from "./rollup-spans.ts";

const RANGE = { from: 0, to: 300_000 };

/** A hub that tells of a campus; `changed` stays what it was, whatever else is told of it. */
const told = (campus: string, granted: number, lastKnown?: number): Figures => ({
  key: `county/hub/${campus}`,
  campus,
  changed: 1,
  make: () => ({
    campus,
    path: `990100/990102/${campus}`,
    ...RANGE,
    counts: { "access.granted": granted },
    ...(lastKnown === undefined ? {} : { lastKnown }),
  }),
});
const sumsOf = (rows: Map<string, number>, granted: number): CampusSums => {
  const sums = new CampusSums(rows);
  sums.add("east", "access.granted", granted);
  return sums;
};

test("a campus of which only what happened is another is told again, one that is the same is not", () => {
  const rows = new Map<string, number>();
  const known = new KnownRanges(() => "a");
  const { tag } = known.answer(RANGE, sumsOf(rows, 1), [told("east", 1), told("west", 0)], undefined);
  const again = known.answer(RANGE, sumsOf(rows, 2), [told("east", 2), told("west", 0)], tag);
  expect(again).toMatchObject({ isDelta: true, rollups: [{ campus: "east" }] });
  expect(again.rollups).toHaveLength(1);
});

test("while a hub is cut off its campus is made anew at every question: what it owes grows with the clock", () => {
  const rows = new Map<string, number>();
  const known = new KnownRanges(() => "a");
  const { tag } = known.answer(RANGE, sumsOf(rows, 1), [told("east", 1, 5)], undefined);
  expect(known.answer(RANGE, sumsOf(rows, 1), [told("east", 1, 5)], tag).rollups).toEqual([]);
  expect(known.answer(RANGE, sumsOf(rows, 1), [told("east", 9, 5)], tag).rollups).toHaveLength(1);
});

test("when something is there no more all of it is told, under another name", () => {
  const rows = new Map<string, number>();
  const names = ["first", "second"];
  const known = new KnownRanges(() => names.shift() ?? "another");
  const sums = sumsOf(rows, 1);
  const { tag } = known.answer(RANGE, sums, [told("east", 1), told("west", 0)], undefined);
  const without = known.answer(RANGE, sums, [told("east", 1)], tag);
  expect(without).toMatchObject({ isDelta: false, rollups: [{ campus: "east" }] });
  expect(without.tag).not.toBe(tag);
});
