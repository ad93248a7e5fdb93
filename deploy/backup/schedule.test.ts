import { describe, expect, test } from "vitest";
import { nextBackup, RETRY_MS } from "./schedule.ts";

const OFFSET_MS = 8 * 3_600_000;
const MINUTE = 150;
/** Local time in China. */
const at = (day: number, hour: number, minute = 0): number =>
  Date.UTC(2026, 10, day, hour, minute) - OFFSET_MS;
const next = (provenAt: number | undefined, now: number, failedAt?: number): number =>
  nextBackup({ provenAt, failedAt }, MINUTE, OFFSET_MS, now);

describe("the next backup", () => {
  test("is at 02:30 of the next night when the last night's was proven", () => {
    expect(next(at(22, 2, 30), at(22, 9))).toBe(at(23, 2, 30));
    expect(next(at(22, 2, 30), at(23, 2, 29))).toBe(at(23, 2, 30));
  });

  test("is now when the last night's is missing, or none was ever made", () => {
    expect(next(at(20, 2, 30), at(22, 9))).toBe(at(22, 9));
    expect(next(undefined, at(22, 9))).toBe(at(22, 9));
  });

  test("one that was made up for in the day stands for its night", () => {
    expect(next(at(22, 9), at(22, 10))).toBe(at(23, 2, 30));
  });

  test("is tried again half an hour after a failure, and at its time in any case", () => {
    expect(next(undefined, at(22, 9, 10), at(22, 9))).toBe(at(22, 9) + RETRY_MS);
    expect(next(undefined, at(22, 10), at(22, 9))).toBe(at(22, 10));
    expect(next(at(21, 2, 30), at(23, 2, 20), at(23, 2, 15))).toBe(at(23, 2, 30));
  });
});
