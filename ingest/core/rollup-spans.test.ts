import { ROLLUP_COUNT_NAMES, type RollupCount } from "@campus-ops/device-profiles/vocabulary";
import fc from "fast-check";
import { expect, test } from "vitest";
import { BUCKET_MS } from "./rollup.ts";
import { CampusSums, LONG_SPANS_MAX, RANGE_HOURS_MAX, RollupSpans, SPANS_MAX } from "./rollup-spans.ts";

const HOUR_BUCKETS = 12;
const COUNTS: readonly RollupCount[] = ["access.granted", "samples.received"];
const CAMPUSES = ["a", "b", "c"];

interface Written {
  readonly campus: string;
  readonly bucket: number;
  readonly count: RollupCount;
  readonly by: number;
}

const written = fc.record({
  campus: fc.constantFrom(...CAMPUSES),
  bucket: fc.integer({ min: 0, max: 60 }),
  count: fc.constantFrom(...COUNTS),
  by: fc.integer({ min: -3, max: 9 }),
});
const asked = fc.record({
  from: fc.integer({ min: 0, max: 60 }),
  width: fc.oneof(fc.integer({ min: 1, max: 60 }), fc.constant((RANGE_HOURS_MAX + 1) * HOUR_BUCKETS)),
  /** Steps of reading before what is written next; then it is left at that, and read at once when it is asked for. */
  steps: fc.nat(30),
});

/** As the file does it: the first bucket that has anything. */
const reading = (all: readonly Written[]) =>
  new RollupSpans((from, to, take) => {
    const there = all.map(({ bucket }) => bucket * BUCKET_MS).filter((start) => start >= from && start < to);
    if (there.length === 0) return to;
    const first = Math.min(...there);
    for (const { bucket, campus, count, by } of all)
      if (bucket * BUCKET_MS === first) take(campus, count, by);
    return first + BUCKET_MS;
  });

test("whatever is written, asked and taken back in turn, the counts of a range are the sum of its buckets", () => {
  const step = fc.record({ write: written, ask: fc.option(asked), takenBack: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const all: Written[] = [];
      const spans = reading(all);
      const begun: { readonly from: number; readonly to: number; readonly reading: Generator<void> }[] = [];
      const check = ({ from, to }: { readonly from: number; readonly to: number }): void => {
        const sums = spans.between(from * BUCKET_MS, to * BUCKET_MS);
        for (const campus of CAMPUSES) {
          const inside = all.filter(
            (each) => each.campus === campus && each.bucket >= from && each.bucket < to,
          );
          const of = (count: RollupCount): number =>
            inside.filter((each) => each.count === count).reduce((sum, { by }) => sum + by, 0);
          const expected = COUNTS.map((count) => [count, of(count)] as const).filter(([, sum]) => sum !== 0);
          expect(sums.of(campus)).toEqual(Object.fromEntries(expected));
        }
      };
      for (const { ask, takenBack, write } of steps) {
        all.push(write);
        spans.add(write.campus, write.bucket * BUCKET_MS, write.count, write.by);
        if (takenBack) {
          all.pop();
          spans.clear();
        }
        for (const each of begun.splice(0)) check(each);
        if (ask === null) continue;
        const range = { from: ask.from, to: ask.from + ask.width };
        const reading = spans.prepare(range.from * BUCKET_MS, range.to * BUCKET_MS);
        for (let at = 0; at < ask.steps && reading.next().done !== true; at += 1);
        begun.push({ ...range, reading });
      }
      for (const each of begun) {
        for (const _ of each.reading);
        check(each);
      }
    }),
  );
});

test("an hour is read once and then followed, a bucket at a step; one whose buckets are known is not read at all", () => {
  const read: number[] = [];
  const hour = HOUR_BUCKETS * BUCKET_MS;
  const spans = new RollupSpans((from, _, take) => {
    read.push(from / BUCKET_MS);
    take("a", "access.granted", 1);
    return from + BUCKET_MS;
  });
  for (let time = 0; time < 3; time += 1) spans.between(hour - BUCKET_MS, 2 * hour);
  expect(read).toEqual(Array.from({ length: 1 + HOUR_BUCKETS }, (_, at) => HOUR_BUCKETS - 1 + at));
  spans.add("a", hour, "access.granted", 4);
  expect(spans.between(hour, 2 * hour).of("a")).toEqual({ "access.granted": HOUR_BUCKETS + 4 });
  read.length = 0;
  expect([...spans.prepare(3 * hour - 3 * BUCKET_MS, 3 * hour)]).toHaveLength(3);
  expect(read).toHaveLength(3);
  for (let bucket = 0; bucket < HOUR_BUCKETS; bucket += 1)
    spans.between(4 * hour + bucket * BUCKET_MS, 4 * hour + (bucket + 1) * BUCKET_MS);
  read.length = 0;
  expect(spans.between(4 * hour, 5 * hour).of("a")).toEqual({ "access.granted": HOUR_BUCKETS });
  expect(read).toEqual([]);
});

test("stretches beyond the bound are read again, and what is deleted before a time is forgotten", () => {
  let reads = 0;
  const spans = new RollupSpans((_, to) => {
    reads += 1;
    return to;
  });
  const readsOf = (work: () => void): number => {
    reads = 0;
    work();
    return reads;
  };
  const bucket = (at: number) => spans.between(at * BUCKET_MS, (at + 1) * BUCKET_MS);
  expect(readsOf(() => bucket(0))).toBe(1);
  for (let at = 1; at < SPANS_MAX; at += 1) bucket(at);
  expect(readsOf(() => bucket(0))).toBe(0);
  bucket(SPANS_MAX);
  expect(readsOf(() => bucket(0))).toBe(0);
  expect(readsOf(() => bucket(1))).toBe(1);
  const long = (at: number) => spans.between(at, at + (RANGE_HOURS_MAX + 1) * HOUR_BUCKETS * BUCKET_MS);
  for (let at = 0; at < LONG_SPANS_MAX; at += 1) expect(readsOf(() => long(at * BUCKET_MS))).toBe(1);
  expect(readsOf(() => long(0))).toBe(0);
  expect(readsOf(() => long(LONG_SPANS_MAX * BUCKET_MS))).toBe(1);
  expect(readsOf(() => long(BUCKET_MS))).toBe(1);
  spans.forgetBefore(3 * BUCKET_MS);
  expect(readsOf(() => bucket(0))).toBe(1);
  expect(readsOf(() => long(BUCKET_MS))).toBe(1);
});

test("sums of campuses that came one after the other are told apart, campus by campus", () => {
  const rows = new Map<string, number>();
  const before = new CampusSums(rows);
  before.add("a", "access.granted", 1);
  const after = new CampusSums(rows);
  after.addAll(before);
  for (const [at, count] of ROLLUP_COUNT_NAMES.entries()) after.add("b", count, at);
  expect([after.isSame("a", before), after.isSame("b", before), after.isSame("c", before)]).toEqual([
    true,
    false,
    true,
  ]);
  expect(after.of("b")).toEqual(
    Object.fromEntries(ROLLUP_COUNT_NAMES.map((count, at) => [count, at]).slice(1)),
  );
});
