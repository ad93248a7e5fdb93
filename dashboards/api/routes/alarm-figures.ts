/** How many alarms people had to deal with, and how they did; and the alarms behind a figure. */
import type { AlarmFiguresView, RaisingView } from "@campus-ops/rules/api";
import type { FastifyInstance } from "fastify";
import { narrowed } from "../identity.ts";
import type { ApiParts } from "../parts.ts";
import { array, boolean, number, object, scopeQuery, string, text, timestamp } from "../schemas.ts";
import { getJson } from "../upstream.ts";

const query = object({ from: timestamp, to: timestamp, ...scopeQuery.properties }, ["scope"]);
const byPriority = <T>(each: T) => object({ 1: each, 2: each, 3: each, 4: each });
const delays = object({ acknowledged: number, unanswered: number, p50_ms: number, p95_ms: number }, [
  "p50_ms",
  "p95_ms",
]);
const figureAlarm = { id: string, title: text, device: text, path: string, priority: number } as const;
const load = {
  raised: number,
  mean: number,
  worst: object({ from: timestamp, raised: number }),
  floodShare: number,
  floods: array(object({ from: timestamp, to: timestamp })),
  byPriority: byPriority(number),
  delays,
} as const;
const rang = array(object({ ...figureAlarm, times: number }));
const figuresView = object({
  from: timestamp,
  to: timestamp,
  scope: string,
  all: object(
    {
      ...load,
      buckets: array({ type: "array", items: number, minItems: 2, maxItems: 2 }),
      delaysByPriority: byPriority(delays),
      chattering: rang,
      frequent: rang,
      slowest: array(object({ ...figureAlarm, raisedAt: timestamp, waited_ms: number })),
      cut: boolean,
    },
    ["worst"],
  ),
  desks: array(object({ desk: string, ...load }, ["worst"])),
  standing: object({
    count: number,
    stale: number,
    first: array(object({ ...figureAlarm, raisedAt: timestamp, updatedAt: timestamp })),
  }),
});

interface Asked {
  readonly from: number;
  readonly to: number;
  readonly scope: string;
}

export function alarmFigureRoutes(server: FastifyInstance, { upstreams }: ApiParts): void {
  server.get<{ Querystring: Asked }>(
    "/alarm-figures",
    {
      config: { permission: "figures.read" },
      schema: { tags: ["alarms"], querystring: query, response: { 200: figuresView } },
    },
    async (request): Promise<AlarmFiguresView> =>
      getJson(
        upstreams.rules,
        `/alarm-figures?${search(request.query, narrowed(request.identity, request.query.scope))}`,
      ),
  );

  server.get<{ Querystring: Asked }>(
    "/raisings",
    {
      config: { permission: "alarms.read", paged: { by: ["at", "id"], newestFirst: true } },
      schema: {
        tags: ["alarms"],
        querystring: query,
        response: { 200: array(object({ ...figureAlarm, at: timestamp })) },
      },
    },
    async (request): Promise<readonly RaisingView[]> =>
      getJson(
        upstreams.rules,
        `/raisings?${search(request.query, narrowed(request.identity, request.query.scope))}`,
      ),
  );
}

function search({ from, to }: Asked, scope: string): URLSearchParams {
  return new URLSearchParams({ from: String(Math.floor(from)), to: String(Math.floor(to)), scope });
}
