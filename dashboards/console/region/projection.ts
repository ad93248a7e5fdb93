/** From longitude and latitude to a drawing of the same shape, as wide as it is asked for. */
import type { Position, RegionMap } from "../../api/api.ts";

export interface Projection {
  readonly width: number;
  readonly height: number;
  readonly of: (position: Position) => Position;
}

/** Equirectangular, true to scale at the middle of what is shown: a city is too small for more. */
export function projectionOf({ areas, points }: RegionMap, width: number, margin: number): Projection {
  const all = [...areas.flatMap(({ polygons }) => polygons.flat(2)), ...points.map(({ at }) => at)];
  let [west, east, south, north] = [180, -180, 90, -90];
  for (const [x, y] of all) {
    [west, east] = [Math.min(west, x), Math.max(east, x)];
    [south, north] = [Math.min(south, y), Math.max(north, y)];
  }
  const squeeze = Math.cos((((south + north) / 2) * Math.PI) / 180);
  const across = Math.max((east - west) * squeeze, Number.EPSILON);
  const scale = (width - 2 * margin) / across;
  return {
    width,
    height: (north - south) * scale + 2 * margin,
    of: ([x, y]) => [margin + (x - west) * squeeze * scale, margin + (north - y) * scale],
  };
}

/** `M…Z` for each ring; a hole is what lies between an odd number of them. */
export function outline(polygons: readonly (readonly (readonly Position[])[])[], { of }: Projection): string {
  const at = (position: Position): string =>
    of(position)
      .map((each) => each.toFixed(1))
      .join(" ");
  return polygons
    .flat()
    .map((ring) => `M${ring.map(at).join("L")}Z`)
    .join("");
}
