import type { AssetPath, Site } from "./asset.ts";

/** The part of the tree that a hub is about: the lowest place that holds all of its campuses. */
export function hubPlace({ city, counties }: Site): AssetPath {
  const [county, ...others] = counties;
  if (county === undefined || others.length > 0) return city.code;
  const [campus, ...more] = county.campuses;
  const countyPath = `${city.code}/${county.code}`;
  return campus === undefined || more.length > 0 ? countyPath : `${countyPath}/${campus.id}`;
}

/** What a hub is called among hubs, in the stamps of what is done there: the last segment of its place. */
export function hubIdOf(site: Site): string {
  const place = hubPlace(site);
  return place.slice(place.lastIndexOf("/") + 1);
}
