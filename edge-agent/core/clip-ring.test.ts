import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ClipRing, RING_MS_MAX } from "./clip-ring.ts";

const some = (mark: number, length = 4): Uint8Array => new Uint8Array(length).fill(mark);
/** A key picture each second, three packets a second. */
function filled(seconds: number): ClipRing {
  const ring = new ClipRing();
  for (let second = 0; second < seconds; second += 1)
    for (const part of [0, 300, 600]) ring.add(some(second), part === 0, second * 1_000 + part);
  return ring;
}
const marks = (ring: ClipRing, from: number, to: number) => [
  ...new Set(ring.between(from, to)?.data.map(([mark]) => mark)),
];

describe("the last minute of a stream", () => {
  test("gives the pieces that a span touches, from a key picture on", () => {
    const ring = filled(20);
    expect(marks(ring, 5_500, 8_000)).toEqual([5, 6, 7, 8]);
    expect(ring.between(5_500, 8_000)).toMatchObject({ since_ms: 5_000, bytes: 48 });
    expect([ring.between(19_700, 30_000), ring.between(-9, -1)]).toEqual([undefined, undefined]);
  });

  test("forgets what is older than it may be, whether anything comes or not", () => {
    const ring = filled(100);
    expect(ring.between(0, 38_000)).toBeUndefined();
    expect(marks(ring, 0, 41_000).at(-1)).toBe(41);
    ring.forget(99_600 + RING_MS_MAX + 1);
    expect([ring.bytes, ring.newest_ms]).toEqual([0, undefined]);
  });

  test("drops what comes before its first key picture", () => {
    const ring = new ClipRing();
    ring.add(some(1), false, 0);
    expect(ring.bytes).toBe(0);
    ring.add(some(2), true, 10);
    expect(marks(ring, 0, 10)).toEqual([2]);
  });

  test("never holds more than it may, and counts what gave way", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ length: fc.integer({ min: 1, max: 60 }), key: fc.boolean() }), {
          maxLength: 60,
        }),
        (parts) => {
          const ring = new ClipRing(100);
          for (const [index, { key, length }] of parts.entries()) {
            ring.add(some(1, length), key, index);
            expect(ring.bytes).toBeLessThanOrEqual(100);
            expect(ring.bytes).toBe(ring.between(0, index)?.bytes ?? 0);
          }
        },
      ),
    );
    const small = new ClipRing(10);
    small.add(some(1, 8), true, 0);
    small.add(some(2, 8), true, 1);
    expect([small.overflows, marks(small, 0, 1)]).toEqual([1, [2]]);
  });
});
