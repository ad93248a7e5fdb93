import { isWithin } from "@campus-ops/device-profiles/vocabulary";
import type { CampusAlarmCounts } from "@campus-ops/rules/api";
import type { FastifyInstance } from "fastify";
import type { RollupView, Site } from "../api.ts";
import { type Identity, sees } from "../identity.ts";
import type { ApiParts } from "../parts.ts";
import { ApiProblem } from "../problem.ts";
import { mergeCampusCounts, rollupTree } from "../region.ts";
import { RegionFigures } from "../region-figures.ts";
import { rangeQuery, rollupView, siteSchema } from "../schemas.ts";
import { getJson } from "../upstream.ts";

/** Without a range, the figures are of the last 24 hours: it needs no calendar and is the same for everyone. */
const RANGE_MS = 24 * 3_600_000;

export function regionRoutes(server: FastifyInstance, { upstreams, site, now }: ApiParts): void {
  const figures = new RegionFigures(upstreams.ingest);
  server.get(
    "/site",
    { config: { permission: "overview.read" }, schema: { tags: ["region"], response: { 200: siteSchema } } },
    async ({ identity }): Promise<Site> => siteOf(site, identity),
  );

  server.get<{ Querystring: { from?: number; to?: number } }>(
    "/rollups",
    {
      config: { permission: "overview.read" },
      schema: {
        tags: ["region"],
        querystring: rangeQuery,
        response: { 200: { $ref: `${rollupView.$id}#` } },
      },
    },
    async (request): Promise<RollupView> => {
      const to = request.query.to ?? now();
      const from = request.query.from ?? to - RANGE_MS;
      if (to <= from) {
        throw new ApiProblem("bad-request", {
          zh: "结束时间必须晚于开始时间",
          en: "`to` must be after `from`",
        });
      }
      const [{ counts, lastKnown }, alarms] = await Promise.all([
        figures.of({ from, to }),
        getJson<readonly CampusAlarmCounts[]>(upstreams.rules, `/rollups?from=${from}&to=${to}`),
      ]);
      return rollupTree(
        site,
        mergeCampusCounts(alarms, counts),
        { from, to },
        (path) => sees(request.identity, path),
        lastKnown,
      );
    },
  );
}

/** Of the tree, what the caller sees and what lies above it: names on the way there are no secret. */
function siteOf(site: Site, { places }: Identity): Site {
  const touches = (path: string): boolean =>
    places.some((place) => isWithin(path, place) || isWithin(place, path));
  const counties = site.counties.map((county) => {
    const path = `${site.city.code}/${county.code}`;
    return { ...county, campuses: county.campuses.filter(({ id }) => touches(`${path}/${id}`)) };
  });
  return { ...site, counties: counties.filter(({ campuses }) => campuses.length > 0) };
}
