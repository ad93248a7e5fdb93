import fc from "fast-check";
import { expect, test } from "vitest";
import { floorsOf, type Reading, slopeOf } from "./slope.ts";

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

/** Rises by 39 between collections that are six minutes apart, and keeps so much more after each. */
const sawtooth = (kept: number): readonly Reading[] =>
  line(0, 120, (at_s) => 100 + (at_s % 360) / 9 + Math.floor(at_s / 360) * kept);

test("the floors of a heap that is collected now and then are level, where its readings rise between collections", () => {
  const life = sawtooth(0).filter(({ at_s }) => at_s < 1_000);
  expect(slopeOf([life.slice(0, 36)]).perHour).toBeGreaterThan(300);
  expect(slopeOf([floorsOf(life, 400)]).perHour).toBe(0);
});

test("the floors of one that keeps a little more each time rise by just that", () => {
  expect(slopeOf([floorsOf(sawtooth(5), 360)]).perHour).toBeCloseTo(50, 6);
});

test("a window that has not ended says nothing, nor does a life without one", () => {
  expect(
    floorsOf(
      line(0, 10, () => 5),
      60,
    ).map(({ at_s }) => at_s),
  ).toEqual([0]);
  expect(
    floorsOf(
      line(0, 3, () => 5),
      60,
    ),
  ).toEqual([]);
  expect(floorsOf([], 60)).toEqual([]);
});
