import { expect, test } from "vitest";
import { duration_ms, nearest } from "./index.ts";

test("only near words are suggested, the nearest first", () => {
  expect(nearest("gate-12", ["gate-1", "gate-122", "projector"])).toEqual(["gate-1", "gate-122"]);
  expect(nearest("x", ["projector"])).toEqual([]);
});

test("durations are read in all four units, and nothing else is one", () => {
  expect(["250ms", "5s", "2m", "1h"].map(duration_ms)).toEqual([250, 5_000, 120_000, 3_600_000]);
  expect(["", "5", "0s", "-1s", "1.5s", "5 s", "1d"].map(duration_ms)).toEqual(Array(7).fill(Number.NaN));
});
