/**
 * What must hold of a hub's tree of city, counties and campuses before a change of it counts. Codes are what history, rights,
 * certificates and the hub above know a place by: names may change at any time, codes never.
 */
import {
  AssetPath,
  campusPath,
  hubPlace,
  InvalidAssetPathError,
  type LocalText,
  type Site,
} from "@campus-ops/device-profiles/vocabulary";

/** Counties and campuses of one hub, and named places of one campus: what pages and selects can still show. */
export const COUNTIES_MAX = 200;
export const CAMPUSES_MAX = 2_000;
export const PLACES_MAX = 5_000;
export const TITLE_CHARACTERS_MAX = 60;

/** As a setting's problems are answered. */
export interface SiteProblem {
  /** Below `site`. */
  readonly field: string;
  readonly zh: string;
  readonly en: string;
}

export interface SiteStanding {
  /** The tree in force. */
  readonly site: Site;
  /** Campuses that boxes or devices have been heard from. */
  readonly inUse: ReadonlySet<string>;
  /** A hub above knows this one by its place. */
  readonly reportsAbove: boolean;
}

export interface SiteChanges {
  /** Places by their path: counties, campuses, and named places below them. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly renamed: readonly {
    readonly place: string;
    readonly before: LocalText;
    readonly after: LocalText;
  }[];
}

/** What a change comes to, for people: a tree of thousands of places would hide it. */
export function siteChanges(before: Site, after: Site): SiteChanges {
  const [old, next] = [titlesOf(before), titlesOf(after)];
  return {
    added: [...next.keys()].filter((place) => !old.has(place)),
    removed: [...old.keys()].filter((place) => !next.has(place)),
    renamed: [...next].flatMap(([place, title]) => {
      const known = old.get(place);
      return known === undefined || (known.zh === title.zh && known.en === title.en)
        ? []
        : [{ place, before: known, after: title }];
    }),
  };
}

function titlesOf({ city, counties }: Site): ReadonlyMap<string, LocalText> {
  return new Map([
    [city.code, city.title] as const,
    ...counties.flatMap(({ campuses, code, title }) => [
      [`${city.code}/${code}`, title] as const,
      ...campuses.flatMap(({ id, places = {}, title: own }) => [
        [`${city.code}/${code}/${id}`, own] as const,
        ...Object.entries(places).map(
          ([below, place]) => [`${city.code}/${code}/${id}/${below}`, place] as const,
        ),
      ]),
    ]),
  ]);
}

/** Everything that is wrong with `next`, by field below `site`; empty where it may take the place of the tree in force. */
export function siteProblems(next: Site, standing: SiteStanding): readonly SiteProblem[] {
  return [...wrongCodes(next), ...doubles(next), ...wrongTitles(next), ...wrongMoves(next, standing)];
}

function wrongCodes({ city, counties }: Site): readonly SiteProblem[] {
  // GB/T 2260: what lies within a region begins with its digits; 110000 is a municipality, whose districts are 1101xx.
  const stem = city.code.replace(/(00)+$/, "");
  const counted = counties.flatMap(({ campuses }) => campuses).length;
  return [
    ...(counties.length > COUNTIES_MAX ? [tooMany("counties", counties.length, COUNTIES_MAX)] : []),
    ...(counted > CAMPUSES_MAX ? [tooMany("counties", counted, CAMPUSES_MAX)] : []),
    ...counties.flatMap(({ campuses, code }, n) => [
      ...(code.startsWith(stem) && code !== city.code
        ? []
        : [
            {
              field: `counties.${n}.code`,
              zh: `${code} 不在 ${city.code} 之下：区县代码应以 ${stem} 开头（GB/T 2260）`,
              en: `${code} does not lie within ${city.code}: its code begins with ${stem} (GB/T 2260)`,
            },
          ]),
      ...campuses.flatMap(({ id, places = {} }, m) => {
        const at = `counties.${n}.campuses.${m}`;
        const paths = Object.keys(places);
        return [
          ...(isPath(id) ? [] : [notACode(`${at}.id`, id)]),
          ...(paths.length > PLACES_MAX ? [tooMany(`${at}.places`, paths.length, PLACES_MAX)] : []),
          ...paths
            .filter((below) => !isPath(`${city.code}/${code}/${id}/${below}`))
            .map((below) => notACode(`${at}.places`, below)),
        ];
      }),
    ]),
  ];
}

function doubles({ counties }: Site): readonly SiteProblem[] {
  const seen = new Set<string>();
  const again = (field: string, code: string): readonly SiteProblem[] => {
    if (!seen.has(code)) {
      seen.add(code);
      return [];
    }
    return [
      { field, zh: `${code} 已经有了，代码不能重复`, en: `${code} is there already: a code is given once` },
    ];
  };
  return counties.flatMap(({ campuses, code }, n) => [
    ...again(`counties.${n}.code`, code),
    ...campuses.flatMap(({ id }, m) => again(`counties.${n}.campuses.${m}.id`, id)),
  ]);
}

function wrongTitles({ city, counties }: Site): readonly SiteProblem[] {
  const titles = [
    { field: "city.title", code: city.code, title: city.title },
    ...counties.flatMap(({ campuses, code, title }, n) => [
      { field: `counties.${n}.title`, code, title },
      ...campuses.flatMap(({ id, places = {}, title: own }, m) => [
        { field: `counties.${n}.campuses.${m}.title`, code: String(id), title: own },
        ...Object.entries(places).map(([below, place]) => ({
          field: `counties.${n}.campuses.${m}.places.${below}`,
          code: `${id}/${below}`,
          title: place,
        })),
      ]),
    ]),
  ];
  return titles.flatMap(({ code, field, title: { en, zh } }) =>
    [zh, en].some((text) => text.trim() === "" || text.length > TITLE_CHARACTERS_MAX)
      ? [
          {
            field,
            zh: `${code} 的名称须有 1 至 ${TITLE_CHARACTERS_MAX} 个字`,
            en: `the name of ${code} has 1 to ${TITLE_CHARACTERS_MAX} characters`,
          },
        ]
      : [],
  );
}

function wrongMoves(next: Site, { inUse, reportsAbove, site }: SiteStanding): readonly SiteProblem[] {
  if (next.city.code !== site.city.code)
    return [
      {
        field: "city.code",
        zh: "市代码不能改：历史数据、权限和证书都以它为准",
        en: "the code of the city stays: history, rights and certificates know the hub by it",
      },
    ];
  const lost = [...inUse].filter((campus) => {
    const path = campusPath(site, campus);
    return path !== undefined && campusPath(next, campus) !== path;
  });
  const moved = reportsAbove && hubPlace(next) !== hubPlace(site);
  return [
    ...lost.map((campus) => ({
      field: "counties",
      zh: `${campus} 已有边缘盒或设备上报，不能删除、改代码或换区县；可以改名称`,
      en: `boxes or devices of ${campus} have been heard: it cannot be removed, renumbered or moved; its names can be changed`,
    })),
    ...(moved
      ? [
          {
            field: "counties",
            zh: `上级平台按 ${hubPlace(site)} 认得本平台，改后会成为 ${hubPlace(next)}；请先由上级平台为新范围重新签发入网文件`,
            en: `the hub above knows this one as ${hubPlace(site)}, and it would become ${hubPlace(next)}: have a new seed made there first`,
          },
        ]
      : []),
  ];
}

const tooMany = (field: string, count: number, max: number): SiteProblem => ({
  field,
  zh: `有 ${count} 个，最多 ${max} 个`,
  en: `there are ${count}, and ${max} at most`,
});

const notACode = (field: string, code: string): SiteProblem => ({
  field,
  zh: `“${code}”须由小写字母、数字和连字符组成，各级用 / 分隔，校区之下最多三级`,
  en: `“${code}” must be lower-case letters, digits and hyphens, levels parted by /, three at most below a campus`,
});

function isPath(text: string): boolean {
  try {
    AssetPath(text);
    return true;
  } catch (error) {
    if (error instanceof InvalidAssetPathError) return false;
    throw error;
  }
}
