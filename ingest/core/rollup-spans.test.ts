import type { RollupCount } from "@campus-ops/device-profiles/vocabulary";
import fc from "fast-check";
import { expect, test } from "vitest";
import { BUCKET_MS } from "./rollup.ts";
import { RollupSpans, SPANS_MAX } from "./rollup-spans.ts";

const HOUR_BUCKETS = 12;
const COUNTS: readonly RollupCount[] = ["access.granted", "samples.received"];

interface Written {
  readonly campus: string;
  readonly bucket: number;
  readonly count: RollupCount;
  readonly by: number;
}

const written = fc.record({
  campus: fc.constantFrom("a", "b"),
  bucket: fc.integer({ min: 0, max: 60 }),
  count: fc.constantFrom(...COUNTS),
  by: fc.integer({ min: -3, max: 9 }),
});
const asked = fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 60 }));

test("whatever is written and asked in turn, the counts of a range are the sum of its buckets", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(written, fc.option(asked), fc.boolean())), (steps) => {
      const all: Written[] = [];
      const spans = new RollupSpans(function* (from, to) {
        for (const { campus, bucket, count, by } of all)
          if (bucket * BUCKET_MS >= from && bucket * BUCKET_MS < to) yield [campus, count, by];
      });
      for (const [write, ask, takenBack] of steps) {
        all.push(write);
        spans.add(write.campus, write.bucket * BUCKET_MS, write.count, write.by);
        if (takenBack) {
          all.pop();
          spans.clear();
        }
        if (ask === null) continue;
        const [from, width] = ask;
        const found = spans.between(from * BUCKET_MS, (from + width) * BUCKET_MS);
        for (const campus of ["a", "b"]) {
          for (const count of COUNTS) {
            const expected = all
              .filter((each) => each.campus === campus && each.count === count)
              .filter(({ bucket }) => bucket >= from && bucket < from + width)
              .reduce((sum, { by }) => sum + by, 0);
            expect(found.get(campus)?.[count] ?? 0).toBe(expected);
          }
        }
      }
    }),
  );
});

test("an hour is read once and then followed; a range of many hours is read as one, and keeps nothing", () => {
  const read: number[] = [];
  const spans = new RollupSpans(function* (from, to) {
    read.push((to - from) / BUCKET_MS);
    yield ["a", "access.granted", 1];
  });
  const hour = HOUR_BUCKETS * BUCKET_MS;
  for (let time = 0; time < 3; time += 1) spans.between(hour - BUCKET_MS, 3 * hour);
  expect(read).toEqual([1, HOUR_BUCKETS, HOUR_BUCKETS]);
  spans.add("a", hour, "access.granted", 4);
  expect(spans.between(hour, 2 * hour).get("a")).toEqual({ "access.granted": 5 });
  spans.between(0, (SPANS_MAX + 1) * hour);
  expect(read.at(-1)).toBe((SPANS_MAX + 1) * HOUR_BUCKETS);
  spans.forgetBefore(2 * hour);
  spans.between(hour, 3 * hour);
  expect(read.slice(-1)).toEqual([HOUR_BUCKETS]);
  expect(read).toHaveLength(5);
});
