import fc from "fast-check";
import { expect, test } from "vitest";
import { OffsetLedger, type OffsetMeasurement } from "./offset-ledger.ts";

const HOUR = 3_600_000;

function ledger(kept = new Map<string, OffsetMeasurement>()) {
  const writes: string[] = [];
  const opened = new OffsetLedger({
    read: (device) => kept.get(device),
    keep: (device, known) => {
      writes.push(device);
      kept.set(device, known);
    },
  });
  const measured = (offset_ms: number, uncertainty_ms = 600, device = "camera-1"): number =>
    opened.measured(device, { offset_ms, uncertainty_ms });
  return { kept, measured, writes };
}

test("one bad measurement moves nothing, a second that agrees with it does: the clock was set", () => {
  const { measured } = ledger();
  expect([measured(8 * HOUR), measured(0), measured(8 * HOUR + 100)]).toEqual([
    8 * HOUR,
    8 * HOUR,
    8 * HOUR + 100,
  ]);
  expect([measured(0), measured(50)]).toEqual([8 * HOUR + 100, 50]);
});

test("two bad measurements that do not agree with each other move nothing either", () => {
  const { measured } = ledger();
  expect([measured(0), measured(HOUR), measured(-HOUR), measured(2 * HOUR)]).toEqual([0, 0, 0, 0]);
});

test("an answer that was long on its way does not replace one that was quick, and a drifting clock is followed", () => {
  const { measured } = ledger();
  measured(1_000, 520);
  expect(measured(4_000, 4_500)).toBe(1_000);
  let known = 0;
  for (let drift = 0; drift <= 5_000; drift += 100) known = measured(1_000 + drift, 520);
  expect(known).toBe(6_000);
});

test("what is known outlives a restart, is written only when it moves, and devices do not mix", () => {
  const before = ledger();
  for (let turn = 0; turn < 100; turn += 1) before.measured(HOUR + turn);
  before.measured(5, 600, "camera-2");
  expect(before.writes).toEqual(["camera-1", "camera-2"]);
  const after = ledger(before.kept);
  expect(after.measured(0)).toBe(HOUR);
  expect(after.measured(0, 600, "camera-2")).toBe(0);
});

test("with bounded errors and any one outlier in a row, what is given stays within the bounds of the truth", () => {
  const turns = fc.array(fc.record({ error: fc.integer({ min: -500, max: 500 }), wild: fc.boolean() }));
  fc.assert(
    fc.property(turns, fc.integer(), (measurements, wild) => {
      const { measured } = ledger();
      measured(0);
      let last = false;
      for (const each of measurements) {
        last = each.wild && !last;
        expect(Math.abs(last ? measured(wild, 500) : measured(each.error, 500))).toBeLessThanOrEqual(1_600);
      }
    }),
  );
});
