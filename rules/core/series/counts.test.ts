import { SERIES_COUNTS } from "@campus-ops/device-profiles/vocabulary";
import { expect, test } from "vitest";
import { BUCKET_MS, Counts } from "./counts.ts";

const NOBODY = {
  room: "r",
  planned: false,
  classes: [],
  use: "unused",
  classHours: 0,
  on_ms: 0,
  evidence: [],
} as const;

/** A name as the list of series has it: without its instance. */
const known = (metric: string): boolean =>
  Object.hasOwn(SERIES_COUNTS, metric.replace(/^([^/]+)\/[^/]+\/([^/]+)$/, "$1/$2"));

test("seconds of a device lie in the five minutes that they belong to", () => {
  const counts = new Counts();
  const minute = 60_000;
  counts.addHealth(
    [
      { from: 0, to: 4 * minute, state: "working", faults: [] },
      { from: 4 * minute, to: 7 * minute, state: "unreachable", faults: [] },
      { from: 7 * minute, to: 9 * minute, state: "unknown", faults: [] },
      { from: 9 * minute, to: 30 * minute, state: "faulty", faults: ["Video/Loss"] },
    ],
    2 * minute,
    12 * minute,
  );
  const [expected, reachable, unknown] = ["Expected", "Reachable", "Unknown"].map(
    (what) => `Counts/deviceSeconds${what}`,
  );
  expect(counts.list()).toEqual([
    { start: 0, metric: expected, value: 180 },
    { start: 0, metric: reachable, value: 120 },
    { start: BUCKET_MS, metric: expected, value: 300 },
    { start: BUCKET_MS, metric: unknown, value: 120 },
    { start: BUCKET_MS, metric: reachable, value: 60 },
    { start: 2 * BUCKET_MS, metric: expected, value: 120 },
    { start: 2 * BUCKET_MS, metric: reachable, value: 120 },
  ]);
});

test("class-hours count where their lesson began, against those that there were", () => {
  const counts = new Counts();
  const record = { ...NOBODY, from: BUCKET_MS, to: 2 * BUCKET_MS };
  counts.addUse(
    "maker",
    [
      { ...record, planned: true, use: "used", classHours: 2 },
      { ...record, planned: true, use: "unknown" },
      { ...record, use: "waste", on_ms: 90_000 },
    ],
    [{ from: BUCKET_MS, to: 2 * BUCKET_MS, period: 1, day: 0 }],
    3,
  );
  const figure = (what: string, value: number) => ({
    start: BUCKET_MS,
    metric: `Rooms/maker/${what}`,
    value,
  });
  expect(counts.list()).toEqual([
    figure("ClassHours", 2),
    figure("LessonsKnown", 1),
    figure("LessonsUnknown", 1),
    figure("LeftOnSeconds", 90),
    figure("ClassHoursPossible", 3),
  ]);
  expect(counts.list().filter(({ metric }) => !known(metric))).toEqual([]);
});
