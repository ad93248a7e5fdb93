/** The tree of roll-ups from the city down. A parent's counts are the fold of its children's: nothing else is added. */
import {
  type AssetLevel,
  type AssetPath,
  addRollups,
  completeness,
  EMPTY_ROLLUP,
  foldRollups,
  intactRate,
  type LocalText,
  type Rollup,
  type Site,
  type Timestamp,
} from "@campus-ops/device-profiles/vocabulary";
import type { RollupView } from "./api.ts";

export interface Range {
  readonly from: Timestamp;
  readonly to: Timestamp;
}

/** Adds up what several parts of the platform counted for the same campus; `known` of it, which stays as it is. */
export function mergeCampusCounts(
  parts: Iterable<{ readonly campus: string; readonly counts: Rollup }>,
  known?: ReadonlyMap<string, Rollup>,
): ReadonlyMap<string, Rollup> {
  const merged = new Map(known);
  for (const { campus, counts } of parts) {
    const before = merged.get(campus);
    if (before === undefined) merged.set(campus, counts);
    // Most campuses of a city have no alarm.
    else if (Object.keys(counts).length > 0) merged.set(campus, addRollups(before, counts));
  }
  return merged;
}

/**
 * The tree as far as the caller sees: campuses outside of that are neither shown nor counted, so a county official's
 * city holds that county alone.
 */
export function rollupTree(
  site: Site,
  campuses: ReadonlyMap<string, Rollup>,
  range: Range,
  visible: (path: AssetPath) => boolean,
  /** Campuses whose own hub is cut off, and since when: their figures are as of then. */
  lastKnown: ReadonlyMap<string, Timestamp> = new Map(),
): RollupView {
  const cityPath = site.city.code;
  const counties = site.counties.flatMap((county) => {
    const countyPath = `${cityPath}/${county.code}`;
    const children = county.campuses.flatMap(({ id, title }) => {
      const path = `${countyPath}/${id}`;
      if (!visible(path)) return [];
      const campus = view(path, "campus", title, range, campuses.get(id) ?? EMPTY_ROLLUP, []);
      const since = lastKnown.get(id);
      return [since === undefined ? campus : { ...campus, lastKnown: since }];
    });
    return children.length === 0 ? [] : [parent(countyPath, "county", county.title, range, children)];
  });
  return parent(cityPath, "city", site.city.title, range, counties);
}

function parent(
  path: AssetPath,
  level: AssetLevel,
  title: LocalText,
  range: Range,
  children: readonly RollupView[],
): RollupView {
  return view(path, level, title, range, foldRollups(children.map(({ counts }) => counts)), children);
}

function view(
  path: AssetPath,
  level: AssetLevel,
  title: LocalText,
  range: Range,
  counts: Rollup,
  children: readonly RollupView[],
): RollupView {
  const complete = completeness(counts);
  const intact = intactRate(counts);
  return {
    path,
    level,
    title,
    ...range,
    counts,
    ...(complete === undefined ? {} : { completeness: complete }),
    ...(intact === undefined ? {} : { intactRate: intact }),
    children,
  };
}
