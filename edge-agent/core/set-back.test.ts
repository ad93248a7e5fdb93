import { expect, test } from "vitest";
import { mustRetell, NEVER_SET_BACK, recordedAt, SET_BACK_MS_MIN } from "./set-back.ts";

const T = 1_790_000_000_000;
const begun = recordedAt(NEVER_SET_BACK, T, 1);

test("a clock that goes on, or is kept in time, tells nothing anew", () => {
  const later = recordedAt(recordedAt(begun, T + 5_000, 2), T + 5_000 - SET_BACK_MS_MIN, 3);
  expect(mustRetell(later, undefined)).toBe(false);
  expect(later.latest).toBe(T + 5_000);
});

test("after a clock was set back all is told anew, once what was recorded before has gone", () => {
  const back = recordedAt(begun, T - 86_400_000, 8);
  expect(mustRetell(back, 3)).toBe(false);
  expect(mustRetell(back, 8)).toBe(true);
  expect(mustRetell(back, undefined)).toBe(true);
});

test("a clock that is set back twice waits for what was recorded before the second time", () => {
  const twice = recordedAt(recordedAt(begun, T - 5_000, 8), T - 10_000, 12);
  expect(mustRetell(twice, 8)).toBe(false);
  expect(mustRetell(twice, 12)).toBe(true);
});
