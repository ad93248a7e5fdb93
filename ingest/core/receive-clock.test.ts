import fc from "fast-check";
import { expect, test } from "vitest";
import { JUMP_CONFIRMED_MS, JUMP_MS_MAX, ReceiveClock } from "./receive-clock.ts";

const T = 1_790_000_000_000;
const HOUR = 3_600_000;
const YEAR = 365 * 24 * HOUR;

test("follows a wall clock that runs and is steered", () => {
  const clock = new ReceiveClock(T - HOUR, T, 0);
  expect([clock.at(T + 10, 10), clock.at(T + 5_000, 1_000), clock.at(T + 6_000, 2_000)]).toEqual([
    T + 10,
    T + 5_000,
    T + 6_000,
  ]);
});

test("a jump years ahead that is undone in minutes leaves no trace", () => {
  const clock = new ReceiveClock(0, T, 0);
  expect(clock.at(T + 10 * YEAR, 1_000)).toBe(T + 1_000);
  expect(clock.at(T + 10 * YEAR + HOUR, JUMP_CONFIRMED_MS - 1)).toBe(T + JUMP_CONFIRMED_MS - 1);
  expect(clock.at(T + JUMP_CONFIRMED_MS, JUMP_CONFIRMED_MS)).toBe(T + JUMP_CONFIRMED_MS);
});

test("a clock that was really set is followed once it has kept to it for a while", () => {
  const clock = new ReceiveClock(0, T, 0);
  clock.at(T + YEAR, 0);
  expect(clock.at(T + YEAR + JUMP_CONFIRMED_MS, JUMP_CONFIRMED_MS)).toBe(T + YEAR + JUMP_CONFIRMED_MS);
});

test("a journal that is ahead of the wall clock goes on at half speed until it is caught up with", () => {
  const clock = new ReceiveClock(T + HOUR, T, 0);
  expect(clock.wallAhead_ms).toBe(-HOUR);
  expect(clock.at(T + HOUR, HOUR)).toBe(T + HOUR + HOUR / 2);
  expect(clock.at(T + 2 * HOUR, 2 * HOUR)).toBe(T + 2 * HOUR);
  expect(clock.at(T + 3 * HOUR, 3 * HOUR)).toBe(T + 3 * HOUR);
});

test("whatever the wall clock does, time never goes back, never stands still, and never jumps unconfirmed", () => {
  const moves = fc.array(
    fc.record({ step: fc.integer({ min: -YEAR, max: YEAR }), passed: fc.integer({ min: 2, max: 60_000 }) }),
  );
  fc.assert(
    fc.property(moves, (steps) => {
      const clock = new ReceiveClock(0, T, 0);
      let [wall, uptime, before] = [T, 0, T];
      for (const { passed, step } of steps) {
        wall += passed + step;
        uptime += passed;
        const now = clock.at(wall, uptime);
        expect(now).toBeGreaterThan(before);
        if (uptime < JUMP_CONFIRMED_MS) {
          expect(now - T).toBeLessThanOrEqual(uptime + JUMP_MS_MAX * steps.length);
        }
        before = now;
      }
    }),
  );
});
