import fc from "fast-check";
import { expect, test } from "vitest";
import { RangeSet, RUNS_MAX } from "./range-set.ts";

const runs = fc.array(
  fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 8 })).map(([first, more]) => ({
    first,
    last: first + more,
  })),
  { maxLength: 40 },
);

test("a range set holds what a plain set of numbers would hold, in the fewest runs", () => {
  fc.assert(
    fc.property(runs, (added) => {
      const set = RangeSet.from(added);
      const plain = new Set(added.flatMap(({ first, last }) => range(first, last)));
      expect(set.size).toBe(plain.size);
      expect(set.runs.flatMap(({ first, last }) => range(first, last))).toEqual(
        [...plain].sort((a, b) => a - b),
      );
      set.runs.slice(1).forEach((run, index) => {
        expect(run.first).toBeGreaterThan((set.runs[index]?.last ?? 0) + 1);
      });
      for (const first of range(1, 70)) {
        const last = first + 3;
        expect(set.has({ first, last })).toBe(range(first, last).every((number) => plain.has(number)));
      }
    }),
  );
});

test("the order of arrival makes no difference", () => {
  fc.assert(
    fc.property(runs, (added) => {
      expect(RangeSet.from([...added].reverse()).runs).toEqual(RangeSet.from(added).runs);
    }),
  );
});

test("beyond its bound the oldest run is forgotten and counted, never the newest", () => {
  const set = new RangeSet();
  for (let index = 1; index <= RUNS_MAX + 3; index += 1) set.add({ first: index * 2, last: index * 2 });
  expect(set.runs).toHaveLength(RUNS_MAX);
  expect(set.forgotten).toBe(3);
  expect(set.has({ first: 2, last: 2 })).toBe(false);
  expect(set.has({ first: (RUNS_MAX + 3) * 2, last: (RUNS_MAX + 3) * 2 })).toBe(true);
});

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
