import { expect, test } from "vitest";
import { TURN_COMMITS, TURN_VALUES_MIN, UnsavedValues } from "./unsaved-values.ts";

const place = (seq: number) => ({ seq, receivedAt: 1_000 * seq });
const changed = (asset: string, count: number) =>
  new Map([[asset, new Set(Array.from({ length: count }, (_, index) => `Port/${index}/InOctets`))]]);
const assetsOf = (taken: ReturnType<UnsavedValues["take"]>) => [...taken].map(([asset]) => asset);

test("a small hub saves everything at each commit", () => {
  const unsaved = new UnsavedValues();
  unsaved.add(changed("a", 300), place(4));
  unsaved.add(changed("b", 300), place(5));
  unsaved.add(changed("a", 300), place(6));
  expect(unsaved.count).toBe(600);
  expect(unsaved.savedUntil(place(9))).toEqual(place(4));
  expect(assetsOf(unsaved.take())).toEqual(["a", "b"]);
  expect(unsaved.count).toBe(0);
  expect(unsaved.savedUntil(place(9))).toEqual(place(9));
});

test("of much, each commit saves a part, the oldest first; what changes again keeps its place until it is saved", () => {
  const unsaved = new UnsavedValues();
  for (const [at, asset] of ["a", "b", "c"].entries())
    unsaved.add(changed(asset, TURN_VALUES_MIN), place(at));
  expect(assetsOf(unsaved.take())).toEqual(["a"]);
  unsaved.add(changed("a", 1), place(7));
  unsaved.add(changed("b", 1), place(8));
  expect(unsaved.savedUntil(place(9))).toEqual(place(1));
  expect(assetsOf(unsaved.take())).toEqual(["b"]);
  expect(unsaved.savedUntil(place(9))).toEqual(place(2));
  expect(assetsOf(unsaved.takeAll())).toEqual(["c", "a"]);
  expect(unsaved.savedUntil(place(9))).toEqual(place(9));
});

test("nothing stays unsaved for longer than two turns, however much changes meanwhile", () => {
  const unsaved = new UnsavedValues();
  const assets = Array.from({ length: 400 }, (_, index) => `device-${index}`);
  const values = 50;
  for (let commit = 1; commit <= 6 * TURN_COMMITS; commit += 1) {
    for (const asset of assets) unsaved.add(changed(asset, values), place(commit));
    const saved = [...unsaved.take()].reduce((sum, [, names]) => sum + names.size, 0);
    expect(saved).toBeLessThan((assets.length * values) / TURN_COMMITS + TURN_VALUES_MIN);
    expect(commit - unsaved.savedUntil(place(commit)).seq).toBeLessThanOrEqual(2 * TURN_COMMITS);
  }
});
