import fc from "fast-check";
import { expect, test } from "vitest";
import { AGING_RATE_MAX, AgingClock } from "./aging.ts";

const HOUR = 3_600_000;
const YEAR = 365 * 24 * HOUR;

test("follows a clock that runs, and one that is put back", () => {
  const aging = new AgingClock(undefined);
  expect([aging.at(YEAR, 0), aging.at(YEAR + HOUR, HOUR), aging.at(YEAR - HOUR, HOUR + 1)]).toEqual([
    YEAR,
    YEAR + HOUR,
    YEAR - HOUR,
  ]);
});

test("a jump of ten years that lasts an hour ages data by a day, and by nothing once it is undone", () => {
  const aging = new AgingClock(undefined);
  aging.at(YEAR, 0);
  expect(aging.at(11 * YEAR, 1)).toBeLessThan(YEAR + 1_000);
  expect(aging.at(11 * YEAR, HOUR)).toBe(YEAR + AGING_RATE_MAX * HOUR);
  expect(aging.at(YEAR + 2 * HOUR, 2 * HOUR)).toBe(YEAR + 2 * HOUR);
});

test("over a restart it goes on where it was, also with a clock that is wrong", () => {
  expect(new AgingClock(YEAR).at(11 * YEAR, 5 * HOUR)).toBe(YEAR);
  expect(new AgingClock(11 * YEAR).at(YEAR, 0)).toBe(YEAR);
});

test("whatever the wall clock does, age never exceeds it and grows no faster than its rate", () => {
  const steps = fc.array(fc.record({ wall: fc.nat(1e12), passed: fc.nat(1e7) }), { minLength: 1 });
  fc.assert(
    fc.property(steps, (moves) => {
      const aging = new AgingClock(undefined);
      let uptime = 0;
      let before: number | undefined;
      for (const { wall, passed } of moves) {
        uptime += passed;
        const now = aging.at(wall, uptime);
        expect(now).toBeLessThanOrEqual(wall);
        expect(now - (before ?? now)).toBeLessThanOrEqual(passed * AGING_RATE_MAX);
        before = now;
      }
    }),
  );
});
