import { DATA_CLASSES, type DataClass } from "@campus-ops/device-profiles/vocabulary";
import fc from "fast-check";
import { expect, test } from "vitest";
import { addLoss, type Loss, RESERVE_SHARE, whoGivesWay } from "./outbox-policy.ts";

const none = { alarm: 0, access: 0, state: 0, telemetry: 0, bulk: 0 };
const usage = fc.record(
  Object.fromEntries(DATA_CLASSES.map((each) => [each, fc.nat(2_000)])) as Record<
    DataClass,
    fc.Arbitrary<number>
  >,
);

test("nobody gives way within the budget", () => {
  expect(whoGivesWay({ ...none, telemetry: 750 }, 1_000)).toBeUndefined();
});

test("telemetry never takes the reserve of alarm and access", () => {
  expect(whoGivesWay({ ...none, telemetry: 751 }, 1_000)).toMatchObject({ dataClass: "telemetry" });
  expect(whoGivesWay({ ...none, alarm: 1_000 }, 1_000)).toBeUndefined();
});

test("the least precious class that holds anything gives way, until all is within the budget", () => {
  fc.assert(
    fc.property(usage, fc.integer({ min: 1, max: 3_000 }), (start, bytesMax) => {
      const left: Record<DataClass, number> = { ...start };
      for (;;) {
        const way = whoGivesWay(left, bytesMax);
        if (way === undefined) break;
        const rank = DATA_CLASSES.indexOf(way.dataClass);
        expect(DATA_CLASSES.slice(rank + 1).every((each) => left[each] === 0)).toBe(true);
        left[way.dataClass] = Math.max(0, left[way.dataClass] - way.bytes);
      }
      const total = DATA_CLASSES.reduce((sum, each) => sum + left[each], 0);
      expect(total).toBeLessThanOrEqual(bytesMax);
      expect(left.state + left.telemetry + left.bulk).toBeLessThanOrEqual(bytesMax * (1 - RESERVE_SHARE));
      // Who was within the reserve never loses anything.
      if (start.alarm + start.access <= bytesMax * RESERVE_SHARE) {
        expect([left.alarm, left.access]).toEqual([start.alarm, start.access]);
      }
    }),
  );
});

test("losses add up whatever their order", () => {
  const loss = fc.record<Loss>({
    dataClass: fc.constantFrom("telemetry", "state"),
    count: fc.nat(100),
    from: fc.nat(1_000),
    to: fc.integer({ min: 1_000, max: 2_000 }),
    reason: fc.constantFrom("budget", "age"),
  });
  const key = ({ dataClass, reason }: Loss) => `${dataClass}/${reason}`;
  const sorted = (losses: readonly Loss[]) => losses.toSorted((a, b) => key(a).localeCompare(key(b)));
  const fold = (losses: readonly Loss[]) => sorted(losses.reduce<readonly Loss[]>(addLoss, []));
  fc.assert(
    fc.property(fc.array(loss, { maxLength: 20 }), (losses) => {
      expect(fold(losses.toReversed())).toEqual(fold(losses));
      const counted = fold(losses).reduce((sum, { count }) => sum + count, 0);
      expect(counted).toBe(losses.reduce((sum, { count }) => sum + count, 0));
    }),
  );
});
