import { expect, test } from "vitest";
import { CALLERS_MAX, RateLimit } from "./rate-limit.ts";

test("a burst passes, then as many as the rate gives, and one caller does not cost another", () => {
  const limit = new RateLimit({ burst: 3, perSecond: 2 });
  const passed = (now: number) =>
    Array.from({ length: 5 }, () => limit.take("a", now)).filter(Boolean).length;
  expect(passed(0)).toBe(3);
  expect(passed(1_000)).toBe(2);
  expect(limit.take("b", 1_000)).toBe(true);
  expect(passed(1_000_000)).toBe(3);
  expect(passed(0)).toBe(0);
});

test("made-up callers do not fill the memory", () => {
  const limit = new RateLimit({ burst: 1, perSecond: 1 });
  for (let each = 0; each < CALLERS_MAX + 100; each += 1) limit.take(`c${each}`, 0);
  expect(limit.size).toBe(CALLERS_MAX);
});
