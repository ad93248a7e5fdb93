import { describe, expect, test } from "vitest";
import type { AlarmView } from "../api.ts";
import {
  ALARMS_WATCHED_MAX,
  AlarmPerformance,
  DESK_TIMES_MAX,
  FLOOD_ALARMS_MAX,
  FLOOD_WINDOW_MS,
  isStale,
  STALE_MS,
} from "./performance.ts";

const MINUTE = 60_000;
const alarm = (id: string, campus = "a"): AlarmView =>
  ({ id, device: { path: `990100/990101/${campus}` } }) as AlarmView;
const desks = [
  { id: "county", scope: [] },
  { id: "a", scope: ["990100/990101/a"] },
];
const floods = (performance: AlarmPerformance, now: number) =>
  performance.desks(now).map(({ newAlarms, floodSince }) => [newAlarms, floodSince]);

describe("a flood", () => {
  test("is more than ten new alarms in ten minutes at one desk, and over below five", () => {
    const performance = new AlarmPerformance(desks);
    for (let index = 0; index < FLOOD_ALARMS_MAX; index += 1)
      performance.rang(alarm(`${index}`, "b"), index * 1_000);
    expect(floods(performance, 9_000)).toEqual([
      [10, undefined],
      [0, undefined],
    ]);
    performance.rang(alarm("eleventh"), 10_000);
    expect(floods(performance, 10_000)).toEqual([
      [11, 10_000],
      [1, undefined],
    ]);
    expect(floods(performance, FLOOD_WINDOW_MS + 5_000)[0]).toEqual([5, 10_000]);
    expect(floods(performance, FLOOD_WINDOW_MS + 6_000)[0]).toEqual([4, undefined]);
  });

  test("of ten thousand alarms takes no more memory than one of a thousand", () => {
    const performance = new AlarmPerformance(desks);
    for (let index = 0; index < 10_000; index += 1) performance.rang(alarm(`${index}`), index);
    expect(floods(performance, 10_000)[0]).toEqual([DESK_TIMES_MAX, FLOOD_ALARMS_MAX]);
  });
});

describe("chatter", () => {
  test("is three raisings within a minute, until it has been quiet for ten", () => {
    const performance = new AlarmPerformance(desks);
    for (const at of [0, 40_000, 61_000]) performance.rang(alarm("slow"), at);
    for (const at of [62_000, 90_000, 122_000]) performance.rang(alarm("fast"), at);
    expect([...performance.chattering(123_000).keys()]).toEqual(["fast"]);
    expect([...performance.chattering(122_000 + FLOOD_WINDOW_MS).keys()]).toEqual([]);
  });

  test("is watched for so many alarms and no more", () => {
    const performance = new AlarmPerformance(desks);
    for (const at of [0, 1, 2]) performance.rang(alarm("first"), at);
    for (let index = 0; index < ALARMS_WATCHED_MAX; index += 1) performance.rang(alarm(`${index}`), 3);
    expect([...performance.chattering(4).keys()]).toEqual([]);
  });
});

test("an alarm that stands for more than a day is stale; a shelved one is somebody's decision", () => {
  const standing = { ...alarm("x"), raisedAt: 0, state: "acknowledged" } as AlarmView;
  expect(isStale(standing, STALE_MS)).toBe(false);
  expect(isStale(standing, STALE_MS + 1)).toBe(true);
  expect(isStale({ ...standing, state: "shelved" }, STALE_MS + MINUTE)).toBe(false);
});
