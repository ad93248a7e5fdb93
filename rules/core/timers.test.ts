import fc from "fast-check";
import { expect, test } from "vitest";
import { type Timed, Timers } from "./timers.ts";

const NEVER = Number.POSITIVE_INFINITY;
const timed = (ordinal: number, due: number): Timed => ({ ordinal, due, scheduled: NEVER });

function takeAll(timers: Timers<Timed>, now: number): number[] {
  const taken: number[] = [];
  for (let item = timers.take(now); item !== undefined; item = timers.take(now)) taken.push(item.ordinal);
  return taken;
}

test("whose time has come is taken once, the earliest first", () => {
  const timers = new Timers<Timed>();
  for (const item of [timed(1, 30), timed(2, 10), timed(3, 10), timed(4, 99)]) timers.update(item);
  expect(timers.earliest).toBe(10);
  expect(takeAll(timers, 30)).toEqual([2, 3, 1]);
  expect(takeAll(timers, 30)).toEqual([]);
  expect(timers.earliest).toBe(99);
});

test("a due time that moved is the one that counts, earlier, later or never", () => {
  const timers = new Timers<Timed>();
  const [sooner, later, never] = [timed(1, 50), timed(2, 50), timed(3, 50)] as const;
  for (const item of [sooner, later, never]) timers.update(item);
  sooner.due = 20;
  later.due = 80;
  never.due = NEVER;
  for (const item of [sooner, later, never]) timers.update(item);
  expect(takeAll(timers, 20)).toEqual([1]);
  expect(takeAll(timers, 79)).toEqual([]);
  expect(takeAll(timers, 80)).toEqual([2]);
  expect(timers.earliest).toBe(NEVER);
});

test("rebuilt from what its items remember, it hands them out in the same order", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(20), fc.nat(20)), { maxLength: 60 }), (moves) => {
      const moved = new Timers<Timed>();
      const items = moves.map(([first, then], ordinal) => {
        const item = timed(ordinal, first);
        moved.update(item);
        item.due = then;
        moved.update(item);
        return item;
      });
      const rebuilt = new Timers<Timed>();
      for (const { due, ordinal } of items) rebuilt.update(timed(ordinal, due));
      expect(takeAll(moved, 20)).toEqual(takeAll(rebuilt, 20));
    }),
  );
});
