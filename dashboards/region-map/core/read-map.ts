/** What of a GeoJSON (RFC 7946) is drawn: outlines and points that the site knows, and nothing else that stands in it. */
import type { LocalText, Site } from "@campus-ops/device-profiles/vocabulary";
import type { MapArea, MapPoint, Position, RegionMap } from "../api.ts";

/** A city's counties and campuses, with room to spare. */
export const FEATURES_MAX = 2_000;
/** More is not seen on a screen, and slow to draw; simplify the outlines. */
export const POSITIONS_MAX = 50_000;
const PROBLEMS_MAX = 20;
/** Marks of the national and the provincial offices: GS(2024)0650号, GS京(2023)1234号, 冀S(2023)012号. */
const REVIEW_NUMBER = /^(?:GS\p{Script=Han}?|\p{Script=Han}{1,2}S)\s?[(（]\d{4}[)）]\s?\d{1,6}\s?号$/u;

export const isReviewNumber = (text: string): boolean => REVIEW_NUMBER.test(text.trim());

const said = (zh: string, en: string): LocalText => ({ zh, en });

type Node = Readonly<Record<string, unknown>>;
const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The map, or what is wrong with it. */
export function readMap(
  geojson: unknown,
  { counties }: Site,
): { readonly map: RegionMap } | { readonly problems: readonly LocalText[] } {
  const problems: LocalText[] = [];
  const wrong = (zh: string, en: string): void => {
    if (problems.length < PROBLEMS_MAX) problems.push({ zh, en });
  };
  const features = isNode(geojson) && geojson.type === "FeatureCollection" ? geojson.features : undefined;
  if (!Array.isArray(features))
    wrong("不是 GeoJSON 的 FeatureCollection", "this is no GeoJSON FeatureCollection");
  else if (features.length > FEATURES_MAX)
    wrong(`最多 ${FEATURES_MAX} 个要素`, `${FEATURES_MAX} features at most`);
  if (problems.length > 0 || !Array.isArray(features)) return { problems };

  const countyOf = new Map(
    counties.flatMap(({ campuses, code }) => campuses.map(({ id }): [string, string] => [id, code])),
  );
  const areas = new Map<string, MapArea>();
  const points: MapPoint[] = [];
  let positions = 0;
  const ring = (value: unknown): readonly Position[] | undefined => {
    if (!Array.isArray(value) || value.length < 4) return undefined;
    positions += value.length;
    const read = value.map(positionOf).filter((each) => each !== undefined);
    return read.length === value.length ? read : undefined;
  };
  const look = (feature: unknown, number: number): LocalText | undefined => {
    const { geometry, properties } = isNode(feature) ? feature : {};
    const { campus, code } = isNode(properties) ? properties : {};
    const { coordinates, type } = isNode(geometry) ? geometry : {};
    if (type === "Point") {
      const at = positionOf(coordinates);
      if (typeof campus !== "string" || !countyOf.has(campus))
        return said(
          `第 ${number} 个要素：点的 campus 不是本市的学校编号`,
          `feature ${number}: the point's campus is none of this site`,
        );
      if (at === undefined)
        return said(
          `第 ${number} 个要素：坐标不是经纬度`,
          `feature ${number}: its coordinates are no longitude and latitude`,
        );
      points.push({ campus, at });
      return undefined;
    }
    if (type !== "Polygon" && type !== "MultiPolygon")
      return said(
        `第 ${number} 个要素：只支持 Polygon、MultiPolygon 与 Point`,
        `feature ${number}: only Polygon, MultiPolygon and Point can be drawn`,
      );
    if (typeof code !== "string" || counties.every((county) => county.code !== code))
      return said(
        `第 ${number} 个要素：code 不是本市的区县代码`,
        `feature ${number}: its code is no county of this site`,
      );
    const listed: unknown = type === "Polygon" ? [coordinates] : coordinates;
    const polygons = (Array.isArray(listed) ? listed : []).map((polygon: unknown) =>
      (Array.isArray(polygon) ? polygon : [undefined]).map(ring),
    );
    if (polygons.length === 0 || polygons.flat().includes(undefined))
      return said(
        `第 ${number} 个要素：坐标不是经纬度，或环少于四个点`,
        `feature ${number}: its coordinates are no longitude and latitude, or a ring has fewer than four`,
      );
    const whole = polygons.map((rings) => rings.flatMap((each) => (each === undefined ? [] : [each])));
    areas.set(code, { code, polygons: [...(areas.get(code)?.polygons ?? []), ...whole] });
    return undefined;
  };
  for (const [index, feature] of features.entries()) {
    const problem = look(feature, index + 1);
    if (problem !== undefined) wrong(problem.zh, problem.en);
  }
  if (positions > POSITIONS_MAX)
    wrong(
      `最多 ${POSITIONS_MAX} 个坐标点，请先简化边界`,
      `${POSITIONS_MAX} positions at most: simplify the outlines first`,
    );
  if (problems.length === 0 && areas.size === 0)
    wrong("没有任何区县的边界", "there is no county's outline in it");
  for (const { at, campus } of points) {
    const area = areas.get(countyOf.get(campus) ?? "");
    if (area !== undefined && !isInside(at, area))
      wrong(
        `学校 ${campus} 的点不在其区县的边界内，经度与纬度可能写反了`,
        `the point of ${campus} lies outside of its county: longitude and latitude may be the wrong way round`,
      );
  }
  return problems.length > 0 ? { problems } : { map: { areas: [...areas.values()], points } };
}

function positionOf(value: unknown): Position | undefined {
  const [longitude, latitude] = Array.isArray(value) ? (value as readonly unknown[]) : [];
  if (typeof longitude !== "number" || typeof latitude !== "number") return undefined;
  return Math.abs(longitude) <= 180 && Math.abs(latitude) <= 90 ? [longitude, latitude] : undefined;
}

/** Even-odd, over all rings: a hole is outside. */
export function isInside([x, y]: Position, { polygons }: MapArea): boolean {
  let inside = false;
  for (const ring of polygons.flat())
    ring.forEach(([x1, y1], index) => {
      const [x2, y2] = ring[(index + 1) % ring.length] ?? [x1, y1];
      if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) inside = !inside;
    });
  return inside;
}
