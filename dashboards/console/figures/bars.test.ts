import { expect, test } from "vitest";
import { BUCKET_MS, barsOf } from "./bars.ts";

const MIDNIGHT = new Date(2026, 8, 7).getTime();
const DAY_MS = 24 * 3_600_000;

test("every ten minutes of a day has its bar, the quiet ones too", () => {
  const bars = barsOf([[MIDNIGHT + BUCKET_MS, 3]], MIDNIGHT, MIDNIGHT + 3 * BUCKET_MS);
  expect(bars.map(({ raised }) => raised)).toEqual([0, 3, 0]);
});

test("of a week each day has the fullest of its ten minutes, and that is what it opens", () => {
  const busiest = MIDNIGHT + DAY_MS + 50 * BUCKET_MS;
  const bars = barsOf(
    [
      [MIDNIGHT, 1],
      [MIDNIGHT + DAY_MS, 2],
      [busiest, 7],
    ],
    MIDNIGHT,
    MIDNIGHT + 7 * DAY_MS,
  );
  expect(bars.map(({ raised }) => raised)).toEqual([1, 7, 0, 0, 0, 0, 0]);
  expect(bars[1]).toEqual({ from: MIDNIGHT + DAY_MS, raised: 7, bucket: busiest });
});
