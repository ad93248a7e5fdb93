import { expect, test } from "vitest";
import { ClockWish, WISH_MS_MAX, WISH_MS_MIN } from "./clock-wish.ts";

const T = 1_790_000_000_000;

test("the earliest wish counts, until an entry has told that time", () => {
  const clock = new ClockWish();
  expect(clock.wait_ms(T)).toBeUndefined();
  expect(clock.wish(T + 500, T)).toBe(true);
  expect(clock.wish(T + 700, T)).toBe(false);
  expect(clock.wish(T + 300, T)).toBe(true);
  expect(clock.wait_ms(T)).toBe(300);
  clock.told(T + 299);
  expect(clock.wait_ms(T + 299)).toBe(WISH_MS_MIN);
  clock.told(T + 300);
  expect(clock.wait_ms(T + 300)).toBeUndefined();
});

test("a wish for what was told already, or for later than the clock ticks by itself, is none", () => {
  const clock = new ClockWish();
  clock.told(T);
  expect(clock.wish(T, T)).toBe(false);
  expect(clock.wish(T + WISH_MS_MAX + 1, T)).toBe(false);
  expect(clock.wait_ms(T)).toBeUndefined();
});

test("wishes without end make no more than so many entries", () => {
  const clock = new ClockWish();
  let entries = 0;
  for (let now = T; now < T + 1_000; now += 1) {
    clock.wish(now + 1, now);
    if (clock.wait_ms(now) !== 0) continue;
    clock.told(now);
    entries += 1;
  }
  expect(entries).toBeLessThanOrEqual(1_000 / WISH_MS_MIN + 1);
});
