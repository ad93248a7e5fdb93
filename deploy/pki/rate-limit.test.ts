import { expect, test } from "vitest";
import { ADDRESSES_MAX, RateLimit } from "./rate-limit.ts";

test("so many in a minute of one address, and again in the next; others are not concerned", () => {
  const limit = new RateLimit(2);
  const asked = (address: string, at_ms: number) => limit.allows(address, at_ms);
  expect([asked("a", 0), asked("a", 1), asked("a", 2), asked("b", 3)]).toEqual([true, true, false, true]);
  expect([asked("a", 59_999), asked("a", 60_000)]).toEqual([false, true]);
});

test("beyond so many addresses the first are forgotten, and no more are kept", () => {
  const limit = new RateLimit(1);
  for (let index = 0; index <= ADDRESSES_MAX; index += 1) limit.allows(String(index), 0);
  expect([limit.allows("0", 1), limit.allows(String(ADDRESSES_MAX), 1)]).toEqual([true, false]);
});
