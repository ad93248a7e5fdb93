import fc from "fast-check";
import { expect, test } from "vitest";
import { bcdTime, encodeBcdTime, encodeSecondFirstTime, secondFirstTime } from "./china-time.ts";

const second = fc.integer({ min: Date.UTC(2000, 0, 1) / 1000, max: Date.UTC(2099, 11, 31) / 1000 });

test("digits of Beijing time are an instant", () => {
  expect(bcdTime(Uint8Array.of(0x18, 0x10, 0x15, 0x10, 0x10, 0x10))).toBe(Date.UTC(2018, 9, 15, 2, 10, 10));
  expect(secondFirstTime(Uint8Array.of(5, 4, 3, 2, 1, 26))).toBe(Date.UTC(2026, 0, 1, 19, 4, 5));
});

test("what is no time is none", () => {
  expect(bcdTime(Uint8Array.of(0x1a, 1, 1, 0, 0, 0))).toBeUndefined();
  expect(bcdTime(new Uint8Array(6))).toBeUndefined();
  expect(bcdTime(Uint8Array.of(0x26, 1, 1))).toBeUndefined();
  expect(secondFirstTime(Uint8Array.of(60, 60, 0, 1, 1, 26))).toBeUndefined();
  expect(secondFirstTime(new Uint8Array(6).fill(0xff))).toBeUndefined();
});

test("a time that is written is read again, in both forms", () => {
  fc.assert(
    fc.property(second, (time) => {
      expect(bcdTime(encodeBcdTime(time * 1000))).toBe(time * 1000);
      expect(secondFirstTime(encodeSecondFirstTime(time * 1000))).toBe(time * 1000);
    }),
  );
});
