/** The customer's own map of their city, as the API answers it; see `../api/api.ts` for the rest. */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";

export type Position = readonly [longitude: number, latitude: number];

/** One county's outline: polygons, each an outer ring and its holes. */
export interface MapArea {
  /** The county's code, as the site has it. */
  readonly code: string;
  readonly polygons: readonly (readonly (readonly Position[])[])[];
}

export interface MapPoint {
  /** The campus's id, as the site has it. */
  readonly campus: string;
  readonly at: Position;
}

export interface RegionMap {
  readonly areas: readonly MapArea[];
  readonly points: readonly MapPoint[];
}

export interface RegionMapView extends RegionMap {
  /** 审图号: shown wherever the map is (regulation on map administration, article 23). */
  readonly reviewNumber: string;
  readonly by: string;
  readonly at: Timestamp;
}

export interface RegionMapBody {
  readonly reviewNumber: string;
  /** GeoJSON (RFC 7946): a FeatureCollection of counties by `code`, and of campuses by `campus`. */
  readonly geojson: unknown;
}
