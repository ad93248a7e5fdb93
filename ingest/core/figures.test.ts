import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Figures,
  figuresOf,
  foldFigures,
  increaseOf,
  secondsInStates,
  type TimedValue,
} from "./figures.ts";
import { mergeSketches, quantileOf, RELATIVE_ACCURACY, sketchOf } from "./sketch.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const series = fc
  .uniqueArray(
    fc.record({ time: fc.integer({ min: 0, max: HOUR - 1 }), value: fc.integer({ min: 0, max: 500 }) }),
    {
      selector: ({ time }) => time,
      maxLength: 60,
    },
  )
  .map((points): TimedValue[] => points.sort((a, b) => a.time - b.time));

const within = (points: readonly TimedValue[], from: number, to: number) =>
  points.filter(({ time }) => time >= from && time < to);
const before = (points: readonly TimedValue[], time: number) =>
  points.filter((each) => each.time < time).at(-1);

/** The twelve children of an hour, in an order of their own. */
const children = (of: (from: number, to: number) => Figures, order: readonly number[]) =>
  Array.from({ length: 12 }, (_, at) => of(at * 5 * MINUTE, (at + 1) * 5 * MINUTE))
    .map((child, at) => ({ child, at: order[at] ?? 0 }))
    .sort((a, b) => a.at - b.at)
    .map(({ child }) => child);
const orders = fc.array(fc.nat(), { minLength: 12, maxLength: 12 });

describe("an hour is the fold of its five-minute children, in whatever order they come", () => {
  test.each(["gauge", "counter"] as const)("of a %s", (kind) => {
    fc.assert(
      fc.property(series, orders, (points, order) => {
        const of = (from: number, to: number) =>
          figuresOf(kind, within(points, from, to), before(points, from));
        expect(foldFigures(children(of, order))).toEqual(of(0, HOUR));
      }),
    );
  });

  test("of a state", () => {
    fc.assert(
      fc.property(series, orders, (points, order) => {
        const transitions = points.map(({ time, value }) => ({
          time: Math.floor(time / 1000) * 1000,
          value: value % 3,
        }));
        const unique = [...new Map(transitions.map((each) => [each.time, each])).values()];
        const of = (from: number, to: number) => {
          const holding = before(unique, from);
          return secondsInStates([...(holding ? [holding] : []), ...within(unique, from, to)], from, to);
        };
        expect(foldFigures(children(of, order))).toEqual(of(0, HOUR));
      }),
    );
  });
});

test("folds of folds are the fold of all", () => {
  const figures = fc.record({
    count: fc.nat(),
    sum: fc.integer({ min: -1e6, max: 1e6 }),
    min: fc.integer(),
    max: fc.integer(),
    "seconds-1": fc.nat(),
  });
  fc.assert(
    fc.property(fc.array(figures), fc.array(figures), fc.array(figures), (a, b, c) => {
      const tree = foldFigures([foldFigures([foldFigures(c), foldFigures(a)]), foldFigures(b)]);
      expect(tree).toEqual(foldFigures([...a, ...b, ...c]));
    }),
  );
});

test.each([
  [[10, 15, 25], undefined, 15],
  [[10, 15, 25], 4, 21],
  // Started again after 25: it shows 3, so it has counted at least 3.
  [[10, 25, 3, 7], 10, 22],
  [[3], 100, 3],
  [[5, 5, 5], undefined, 0],
  [[], 7, 0],
])("a counter that shows %j after %s has counted %d", (values, last, increase) => {
  const points = values.map((value, time) => ({ time, value }));
  expect(increaseOf(points, last === undefined ? undefined : { time: -1, value: last })).toBe(increase);
});

describe("percentiles", () => {
  const values = fc.array(
    fc.oneof(fc.integer({ min: -1_000, max: 1_000 }), fc.double({ min: 0.01, max: 1e6, noNaN: true })),
    {
      minLength: 1,
      maxLength: 200,
    },
  );

  test("merge to those of all values, in whatever order", () => {
    fc.assert(
      fc.property(values, values, values, (a, b, c) => {
        const merged = mergeSketches([sketchOf(c), mergeSketches([sketchOf(b), sketchOf(a)])]);
        expect(merged).toEqual(mergeSketches([sketchOf([...a, ...b, ...c])]));
      }),
    );
  });

  test("lie within the accuracy of a value that is there", () => {
    fc.assert(
      fc.property(values, fc.constantFrom(0, 0.5, 0.95, 1), (all, quantile) => {
        const sorted = all.toSorted((a, b) => a - b);
        const exact = sorted[Math.floor(quantile * (sorted.length - 1))] ?? Number.NaN;
        const found = quantileOf(sketchOf(all), quantile) ?? Number.NaN;
        expect(Math.abs(found - exact)).toBeLessThanOrEqual(
          Math.abs(exact) * RELATIVE_ACCURACY * 1.000001 + 1e-9,
        );
      }),
    );
    expect(quantileOf(sketchOf([]), 0.5)).toBeUndefined();
  });
});
