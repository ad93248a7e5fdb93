/** Where a bus is to be: its school, and the corridors that it may drive in. Plane geometry, right to a metre in a city. */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { Calendar } from "./calendar.ts";

/** WGS 84 degrees, as the terminals tell them: what a Chinese map shows (GCJ-02) lies some hundred metres beside. */
export type Place = readonly [latitude: number, longitude: number];

export interface RouteLine {
  readonly points: readonly Place[];
  /** Windows of the school's calendar in which the bus drives here. */
  readonly during: readonly string[];
}

export interface Route {
  readonly school: Place;
  readonly schoolRadius_m: number;
  /** To each side of a line. */
  readonly corridor_m: number;
  readonly lines: readonly RouteLine[];
}

/** A route as it is written in a configuration or a trace. */
export interface RouteDocument {
  readonly school: readonly number[];
  readonly schoolRadius: number;
  readonly corridor: number;
  readonly lines: readonly { readonly during: readonly string[]; readonly points: readonly number[][] }[];
}

/**
 * route: the corridors of the lines driven at that moment · school: the circle around the school · end: that circle, and
 * one as large around either end of each line.
 */
export const AREAS = ["route", "school", "end"] as const;
export type Area = (typeof AREAS)[number];

/** The schema has seen to the shapes. */
export function routeOf({ school, schoolRadius, corridor, lines }: RouteDocument): Route {
  return {
    school: placeOf(school),
    schoolRadius_m: schoolRadius,
    corridor_m: corridor,
    lines: lines.map(({ during, points }) => ({ during, points: points.map(placeOf) })),
  };
}

const placeOf = ([latitude = 0, longitude = 0]: readonly number[]): Place => [latitude, longitude];

/**
 * Metres from `place` to the border of the area, 0 inside of it. While no line is driven the whole world is the route: a
 * bus may stand where it likes.
 */
export function metresOutside(
  route: Route,
  area: Area,
  place: Place,
  calendar: Calendar,
  at: Timestamp,
): number {
  const { corridor_m, lines, school, schoolRadius_m } = route;
  const beyond = (metres: number, border_m: number): number => Math.max(0, metres - border_m);
  if (area === "route") {
    const driven = lines.filter(({ during }) => during.some((window) => calendar.isIn(window, at)));
    if (driven.length === 0) return 0;
    return Math.min(
      beyond(metresBetween(place, school), schoolRadius_m),
      ...driven.map(({ points }) => beyond(metresToLine(place, points), corridor_m)),
    );
  }
  const ends = area === "school" ? [] : lines.flatMap(({ points }) => [points[0], points.at(-1)]);
  return Math.min(
    ...[school, ...ends].map((each) =>
      each === undefined ? Number.POSITIVE_INFINITY : beyond(metresBetween(place, each), schoolRadius_m),
    ),
  );
}

/** Of a degree of latitude; of a sphere as large as the earth. */
const METRES_PER_DEGREE = 111_195;

type Metres = readonly [east: number, north: number];

/** `to` as seen from `from`, on the plane that touches the earth there. */
function metresFrom([latitude, longitude]: Place, to: Place): Metres {
  // Neighbours on either side of 180° are neighbours.
  const eastward = ((to[1] - longitude + 540) % 360) - 180;
  return [
    eastward * METRES_PER_DEGREE * Math.cos((latitude * Math.PI) / 180),
    (to[0] - latitude) * METRES_PER_DEGREE,
  ];
}

const metresBetween = (from: Place, to: Place): number => Math.hypot(...metresFrom(from, to));

function metresToLine(place: Place, points: readonly Place[]): number {
  const seen = points.map((point) => metresFrom(place, point));
  return Math.min(...seen.map((point, index) => metresToSegment(seen[index - 1] ?? point, point)));
}

/** From the origin to the nearest point of the segment. */
function metresToSegment([fromEast, fromNorth]: Metres, [toEast, toNorth]: Metres): number {
  const [east, north] = [toEast - fromEast, toNorth - fromNorth];
  const length2 = east * east + north * north;
  const along = length2 === 0 ? 0 : -(fromEast * east + fromNorth * north) / length2;
  const share = Math.min(1, Math.max(0, along));
  return Math.hypot(fromEast + share * east, fromNorth + share * north);
}
