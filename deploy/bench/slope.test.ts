import fc from "fast-check";
import { expect, test } from "vitest";
import { type Reading, slopeOf } from "./slope.ts";

const line = (from_s: number, length: number, of: (at_s: number) => number): Reading[] =>
  Array.from({ length }, (_, index) => ({ at_s: from_s + index * 10, value: of(from_s + index * 10) }));

test("a straight line has its slope, whatever level each life begins at", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -1_000, max: 1_000 }),
      fc.array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 1, maxLength: 5 }),
      (perSecond, levels) => {
        const lives = levels.map((level, life) => line(life * 600, 30, (at_s) => level + perSecond * at_s));
        const { confidence, perHour, readings } = slopeOf(lives);
        expect(perHour).toBeCloseTo(perSecond * 3_600, 3);
        expect(confidence).toBeLessThan(1);
        expect(readings).toBe(30 * levels.length);
      },
    ),
  );
});

test("a process that is restarted at a lower level each time, and grows in between, does grow", () => {
  const lives = [900, 600, 300].map((level, life) => line(life * 600, 30, (at_s) => level + (at_s % 600)));
  expect(slopeOf(lives).perHour).toBeCloseTo(3_600, 6);
});

test("a sawtooth is flat within its confidence", () => {
  const { confidence, perHour } = slopeOf([line(0, 360, (at_s) => ((at_s * 7) % 90) * 1e5)]);
  expect(Math.abs(perHour)).toBeLessThan(confidence);
});

test("the interval is that of the text-book's formula", () => {
  // y = 0, 1, 0, 1 at 0, 10, 20, 30 s: slope 0.02, residual sum of squares 0.8 with two degrees of freedom.
  const { confidence, perHour } = slopeOf([line(0, 4, (at_s) => (at_s / 10) % 2)]);
  expect(perHour).toBeCloseTo(0.02 * 3_600, 9);
  expect(confidence).toBeCloseTo(1.96 * Math.sqrt(0.4 / 500) * 3_600, 6);
});

test("one reading says nothing", () => {
  expect(slopeOf([line(0, 1, () => 5)])).toEqual({
    perHour: 0,
    confidence: Number.POSITIVE_INFINITY,
    readings: 0,
  });
});
