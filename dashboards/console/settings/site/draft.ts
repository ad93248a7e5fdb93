/** The tree of city, counties and campuses while it is edited; codes are what the rest of the hub knows a place by. */
import {
  type Campus,
  CampusId,
  type County,
  type LocalText,
  type Site,
} from "@campus-ops/device-profiles/vocabulary";

/** A code as its type has it; what is no id is refused by the hub, by field. */
export interface NewCampus {
  readonly id: string;
  readonly title: LocalText;
}

const NO_SITE: Site = { city: { code: "", title: { zh: "", en: "" } }, counties: [] };

/** The hub has checked it: a site is never without its city. */
export const readSite = (value: unknown): Site =>
  typeof value === "object" && value !== null && "city" in value ? (value as Site) : NO_SITE;

/** A name of which one language may be left out: it is the other's then. */
export function wholeTitle({ en, zh }: LocalText): LocalText {
  const [first, second] = [zh.trim(), en.trim()];
  return { zh: first === "" ? second : first, en: second === "" ? first : second };
}

export function withCounty(site: Site, county: { readonly code: string; readonly title: LocalText }): Site {
  const added = { code: county.code.trim(), title: wholeTitle(county.title), campuses: [] };
  return { ...site, counties: [...site.counties, added] };
}

export function withoutCounty(site: Site, code: string): Site {
  return { ...site, counties: site.counties.filter((county) => county.code !== code) };
}

export function renamedCounty(site: Site, code: string, title: LocalText): Site {
  return ofCounty(site, code, (county) => ({ ...county, title: wholeTitle(title) }));
}

/** Throws an `InvalidIdError` for what is no id of a campus. */
export function withCampus(site: Site, code: string, { id, title }: NewCampus): Site {
  const campus = { id: CampusId(id.trim()), title: wholeTitle(title) };
  return ofCounty(site, code, (county) => ({ ...county, campuses: [...county.campuses, campus] }));
}

export function withoutCampus(site: Site, id: string): Site {
  return {
    ...site,
    counties: site.counties.map((county) => ({
      ...county,
      campuses: county.campuses.filter((campus) => campus.id !== id),
    })),
  };
}

export function changedCampus(site: Site, next: Campus): Site {
  const campus = { ...next, title: wholeTitle(next.title) };
  return {
    ...site,
    counties: site.counties.map((county) => ({
      ...county,
      campuses: county.campuses.map((each) => (each.id === campus.id ? campus : each)),
    })),
  };
}

function ofCounty(site: Site, code: string, change: (county: County) => County): Site {
  return {
    ...site,
    counties: site.counties.map((county) => (county.code === code ? change(county) : county)),
  };
}

/** Names of buildings, floors and rooms as people write them, a place a line: `a/3/301 301 教室 / Room 301`. */
export function placesText(places: Campus["places"] = {}): string {
  return Object.entries(places)
    .map(([below, { en, zh }]) => `${below} ${en === zh ? zh : `${zh} / ${en}`}`)
    .join("\n");
}

export interface PlacesRead {
  readonly places: Readonly<Record<string, LocalText>>;
  /** Lines, from 1, that no place could be read from, or whose place an earlier one has. */
  readonly wrong: readonly number[];
}

export function readPlaces(text: string): PlacesRead {
  const places = new Map<string, LocalText>();
  const wrong: number[] = [];
  for (const [index, line] of text.normalize("NFKC").split(/\r?\n/).entries()) {
    if (line.trim() === "") continue;
    const [, below = "", names = ""] = /^\s*([a-z0-9-]+(?:\/[a-z0-9-]+){0,2})[\s,:]+(\S.*)$/.exec(line) ?? [];
    const [zh = "", en = ""] = names.split(/\s+\/\s*|\s*\/\s+/);
    if (below === "" || names === "" || places.has(below)) wrong.push(index + 1);
    else places.set(below, wholeTitle({ zh, en }));
  }
  return { places: Object.fromEntries(places), wrong };
}
