/**
 * The asset tree: city / county / campus / building / floor / space.
 *
 * City and county are named by their GB/T 2260 codes, the campus by its id, and the rest by short ids of the school's
 * own. A path may stop at any level; a device usually names its space.
 */
import type { CampusId } from "./ids.ts";
import type { LocalText } from "./text.ts";

export const ASSET_LEVELS = ["city", "county", "campus", "building", "floor", "space"] as const;
export type AssetLevel = (typeof ASSET_LEVELS)[number];

/** Segments joined by `/`, for example `990100/990102/qiyun-no1/a/3/301`. */
export type AssetPath = string & { readonly __asset?: never };

const SEGMENT = /^[a-z0-9][a-z0-9-]{0,63}$/;

export class InvalidAssetPathError extends Error {
  override readonly name = "InvalidAssetPathError";
}

/** Checks a path: 1 to 6 segments of lower-case letters, digits and hyphens. Throws {@link InvalidAssetPathError}. */
export function AssetPath(text: string): AssetPath {
  const segments = text.split("/");
  if (segments.length > ASSET_LEVELS.length) {
    throw new InvalidAssetPathError(
      `asset path ${JSON.stringify(text)} has ${segments.length} levels; there are ${ASSET_LEVELS.length}: ${ASSET_LEVELS.join("/")}`,
    );
  }
  const bad = segments.find((segment) => !SEGMENT.test(segment));
  if (bad !== undefined) {
    throw new InvalidAssetPathError(
      `asset path ${JSON.stringify(text)}: segment ${JSON.stringify(bad)} must be 1 to 64 lower-case letters, digits or hyphens`,
    );
  }
  return text;
}

export function assetLevel(path: AssetPath): AssetLevel {
  return ASSET_LEVELS[path.split("/").length - 1] ?? "space";
}

/** True when `path` is `scope` itself or lies below it. The empty scope holds everything. */
export function isWithin(path: AssetPath, scope: AssetPath | ""): boolean {
  return scope === "" || path === scope || path.startsWith(`${scope}/`);
}

/** The ancestor at `level`, or undefined when the path does not reach that deep. */
export function ancestorAt(path: AssetPath, level: AssetLevel): AssetPath | undefined {
  const depth = ASSET_LEVELS.indexOf(level) + 1;
  const segments = path.split("/");
  return segments.length < depth ? undefined : segments.slice(0, depth).join("/");
}

/** The part of the tree a hub is configured with: names for the levels above the buildings. */
export interface Site {
  /** IANA name of the time of all of it; China's unless said. */
  readonly timeZone?: string;
  readonly city: { readonly code: string; readonly title: LocalText };
  readonly counties: readonly County[];
}

export interface County {
  /** GB/T 2260 code, six digits. */
  readonly code: string;
  readonly title: LocalText;
  readonly campuses: readonly Campus[];
}

export interface Campus {
  readonly id: CampusId;
  readonly title: LocalText;
  /** Titles of buildings, floors and spaces by their path below the campus, for example `a/3/301`. */
  readonly places?: Readonly<Record<string, LocalText>>;
}

/** The same city with this campus and no other. */
export function siteOfCampus(site: Site, campus: string): Site {
  const counties = site.counties.map((county) => ({
    ...county,
    campuses: county.campuses.filter(({ id }) => id === campus),
  }));
  return { ...site, counties: counties.filter(({ campuses }) => campuses.length > 0) };
}

/** `city/county/campus` of a campus, or undefined when the site does not know it. */
export function campusPath(site: Site, campus: string): AssetPath | undefined {
  const county = site.counties.find((each) => each.campuses.some(({ id }) => id === campus));
  return county === undefined ? undefined : `${site.city.code}/${county.code}/${campus}`;
}
