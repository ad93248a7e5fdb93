import { describe, expect, test } from "vitest";
import type { AlarmView } from "../../api.ts";
import { LISTED_MAX, obstacle, summaryOf } from "./hand-over.ts";

const title = { zh: "报警", en: "alarm" };
const desk = { id: "gate", title, scope: ["990100/990102/one"], channels: [] };
const alarm = (id: string, more: Partial<AlarmView> = {}): AlarmView => ({
  id,
  occurrence: 1,
  rule: "panic-pressed",
  priority: 2,
  state: "acknowledged",
  title,
  device: { key: "one/box/b", title, class: "panic-button", path: "990100/990102/one/a", campus: "one" },
  raisedAt: 1,
  receivedAt: 1,
  symptoms: 0,
  updatedAt: 1,
  ...more,
});
const elsewhere = { ...alarm("x").device, path: "990100/990102/two" };

describe("what is handed over", () => {
  test("is what stands at the desk, the urgent first and the oldest before, without symptoms and without others'", () => {
    const summary = summaryOf(
      desk,
      [
        alarm("yellow", { priority: 3, raisedAt: 1 }),
        alarm("late", { raisedAt: 9, assigned: { to: "guard-2", by: "guard", at: 9 } }),
        alarm("early", { raisedAt: 5, acknowledged: { by: "guard", at: 6, comment: "已派人" } }),
        alarm("symptom", { causeId: "early" }),
        alarm("other", { device: elsewhere }),
        alarm("open", { state: "unacknowledged", priority: 4 }),
      ],
      100,
    );
    expect(summary).toMatchObject({ at: 100, standing: 4, unacknowledged: 1 });
    expect(summary.alarms.map(({ id }) => id)).toEqual(["early", "late", "yellow", "open"]);
    expect(summary.alarms[0]).toMatchObject({ acknowledgedBy: "guard", comment: "已派人" });
    expect(summary.alarms[1]).toMatchObject({ id: "late", assignedTo: "guard-2" });
  });

  test("counts what it does not list", () => {
    const many = Array.from({ length: LISTED_MAX + 5 }, (_, index) =>
      alarm(`a${index}`, { raisedAt: index }),
    );
    const summary = summaryOf(desk, many, 1);
    expect(summary.standing).toBe(LISTED_MAX + 5);
    expect(summary.alarms).toHaveLength(LISTED_MAX);
  });
});

describe("a desk is not handed over", () => {
  const red = (more: Partial<AlarmView>) => alarm("red", { priority: 1, ...more });
  test("while a red alarm of its own waits for an answer, whether it is still true or not", () => {
    for (const state of ["unacknowledged", "returned-unacknowledged", "latched"] as const)
      expect(obstacle(desk, [red({ state })])?.id).toBe("red");
  });
  test("and is, once somebody has answered, and for what is not red, not its own or a symptom", () => {
    const answered = { by: "guard", at: 1 };
    for (const each of [
      red({ state: "acknowledged", acknowledged: answered }),
      red({ state: "latched", acknowledged: answered }),
      red({ state: "unacknowledged", priority: 2 }),
      red({ state: "unacknowledged", device: elsewhere }),
      red({ state: "unacknowledged", causeId: "switch" }),
    ])
      expect(obstacle(desk, [each])).toBeUndefined();
  });
});
