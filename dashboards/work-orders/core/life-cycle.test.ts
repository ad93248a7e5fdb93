import { describe, expect, test } from "vitest";
import {
  isOverdue,
  type Step,
  type StepProblem,
  stepOrder,
  WORK_ORDER_ACTIONS,
  WORK_ORDER_STATES,
  type WorkOrderAction,
  type WorkOrderState,
} from "./life-cycle.ts";

const NOW = 1_000;
const step = (action: WorkOrderAction, more: Partial<Step> = {}): Step => ({
  action,
  note: "said",
  assignee: "Wang",
  verifier: "Li",
  ...more,
});

/** Every cell, written out by hand: what is not here is refused. */
const CELLS: Readonly<Record<WorkOrderState, Readonly<Partial<Record<WorkOrderAction, WorkOrderState>>>>> = {
  registered: { assign: "assigned", cancel: "cancelled", note: "registered", photo: "registered" },
  assigned: { assign: "assigned", done: "done", cancel: "cancelled", note: "assigned", photo: "assigned" },
  done: { verify: "verified", reject: "assigned", note: "done", photo: "done" },
  verified: { reopen: "registered", note: "verified" },
  cancelled: { reopen: "registered", note: "cancelled" },
};

describe("the life cycle", () => {
  const cells = WORK_ORDER_STATES.flatMap((state) =>
    WORK_ORDER_ACTIONS.map((action) => [state, action, CELLS[state][action]] as const),
  );
  test.each(cells)("%s, %s → %s", (state, action, to) => {
    expect(stepOrder({ state, assignee: "Wang" }, step(action), NOW)).toEqual(
      to === undefined ? { problem: "no-such-transition" } : { to },
    );
  });

  const refused = (state: WorkOrderState, action: WorkOrderAction, more: Partial<Step>): unknown =>
    stepOrder({ state, assignee: "Wang" }, step(action, more), NOW);
  const problem = (name: StepProblem) => ({ problem: name });

  test("who mended it does not judge it, however the name is written", () => {
    expect(refused("done", "verify", { verifier: " wang " })).toEqual(problem("verifier-mended-it"));
    expect(refused("done", "verify", { verifier: " " })).toEqual(problem("verifier-missing"));
  });

  test("mended, sent back, cancelled, taken up again and noted is said in words", () => {
    for (const [state, action] of [
      ["assigned", "done"],
      ["done", "reject"],
      ["registered", "cancel"],
      ["verified", "reopen"],
      ["registered", "note"],
    ] as const) {
      expect(refused(state, action, { note: "  " }), action).toEqual(problem("note-missing"));
    }
  });

  test("somebody is to mend it, and by a time that is still to come", () => {
    expect(refused("registered", "assign", { assignee: "" })).toEqual(problem("assignee-missing"));
    expect(refused("registered", "assign", { due: NOW })).toEqual(problem("due-is-past"));
    expect(refused("registered", "assign", { due: NOW + 1 })).toEqual({ to: "assigned" });
  });
});

test("an order is overdue a moment after it was due, until somebody says that it is done", () => {
  expect(isOverdue("assigned", NOW, NOW)).toBe(false);
  expect(isOverdue("assigned", NOW, NOW + 1)).toBe(true);
  expect(isOverdue("done", NOW, NOW + 1)).toBe(false);
  expect(isOverdue("registered", undefined, NOW + 1)).toBe(false);
});
