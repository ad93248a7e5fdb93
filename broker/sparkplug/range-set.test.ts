import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Run } from "./handoff.ts";
import { RangeSet } from "./range-set.ts";

const run = fc
  .tuple(fc.integer({ min: 1, max: 60 }), fc.nat(12))
  .map(([first, more]): Run => ({ first, last: first + more }));

const numbers = (runs: readonly Run[]) =>
  new Set(
    runs.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, index) => first + index)),
  );

describe("a range set", () => {
  test("holds the numbers that were added, in runs that neither overlap nor touch", () => {
    fc.assert(
      fc.property(fc.array(run, { maxLength: 20 }), (runs) => {
        const set = new RangeSet(runs);
        expect(numbers(set.toRuns())).toEqual(new Set([...numbers(runs)].sort((a, b) => a - b)));
        for (const [index, each] of set.toRuns().entries()) {
          expect(each.first).toBeLessThanOrEqual(each.last);
          const before = set.toRuns()[index - 1];
          if (before !== undefined) expect(each.first).toBeGreaterThan(before.last + 1);
        }
      }),
    );
  });

  test("does not mind the order of additions", () => {
    fc.assert(
      fc.property(fc.array(run), (runs) => {
        expect(new RangeSet([...runs].reverse()).toRuns()).toEqual(new RangeSet(runs).toRuns());
      }),
    );
  });

  test("answers has, hasAll and missing as a set of numbers would", () => {
    fc.assert(
      fc.property(fc.array(run), run, (runs, asked) => {
        const set = new RangeSet(runs);
        const held = numbers(runs);
        const wanted = [...numbers([asked])];
        expect(set.has(asked.first)).toBe(held.has(asked.first));
        expect(set.hasAll(asked)).toBe(wanted.every((number) => held.has(number)));
        expect([...numbers(set.missing(asked))]).toEqual(wanted.filter((number) => !held.has(number)));
      }),
    );
  });

  test("a million numbers in order are one run", () => {
    const set = new RangeSet();
    for (let first = 1; first <= 1_000_000; first += 100) set.add({ first, last: first + 99 });
    expect(set.toRuns()).toEqual([{ first: 1, last: 1_000_000 }]);
    expect(set.runCount).toBe(1);
  });
});
