import fc from "fast-check";
import { expect, test } from "vitest";
import { type Due, DueHeap } from "./due-heap.ts";

const byTotalOrder = (a: Due, b: Due): number => a.due - b.due || a.order - b.order;

test("gives out what lies in it in order of due time, then of number, however pushes and pops alternate", () => {
  const step = fc.oneof(fc.constant("pop" as const), fc.integer({ min: 0, max: 9 }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const heap = new DueHeap<Due>();
      const expected: Due[] = [];
      steps.forEach((due, order) => {
        if (due === "pop") {
          heap.pop();
          expected.shift();
        } else {
          heap.push({ due, order });
          expected.push({ due, order });
          expected.sort(byTotalOrder);
        }
        expect(heap.first).toEqual(expected[0]);
      });
    }),
  );
});
