/** The customer's map: everybody sees it, with the campuses of their own places; who keeps settings brings it. */
import { campusPath } from "@campus-ops/device-profiles/vocabulary";
import type { FastifyInstance } from "fastify";
import type { RegionMapBody, RegionMapView } from "../../region-map/api.ts";
import { isReviewNumber, readMap } from "../../region-map/core/read-map.ts";
import { DONE } from "../contents.ts";
import { demandWholeHub, sees } from "../identity.ts";
import type { ApiParts } from "../parts.ts";
import { ApiProblem } from "../problem.ts";
import { array, number, object, string, timestamp } from "../schemas.ts";

const MAP_BYTES_MAX = 4 * 1024 * 1024;

const position = array(number);
const map = object({
  areas: array(object({ code: string, polygons: array(array(array(position))) })),
  points: array(object({ campus: string, at: position })),
  reviewNumber: string,
  by: string,
  at: timestamp,
});
const body = object({
  reviewNumber: { type: "string", minLength: 1, maxLength: 40, description: "审图号，如 GS(2024)0650号" },
  geojson: {
    type: "object",
    description: "GeoJSON FeatureCollection: counties by `code`, campuses by `campus`",
  },
});

export function regionMapRoutes(server: FastifyInstance, { audit, now, regionMap, site }: ApiParts): void {
  const tags = ["region"];
  const write = { permission: "settings.write" } as const;

  server.get(
    "/region-map",
    {
      config: { permission: "overview.read" },
      schema: { tags, response: { 200: object({ map }, ["map"]) } },
    },
    async ({ identity }): Promise<{ readonly map?: RegionMapView }> => {
      const known = there().get();
      if (known === undefined) return {};
      const points = known.points.filter(({ campus }) =>
        sees(identity, campusPath(site, campus) ?? "unknown"),
      );
      return { map: { ...known, points } };
    },
  );

  server.put<{ Body: RegionMapBody }>(
    "/region-map",
    {
      config: write,
      bodyLimit: MAP_BYTES_MAX,
      schema: { tags, body, response: { 200: object({ map }) } },
    },
    async ({ body: { geojson, reviewNumber }, identity }): Promise<{ readonly map: RegionMapView }> => {
      demandWholeHub(identity);
      if (!isReviewNumber(reviewNumber))
        throw new ApiProblem("bad-request", {
          zh: "审图号的格式如 GS(2024)0650号；公开显示的地图必须经过审核",
          en: "a review number reads like GS(2024)0650号: a map that is shown has to be reviewed",
        });
      const read = readMap(geojson, site);
      if ("problems" in read)
        throw new ApiProblem("bad-request", {
          zh: read.problems.map(({ zh }) => zh).join("；"),
          en: read.problems.map(({ en }) => en).join("; "),
        });
      const made = { ...read.map, reviewNumber: reviewNumber.trim(), by: identity.user, at: now() };
      there().put(made);
      audit({ user: identity.user, action: "region-map.put", path: "", reviewNumber: made.reviewNumber });
      return { map: made };
    },
  );

  server.delete(
    "/region-map",
    { config: write, schema: { tags, response: DONE } },
    async ({ identity }, reply) => {
      demandWholeHub(identity);
      there().remove();
      audit({ user: identity.user, action: "region-map.remove", path: "" });
      return reply.code(204).send();
    },
  );

  function there() {
    if (regionMap === undefined) throw new ApiProblem("part-away");
    return regionMap;
  }
}
