import { expect, test } from "vitest";
import { cycleCalendar, DAY_MS } from "./calendar.ts";
import { metresOutside, type Place, routeOf } from "./route.ts";

const calendar = cycleCalendar({ period_ms: DAY_MS, anchor: 0, windows: { arrival: [[0, 1_000]] } });
const IN_FORCE = 500;
const AFTERWARDS = 1_500;

/** One degree of a great circle is 111.2 km; of a parallel at 60° half of it. */
const route = routeOf({
  school: [60, 10],
  schoolRadius: 100,
  corridor: 200,
  lines: [
    {
      during: ["arrival"],
      points: [
        [60.1, 10],
        [60.05, 10],
        [60.05, 10.1],
      ],
    },
  ],
});
const off = (place: Place, at = IN_FORCE): number =>
  Math.round(metresOutside(route, "route", place, calendar, at));

test("metres are counted from the border of the corridor, along and beside a line and around its corner", () => {
  expect(off([60.07, 10])).toBe(0);
  expect(off([60.07, 10.003])).toBe(0);
  expect(off([60.07, 10.01])).toBe(Math.round(0.01 * 111_195 * Math.cos((60.07 * Math.PI) / 180)) - 200);
  expect(off([60.05, 9.99])).toBe(Math.round(0.01 * 111_195 * Math.cos((60.05 * Math.PI) / 180)) - 200);
  expect(off([60.04, 10.05])).toBe(Math.round(0.01 * 111_195) - 200);
  expect(off([60.11, 10])).toBe(Math.round(0.01 * 111_195) - 200);
});

test("the school's own ground belongs to every route, and while no line is driven the bus may stand anywhere", () => {
  expect(off([60, 10.001])).toBe(0);
  expect(off([60.02, 10])).toBeGreaterThan(1_000);
  expect(off([60.02, 10], AFTERWARDS)).toBe(0);
});

test("both ends of a line are ends; the school is the school alone", () => {
  const outside = (area: "school" | "end", place: Place): number =>
    Math.round(metresOutside(route, area, place, calendar, AFTERWARDS));
  expect([outside("end", [60.1, 10]), outside("end", [60.05, 10.1]), outside("end", [60, 10])]).toEqual([
    0, 0, 0,
  ]);
  expect(outside("end", [60.05, 10.05])).toBe(
    Math.round(0.05 * 111_195 * Math.cos((60.05 * Math.PI) / 180)) - 100,
  );
  expect(outside("school", [60.1, 10])).toBe(Math.round(0.1 * 111_195) - 100);
});

test("a line across 180° is no longer than others", () => {
  const pacific = routeOf({
    school: [0, 179],
    schoolRadius: 100,
    corridor: 200,
    lines: [
      {
        during: ["arrival"],
        points: [
          [0, 179.99],
          [0, -179.99],
        ],
      },
    ],
  });
  expect(metresOutside(pacific, "route", [0, 179.995], calendar, IN_FORCE)).toBe(0);
  expect(metresOutside(pacific, "route", [0, -179.995], calendar, IN_FORCE)).toBe(0);
});
