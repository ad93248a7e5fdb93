import { expect, test } from "vitest";
import { type DiskRoom, isDiskFull, stepDiskRoom } from "./disk-room.ts";

const limits = { lowBytes: 1_000, reserveBytes: 400 };

test.each<[before: DiskRoom, free: number, after: DiskRoom]>([
  ["ample", 1_000, "ample"],
  ["ample", 999, "low"],
  ["ample", 99, "exhausted"],
  ["low", 1_249, "low"],
  ["low", 1_250, "ample"],
  ["low", 100, "low"],
  ["low", 99, "exhausted"],
  // The reserve must find its room again.
  ["exhausted", 1_649, "exhausted"],
  ["exhausted", 1_650, "ample"],
])("from %s with %i bytes free comes %s", (before, free, after) => {
  expect(stepDiskRoom(before, free, limits)).toBe(after);
});

test("a disk is full in the words of the system and of SQLite, extended codes included", () => {
  expect(isDiskFull(Object.assign(new Error("no space"), { code: "ENOSPC" }))).toBe(true);
  expect(isDiskFull(Object.assign(new Error("full"), { code: "ERR_SQLITE_ERROR", errcode: 13 }))).toBe(true);
  expect(isDiskFull(Object.assign(new Error("busy"), { code: "ERR_SQLITE_ERROR", errcode: 5 }))).toBe(false);
  expect(isDiskFull("ENOSPC")).toBe(false);
});
