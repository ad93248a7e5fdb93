import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CATCHING_UP_MS_MIN, Pace, SILENT_MS_MAX } from "./pace.ts";

const BEHIND_MS_MAX = 500;
const LOOK_MS = 10;
const TELL_MS = 100;

/** A flood that offers `offered` entries a millisecond, before a reader that takes `capacity` and says so now and then. */
function flood({ capacity, offered, for_ms }: { capacity: number; offered: number; for_ms: number }) {
  const pace = new Pace();
  let [last, read, behind_ms] = [0, 0, 0];
  pace.took("rules", 0, BEHIND_MS_MAX, 0);
  for (let at = LOOK_MS; at <= for_ms; at += LOOK_MS) {
    read = Math.min(last, read + capacity * LOOK_MS);
    if (at % TELL_MS === 0) pace.took("rules", Math.floor(read), BEHIND_MS_MAX, at);
    pace.look(last, at);
    for (let each = 0; each < offered * LOOK_MS && pace.admit(); each += 1) last += 1;
    // What is behind in truth, not as far as has been told.
    if (at > for_ms / 2) behind_ms = Math.max(behind_ms, (last - read) / capacity);
  }
  return { written: last, read, behind_ms };
}

describe("the pace of what is written", () => {
  test("is that of the reader in a flood: it has always something to read, and is never far behind", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.3, max: 20, noNaN: true }),
        fc.integer({ min: 2, max: 50 }),
        (capacity, times) => {
          const for_ms = 20_000;
          const { behind_ms, read } = flood({ capacity, offered: capacity * times, for_ms });
          expect(behind_ms).toBeLessThan(2 * BEHIND_MS_MAX);
          expect(read).toBeGreaterThan(0.8 * capacity * for_ms);
        },
      ),
      { numRuns: 50 },
    );
  });

  test("is whatever comes while the reader keeps up", () => {
    const { written } = flood({ capacity: 5, offered: 4, for_ms: 10_000 });
    expect(written).toBeGreaterThan(0.9 * 4 * 10_000);
  });
});

/** A reader that has read 100 entries and stands still, with more to read since 0 ms. */
function standing(): Pace {
  const pace = new Pace();
  pace.took("rules", 0, BEHIND_MS_MAX, -100);
  pace.look(100, -90);
  pace.took("rules", 100, BEHIND_MS_MAX, -50);
  pace.look(200, 0);
  return pace;
}

const admitted = (pace: Pace): number => {
  let count = 0;
  while (count < 10_000 && pace.admit()) count += 1;
  return count;
};

test("nothing is written for a reader that stands still, once it is as late as it may be", () => {
  const pace = standing();
  expect(pace.isBehind).toBe(false);
  pace.look(200, BEHIND_MS_MAX / 2 + LOOK_MS);
  expect(pace.isBehind).toBe(true);
  expect(admitted(pace)).toBeGreaterThan(0);
  pace.look(200, BEHIND_MS_MAX);
  expect(admitted(pace)).toBe(0);
});

test("a reader that is quiet because there is nothing to read is not behind", () => {
  const pace = standing();
  pace.took("rules", 200, BEHIND_MS_MAX, 10);
  pace.look(200, 4_000);
  pace.look(201, 4_010);
  expect(pace.isBehind).toBe(false);
});

test("nobody waits for a reader that has said nothing for a while, until it does", () => {
  const pace = standing();
  pace.look(200, SILENT_MS_MAX);
  expect(pace.isBehind).toBe(false);
  pace.took("rules", 101, BEHIND_MS_MAX, SILENT_MS_MAX + 10);
  pace.look(200, SILENT_MS_MAX + 20);
  expect(pace.isBehind).toBe(true);
});

test("a reader that comes back far behind leaves telemetry a part of its pace", () => {
  const pace = standing();
  for (let at = 0, seq = 101; at <= CATCHING_UP_MS_MIN; at += TELL_MS, seq += 1) {
    pace.took("rules", Math.min(seq, 199), BEHIND_MS_MAX, at);
    pace.look(200, at);
  }
  expect(pace.isBehind).toBe(true);
  pace.look(200, CATCHING_UP_MS_MIN + LOOK_MS);
  expect(admitted(pace)).toBeGreaterThan(0);
});
