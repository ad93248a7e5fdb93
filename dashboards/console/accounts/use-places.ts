import type { Site } from "@campus-ops/device-profiles/vocabulary";
import { useSite } from "../live/live.tsx";
import { useSpeech } from "../text/language.tsx";
import type { Place } from "./grants-edit.tsx";

/** The places that a role can be given at, from the whole hub down to the campuses. */
export function usePlaces(wholeHub: string): readonly Place[] {
  const { local } = useSpeech();
  const site: Site | undefined = useSite();
  if (site === undefined) return [{ path: "", title: wholeHub }];
  const city = site.city.code;
  return [
    { path: "", title: wholeHub },
    { path: city, title: local(site.city.title) },
    ...site.counties.flatMap(({ campuses, code, title }) => [
      { path: `${city}/${code}`, title: `– ${local(title)}` },
      ...campuses.map((campus) => ({
        path: `${city}/${code}/${campus.id}`,
        title: `–– ${local(campus.title)}`,
      })),
    ]),
  ];
}
