import { expect, test } from "vitest";
import { energyIn, leftOnOf } from "./left-on.ts";

const MINUTE = 60_000;
const record = { room: "r", planned: false, classes: [], classHours: 0, evidence: ["power"] } as const;

test("what was left on is the waste, cut to when the equipment was on", () => {
  const records = [
    { ...record, use: "used", from: 0, to: 40 * MINUTE, on_ms: 40 * MINUTE },
    // A lesson that nobody planned: on for its last half.
    { ...record, use: "waste", from: 60 * MINUTE, to: 100 * MINUTE, on_ms: 20 * MINUTE },
    { ...record, use: "waste", from: 100 * MINUTE, to: 130 * MINUTE, on_ms: 30 * MINUTE },
  ] as const;
  const sessions = [
    { from: 0, to: 40 * MINUTE, evidence: ["power", "card"], devices: ["p"] },
    { from: 80 * MINUTE, evidence: ["power"], devices: ["p", "d"] },
  ] as const;
  expect(leftOnOf(records, sessions, 130 * MINUTE)).toEqual([
    { room: "r", from: 80 * MINUTE, to: 100 * MINUTE, devices: ["p", "d"] },
    { room: "r", from: 100 * MINUTE, to: 130 * MINUTE, devices: ["p", "d"] },
  ]);
});

test("its energy is what meters counted meanwhile, of a period in part that part; unmeasured is not nothing", () => {
  const measured = [
    [0, 0.5],
    [5 * MINUTE, 0.2],
    [10 * MINUTE, 0.1],
  ] as const;
  // Three of the first five minutes, all of the second five, none of the third: 0.3 + 0.2.
  expect(energyIn({ from: 2 * MINUTE, to: 10 * MINUTE }, measured, 5 * MINUTE)).toBeCloseTo(0.5, 12);
  expect(energyIn({ from: 15 * MINUTE, to: 20 * MINUTE }, measured, 5 * MINUTE)).toBeUndefined();
  expect(energyIn({ from: 0, to: MINUTE }, [[0, 0]], 5 * MINUTE)).toBe(0);
});
