import { describe, expect, test } from "vitest";
import { NEXT_STEPS, needsNote, takesPhotos } from "../console/work-orders/steps.ts";
import { LIFE_CYCLE, stepOrder, WORK_ORDER_STATES } from "./core/life-cycle.ts";

describe.each(WORK_ORDER_STATES)("what is offered for an order that is %s", (state) => {
  test("is what the life cycle takes, all of it and nothing else", () => {
    const taken = Object.keys(LIFE_CYCLE[state]).filter((action) => action !== "photo");
    expect([...NEXT_STEPS[state]].sort()).toEqual(taken.sort());
    expect(takesPhotos(state)).toBe(LIFE_CYCLE[state].photo !== undefined);
  });

  test("asks for words exactly where the life cycle does", () => {
    for (const action of NEXT_STEPS[state]) {
      const step = { action, note: "", assignee: "Wang", verifier: "Li" };
      expect("problem" in stepOrder({ state, assignee: "Wang" }, step, 0), action).toBe(needsNote(action));
    }
  });
});
