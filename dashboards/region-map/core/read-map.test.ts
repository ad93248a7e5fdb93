import { CampusId, type Site } from "@campus-ops/device-profiles/vocabulary";
import { describe, expect, test } from "vitest";
import { FEATURES_MAX, isInside, isReviewNumber, POSITIONS_MAX, readMap } from "./read-map.ts";

const title = { zh: "甲", en: "a" };
const SITE: Site = {
  city: { code: "990100", title },
  counties: [{ code: "990102", title, campuses: [{ id: CampusId("first"), title }] }],
};
const SQUARE = [
  [114, 36],
  [115, 36],
  [115, 37],
  [114, 37],
  [114, 36],
];
const HOLE = [
  [114.4, 36.4],
  [114.6, 36.4],
  [114.6, 36.6],
  [114.4, 36.6],
  [114.4, 36.4],
];
const county = (coordinates: unknown, more: object = {}) => ({
  type: "Feature",
  properties: { code: "990102", name: "<script>", ...more },
  geometry: { type: "Polygon", coordinates },
});
const campus = (coordinates: unknown, id = "first") => ({
  type: "Feature",
  properties: { campus: id },
  geometry: { type: "Point", coordinates },
});
const read = (...features: unknown[]) => readMap({ type: "FeatureCollection", features }, SITE);
const told = (...features: unknown[]): readonly string[] => {
  const result = read(...features);
  return "problems" in result ? result.problems.map(({ en }) => en) : [];
};

test("of a map only outlines, points and codes are kept, whatever else stands in it", () => {
  expect(read(county([SQUARE, HOLE], { style: "x" }), campus([114.2, 36.2, 80]))).toEqual({
    map: {
      areas: [{ code: "990102", polygons: [[SQUARE, HOLE]] }],
      points: [{ campus: "first", at: [114.2, 36.2] }],
    },
  });
});

test("several features of one county, and a MultiPolygon, are one area", () => {
  const multi = { ...county([]), geometry: { type: "MultiPolygon", coordinates: [[SQUARE], [HOLE]] } };
  expect(read(multi, county([SQUARE]))).toMatchObject({ map: { areas: [{ polygons: [{}, {}, {}] }] } });
});

test("each mistake is told with its feature", () => {
  expect(
    told(
      county([[[200, 36]]]),
      county([SQUARE], { code: "1" }),
      campus(["a", 1]),
      campus([114, 36], "nobody"),
      { type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: [] } },
      null,
    ),
  ).toEqual([
    expect.stringContaining("feature 1: its coordinates"),
    expect.stringContaining("feature 2: its code"),
    expect.stringContaining("feature 3: its coordinates"),
    expect.stringContaining("feature 4: the point's campus"),
    expect.stringContaining("feature 5: only Polygon"),
    expect.stringContaining("feature 6: only Polygon"),
  ]);
});

test("a campus outside of its county, or in a hole of it, is a mistake: longitude and latitude change places easily", () => {
  expect(told(county([SQUARE, HOLE]), campus([36.5, 80]))).toHaveLength(1);
  expect(told(county([SQUARE, HOLE]), campus([114.5, 36.5]))).toHaveLength(1);
  expect(isInside([114.2, 36.2], { code: "", polygons: [[SQUARE as never]] })).toBe(true);
});

test("what is no map, has nothing to draw or is too large is refused", () => {
  for (const none of [null, [], {}, { type: "FeatureCollection" }, "text"])
    expect(readMap(none, SITE)).toHaveProperty("problems");
  expect(told()).toEqual(["there is no county's outline in it"]);
  expect(told(...Array.from({ length: FEATURES_MAX + 1 }, () => county([SQUARE])))[0]).toContain("at most");
  const long = Array.from({ length: POSITIONS_MAX + 1 }, () => [114, 36]);
  expect(told(county([long]))[0]).toContain("simplify");
});

describe("a review number", () => {
  test.each([
    ["GS(2024)0650号", true],
    ["GS京（2023）1234号", true],
    ["冀S(2023)012号", true],
    ["2024", false],
    ["GS(2024)<b>号", false],
  ])("%s: %s", (text, right) => {
    expect(isReviewNumber(text)).toBe(right);
  });
});
