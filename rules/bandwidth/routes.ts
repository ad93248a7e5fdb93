/**
 * `scopes` are asset paths with commas; everything at or below them, and all unless said.
 *
 *   GET /health/bandwidth?from=&to=[&scopes=&groupBy=] → BandwidthFigure[], the lowest share first
 *   GET /health/bandwidth/rooms?from=&to=[&scopes=]    → RoomBandwidthView[], the slowest first
 */
import type { FastifyInstance } from "fastify";
import { inRange } from "../health/routes.ts";
import type { BandwidthFigure, BandwidthGroup, RoomBandwidthView } from "./api.ts";
import type { BandwidthFigures } from "./figures.ts";

const moment = { type: "integer", minimum: 0, maximum: 8.64e15 } as const;
const asked = {
  from: moment,
  to: moment,
  scopes: { type: "string", maxLength: 8_000, default: "" },
} as const;
const query = (properties: object) => ({ type: "object", required: ["from", "to"], properties });

interface Asked {
  readonly from: number;
  readonly to: number;
  readonly scopes: string;
}
const told = ({ scopes, ...rest }: Asked) => ({ ...inRange(rest), scopes: scopes.split(",") });

export function bandwidthRoutes(server: FastifyInstance, figures: BandwidthFigures): void {
  server.get<{ Querystring: Asked & { groupBy: BandwidthGroup } }>(
    "/health/bandwidth",
    {
      schema: {
        querystring: query({
          ...asked,
          groupBy: { enum: ["campus", "county", "city", "none"], default: "campus" },
        }),
      },
    },
    ({ query: { groupBy, ...rest } }): Promise<readonly BandwidthFigure[]> =>
      figures.figures(told(rest), groupBy),
  );
  server.get<{ Querystring: Asked }>(
    "/health/bandwidth/rooms",
    { schema: { querystring: query(asked) } },
    ({ query: rest }): Promise<readonly RoomBandwidthView[]> => figures.rooms(told(rest)),
  );
}
