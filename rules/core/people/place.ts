import { type AssetPath, isWithin, type LocalText, type Site } from "@campus-ops/device-profiles/vocabulary";

/** A place by its titles, campus first: `齐云一小 教学楼 三楼`. What has no title is left out. */
export function placeTitle(site: Site, path: AssetPath): LocalText {
  const campus = site.counties
    .flatMap(({ code, campuses }) =>
      campuses.map((each) => ({ each, at: `${site.city.code}/${code}/${each.id}` })),
    )
    .find(({ at }) => isWithin(path, at));
  if (campus === undefined) return regionTitle(site, path) ?? { zh: path, en: path };
  const below = path.slice(campus.at.length + 1).split("/");
  const titles = below.flatMap((_, index) => campus.each.places?.[below.slice(0, index + 1).join("/")] ?? []);
  const all = [campus.each.title, ...titles];
  return { zh: all.map(({ zh }) => zh).join(" "), en: all.map(({ en }) => en).join(", ") };
}

function regionTitle({ city, counties }: Site, path: AssetPath): LocalText | undefined {
  if (path === city.code) return city.title;
  return counties.find(({ code }) => path === `${city.code}/${code}`)?.title;
}
