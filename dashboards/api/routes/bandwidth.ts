/** The bandwidth of classes: links and measured peaks of their rooms, with what stands behind. */
import type { FastifyInstance } from "fastify";
import type { BandwidthFigure, RoomBandwidthView } from "../api.ts";
import type { ApiParts } from "../parts.ts";
import { array, number, object, string, text, timestamp } from "../schemas.ts";
import { getJson } from "../upstream.ts";
import { type NarrowedQuery, narrowedSearch } from "./health.ts";

const asked = {
  from: timestamp,
  to: timestamp,
  scope: {
    type: "string",
    default: "",
    maxLength: 400,
    description: "asset path; everything at or below it",
  },
} as const;
const share = (description: string) => ({ type: "number", description }) as const;
const figure = object(
  {
    key: string,
    title: text,
    classes: { type: "number", description: "those whose room is not known are among them" },
    known: { type: "number", description: "classes the link of whose room is known now" },
    met: { type: "number", description: "classes whose link carries 10 Mbit/s" },
    measuredRooms: number,
    p95Sum_Mbps: { type: "number", description: "Mbit/s; sum over the measured rooms" },
    p95Max_Mbps: { type: "number", description: "Mbit/s; of the busiest room" },
    expected: { type: "number", description: "stretches of five minutes in school hours, over all classes" },
    measured: { type: "number", description: "of these: traffic is known" },
    share: share("met ÷ classes"),
    shareHigh: share("the same, what is unknown counting as met"),
    p95Mean_Mbps: { type: "number", description: "Mbit/s; mean over the measured rooms" },
    completeness: share("known ÷ classes"),
    measuredShare: share("measured ÷ expected"),
  },
  ["share", "shareHigh", "p95Mean_Mbps"],
);
const peak = object({ p95_Mbps: number, max_Mbps: number });
const room = object(
  {
    room: string,
    title: text,
    ports: array(
      object({ at: string, port: string, how: { enum: ["declared", "learned"] }, link_Mbps: number }, [
        "link_Mbps",
      ]),
    ),
    link_Mbps: {
      type: "number",
      description: "of the fastest of its ports, now; absent where it is not known",
    },
    down: {
      ...peak,
      description: "into the room; five minutes in school hours, the last 31 days of the range",
    },
    up: peak,
    expected: number,
    measured: number,
  },
  ["link_Mbps", "down", "up"],
);

export function bandwidthRoutes(server: FastifyInstance, { upstreams: { rules } }: ApiParts): void {
  const tags = ["health"];
  const config = { permission: "figures.read" } as const;

  server.get<{ Querystring: NarrowedQuery & { groupBy: string } }>(
    "/health/bandwidth",
    {
      config: { ...config, paged: { by: ["key"] } },
      schema: {
        tags,
        querystring: object(
          { ...asked, groupBy: { enum: ["campus", "county", "city", "none"], default: "campus" } },
          ["scope", "groupBy"],
        ),
        response: { 200: array(figure) },
      },
    },
    (request): Promise<readonly BandwidthFigure[]> =>
      getJson(rules, `/health/bandwidth?${narrowedSearch(request)}`),
  );

  server.get<{ Querystring: NarrowedQuery }>(
    "/health/bandwidth/rooms",
    {
      config: { ...config, paged: { by: ["room"] } },
      schema: { tags, querystring: object(asked, ["scope"]), response: { 200: array(room) } },
    },
    (request): Promise<readonly RoomBandwidthView[]> =>
      getJson(rules, `/health/bandwidth/rooms?${narrowedSearch(request)}`),
  );
}
