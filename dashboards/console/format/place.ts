import type { Campus, Language, LocalText, Site } from "@campus-ops/device-profiles/vocabulary";
import { localText } from "../text/language.tsx";

/** What the hub's own parts are devices of; no school's. */
export const HUB_CAMPUS = "hub";
const HUB_TITLE: LocalText = { zh: "本平台", en: "this hub" };

export function campusOf(site: Site | undefined, id: string): Campus | undefined {
  return site?.counties.flatMap((county) => county.campuses).find((campus) => campus.id === id);
}

/** The asset path of a campus; "" for one that the site does not know. */
export function campusScope(site: Site | undefined, id: string): string {
  const county = site?.counties.find(({ campuses }) => campuses.some((campus) => campus.id === id));
  return county === undefined ? "" : `${site?.city.code}/${county.code}/${id}`;
}

export function campusTitle(site: Site | undefined, id: string, language: Language): string {
  const title = campusOf(site, id)?.title ?? (id === HUB_CAMPUS ? HUB_TITLE : undefined);
  return title === undefined ? id : localText(title, language);
}

/**
 * The names along a path, from the campus down: “启运一中 · 教学楼A · 3层 · 301”. A segment without a title stands
 * for itself.
 */
export function placeText(site: Site | undefined, path: string, language: Language): string {
  const segments = path.split("/");
  const campusId = segments[2];
  if (campusId === undefined) return regionTitle(site, segments, language);
  return [campusTitle(site, campusId, language), ...placesBelow(site, path, language)].join(" · ");
}

/** The innermost place alone: for what stands under the rest of its path. */
export const innermostPlaceText = (site: Site | undefined, path: string, language: Language): string =>
  placesBelow(site, path, language).at(-1) ?? placeText(site, path, language);

/** The campus and the innermost place: what fits on one line of a list. */
export function shortPlaceText(site: Site | undefined, path: string, language: Language): string {
  const segments = path.split("/");
  const campusId = segments[2];
  if (campusId === undefined) return regionTitle(site, segments, language);
  const innermost = placesBelow(site, path, language).at(-1);
  const campus = campusTitle(site, campusId, language);
  return innermost === undefined ? campus : `${campus} · ${innermost}`;
}

function placesBelow(site: Site | undefined, path: string, language: Language): string[] {
  const [, , campusId, ...below] = path.split("/");
  const places: Readonly<Record<string, LocalText>> = campusOf(site, campusId ?? "")?.places ?? {};
  return below.map((segment, depth) => {
    const key = below.slice(0, depth + 1).join("/");
    const title = Object.hasOwn(places, key) ? places[key] : undefined;
    return title === undefined ? segment : localText(title, language);
  });
}

function regionTitle(site: Site | undefined, segments: readonly string[], language: Language): string {
  const county = site?.counties.find(({ code }) => code === segments[1]);
  const title = county?.title ?? (segments.length === 1 ? site?.city.title : undefined);
  return title === undefined ? segments.join("/") : localText(title, language);
}
