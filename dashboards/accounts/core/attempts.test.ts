import { expect, test } from "vitest";
import { Attempts, BUCKETS_MAX, FREE_FAILURES, WAIT_MS_MAX } from "./attempts.ts";

const fail = (attempts: Attempts, keys: readonly string[], times: number, now = 0): void => {
  for (let each = 0; each < times; each += 1) attempts.failed(keys, now);
};

test("typing errors cost nothing, and then each failure doubles the wait up to a quarter of an hour", () => {
  const attempts = new Attempts();
  const waits = Array.from({ length: 20 }, () => {
    attempts.failed(["account guard"], 0);
    return attempts.wait(["account guard"], 0);
  });
  expect(waits.slice(0, FREE_FAILURES + 3)).toEqual([0, 0, 0, 0, 1_000, 2_000, 4_000, 8_000]);
  expect(waits.at(-1)).toBe(WAIT_MS_MAX);
  expect(attempts.wait(["account guard"], WAIT_MS_MAX)).toBe(0);
});

test("a stranger who tries the desk's name all night does not make the desk wait", () => {
  const attempts = new Attempts();
  fail(attempts, ["account guard", "address 10.0.0.9"], 1_000);
  expect(attempts.wait(["device d1 of guard", "address 10.0.0.1"], 0)).toBe(0);
  expect(attempts.wait(["account guard", "address 10.0.0.1"], 0)).toBe(WAIT_MS_MAX);
});

test("an address that tries many names waits, whatever the name", () => {
  const attempts = new Attempts();
  for (let each = 0; each < FREE_FAILURES + 4; each += 1)
    attempts.failed([`account a${each}`, "address 10.0.0.9"], 0);
  expect(attempts.wait(["account new", "address 10.0.0.9"], 0)).toBe(16_000);
});

test("who signed in starts afresh, and so does who has been quiet for a day", () => {
  const attempts = new Attempts();
  fail(attempts, ["account a"], 9);
  attempts.succeeded(["account a"]);
  expect(attempts.wait(["account a"], 0)).toBe(0);
  fail(attempts, ["account b"], 30);
  attempts.failed(["account b"], 25 * 3_600_000);
  expect(attempts.wait(["account b"], 25 * 3_600_000)).toBe(0);
});

test("made-up names do not fill the memory, and the newest stay", () => {
  const attempts = new Attempts();
  for (let each = 0; each < BUCKETS_MAX + 500; each += 1) attempts.failed([`account a${each}`], 0);
  expect(attempts.size).toBe(BUCKETS_MAX);
  fail(attempts, [`account a${BUCKETS_MAX + 499}`], FREE_FAILURES - 1);
  expect(attempts.wait([`account a${BUCKETS_MAX + 499}`], 0)).toBeGreaterThan(0);
});
