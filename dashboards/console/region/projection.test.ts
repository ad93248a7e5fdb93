import { expect, test } from "vitest";
import type { Position } from "../../api/api.ts";
import { outline, projectionOf } from "./projection.ts";

const RING: readonly Position[] = [
  [114, 36],
  [115, 36],
  [115, 37],
  [114, 37],
];
const map = { areas: [{ code: "a", polygons: [[RING]] }], points: [] };

test("north is up, west is left, and a square degree is as much narrower as it is on the ground", () => {
  const { height, of, width } = projectionOf(map, 420, 10);
  expect(of([114, 37])).toEqual([10, 10]);
  expect(of([115, 36])).toEqual([width - 10, height - 10]);
  expect((height - 20) / (width - 20)).toBeCloseTo(1 / Math.cos((36.5 * Math.PI) / 180), 6);
});

test("an outline is a closed path for each ring", () => {
  const drawn = outline([[RING, RING]], projectionOf(map, 420, 10));
  expect(drawn.match(/M/g)).toHaveLength(2);
  expect(drawn.match(/Z/g)).toHaveLength(2);
});
