import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Memory } from "./condition.ts";
import { Slots, WINDOW_SLOTS } from "./slots.ts";

const WIDTH_MS = 100;
const WINDOW_MS = WIDTH_MS * WINDOW_SLOTS;

/** One reading a step: `back_ms` before the newest so far, if that is still in the window. */
const steps = fc.array(
  fc.record({ on_ms: fc.nat(700), back_ms: fc.nat(2 * WINDOW_MS), value: fc.integer({ min: -50, max: 50 }) }),
  { maxLength: 60 },
);

describe("a window in slots", () => {
  test("says what its readings say, in whatever order they come, also after it was saved and restored", () => {
    fc.assert(
      fc.property(steps, fc.nat(60), (readings, savedAfter) => {
        let slots = new Slots(WINDOW_MS, undefined);
        const taken: { index: number; value: number }[] = [];
        let now = 1_000_000;
        for (const [step, { back_ms, on_ms, value }] of readings.entries()) {
          if (step === savedAfter)
            slots = new Slots(WINDOW_MS, JSON.parse(JSON.stringify(slots.save())) as Memory);
          now += on_ms;
          const at = now - back_ms;
          const newest = Math.max(...taken.map(({ index }) => index), Number.NEGATIVE_INFINITY);
          const index = Math.floor(at / WIDTH_MS);
          slots.add(at, value);
          if (index > newest - WINDOW_SLOTS) taken.push({ index, value });
          const until = Math.floor(now / WIDTH_MS);
          const inside = taken.filter((each) => each.index <= until && each.index > until - WINDOW_SLOTS);
          const values = inside.map((each) => each.value);
          const figures = slots.figures(now);
          expect(figures).toEqual({
            min: Math.min(...values),
            max: Math.max(...values),
            sum: expect.closeTo(values.reduce((sum, each) => sum + each, 0)),
            weight: values.length,
            count: values.length,
          });
          expect([slots.min(now), slots.max(now)]).toEqual([figures.min, figures.max]);
        }
      }),
    );
  });

  test("weighs a value by how long it held, in each slot that it touched", () => {
    const slots = new Slots(WINDOW_MS, undefined);
    slots.hold(50, 350, 4);
    expect(slots.figures(350)).toEqual({ min: 4, max: 4, sum: 1_200, weight: 300, count: 4 });
    // A window on, only what lies after its beginning is left: 50 ms of the last slot.
    expect(slots.figures(WINDOW_MS + 250)).toMatchObject({ weight: 50, count: 1 });
    expect(slots.max(3 * WINDOW_MS)).toBe(Number.NEGATIVE_INFINITY);
  });

  test("takes no more memory than its slots, however many readings come", () => {
    const slots = new Slots(WINDOW_MS, undefined);
    for (let at = 0; at < 10 * WINDOW_MS; at += 7) slots.add(at, at);
    expect(slots.save()).toHaveLength(6 * WINDOW_SLOTS);
  });

  test("reads what was stored when a slot was an object", () => {
    const stored = [
      { index: 3, min: -1, max: 5, sum: 4, weight: 2, count: 2 },
      { index: 5, min: 2, max: 2, sum: 2, weight: 1, count: 1 },
    ];
    const slots = new Slots(WINDOW_MS, stored);
    expect(slots.figures(6 * WIDTH_MS)).toEqual({ min: -1, max: 5, sum: 6, weight: 3, count: 3 });
    expect(slots.save()).toEqual([3, -1, 5, 4, 2, 2, 5, 2, 2, 2, 1, 1]);
  });
});
