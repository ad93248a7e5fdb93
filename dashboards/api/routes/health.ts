/** The health of devices over time: availability, failures, time to repair, models that fail, with what stands behind. */
import { isWithin } from "@campus-ops/device-profiles/vocabulary";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { DeviceView, FailureList, HealthFigure, HealthIntervalView, ModelView } from "../api.ts";
import { sees } from "../identity.ts";
import type { ApiParts } from "../parts.ts";
import { ApiProblem } from "../problem.ts";
import { array, boolean, number, object, string, text, timestamp } from "../schemas.ts";
import { getJson } from "../upstream.ts";

const words = (maxLength: number) => ({ type: "string", maxLength }) as const;
const duration = { type: "number", description: "milliseconds" } as const;
const asked = {
  from: timestamp,
  to: timestamp,
  scope: {
    type: "string",
    default: "",
    maxLength: 400,
    description: "asset path; everything at or below it",
  },
  class: words(64),
  model: { ...words(200), description: "profile" },
  device: words(200),
} as const;
const choices = ["scope", "class", "model", "device"] as const;

const figureProperties = {
  key: string,
  title: text,
  devices: number,
  expected_ms: {
    ...duration,
    description: "ms since each device was first known, within the hours asked for",
  },
  reachable_ms: { ...duration, description: "ms of this in which it answered, broken or not" },
  working_ms: { ...duration, description: "ms of this in which it answered and told of no fault" },
  unknown_ms: { ...duration, description: "ms of this of which nobody knows" },
  failures: {
    type: "number",
    description: "began in the range, last five minutes or longer, and are the device's own",
  },
  interruptions: { type: "number", description: "shorter than five minutes" },
  upstream: { type: "number", description: "lost together with what it hangs from" },
  repairs: { type: "number", description: "ended in the range, with a beginning and an end that are known" },
  repair_ms: { ...duration, description: "ms that these took together" },
  open: { type: "number", description: "failures that last at the end of the range" },
  inexact: { type: "number", description: "ended in the range, and nobody knows how long they lasted" },
  availability: { type: "number", description: "reachable ÷ expected, what is unknown counting for nothing" },
  availabilityHigh: { type: "number", description: "the same, what is unknown counting as reachable" },
  completeness: number,
  meanTimeToRepair_ms: duration,
  lastKnown: {
    ...timestamp,
    description:
      "a campus among these has a hub of its own that is cut off, or nobody knows whether it is: known up to then",
  },
} as const;
const absent = ["availability", "availabilityHigh", "meanTimeToRepair_ms", "lastKnown"] as const;
const figure = object(figureProperties, absent);
const model = object(
  {
    ...figureProperties,
    deviceDays: number,
    failuresPerYear: { type: "number", description: "failures of one device in 365 days" },
    enough: { type: "boolean", description: "3 devices, 90 device-days and 3 failures at least" },
    classes: array(string),
    rank: number,
  },
  [...absent, "failuresPerYear", "rank"],
);
const failure = object(
  {
    device: string,
    title: text,
    class: string,
    model: string,
    path: string,
    from: timestamp,
    to: timestamp,
    kind: { enum: ["unreachable", "faulty"] },
    faults: array(string),
    exact: boolean,
    upstream: string,
    interruption: boolean,
  },
  ["to", "upstream"],
);
const interval = object({
  from: timestamp,
  to: timestamp,
  state: { enum: ["working", "faulty", "unreachable", "unknown"] },
  faults: array(string),
});

interface Asked {
  readonly from: number;
  readonly to: number;
  readonly scope: string;
  readonly class?: string;
  readonly model?: string;
  readonly device?: string;
}

export function healthRoutes(server: FastifyInstance, { upstreams }: ApiParts): void {
  const { rules, ingest } = upstreams;
  const tags = ["health"];
  const config = { permission: "figures.read" } as const;

  server.get<{ Querystring: Asked & { groupBy: string; hours: string } }>(
    "/health/figures",
    {
      config: { ...config, paged: { by: ["key"] } },
      schema: {
        tags,
        querystring: object(
          {
            ...asked,
            groupBy: {
              enum: [
                "device",
                "class",
                "model",
                "space",
                "floor",
                "building",
                "campus",
                "county",
                "city",
                "none",
              ],
              default: "none",
            },
            hours: {
              enum: ["all", "school"],
              default: "all",
              description: "school: from the first lesson of each school day to the end of its last",
            },
          },
          [...choices, "groupBy", "hours"],
        ),
        response: { 200: array(figure) },
      },
    },
    (request): Promise<readonly HealthFigure[]> =>
      getJson(rules, `/health/figures?${narrowedSearch(request)}`),
  );

  server.get<{ Querystring: Asked }>(
    "/health/failures",
    {
      config: { ...config, paged: { list: "failures", by: ["from", "device"], newestFirst: true } },
      schema: {
        tags,
        querystring: object(asked, [...choices]),
        response: { 200: object({ failures: array(failure), truncated: boolean }) },
      },
    },
    (request): Promise<FailureList> => getJson(rules, `/health/failures?${narrowedSearch(request)}`),
  );

  server.get<{ Querystring: Asked }>(
    "/health/models",
    {
      config: { ...config, paged: { by: ["key"] } },
      schema: { tags, querystring: object(asked, [...choices]), response: { 200: array(model) } },
    },
    (request): Promise<readonly ModelView[]> => getJson(rules, `/health/models?${narrowedSearch(request)}`),
  );

  server.get<{ Querystring: { device: string; from: number; to: number } }>(
    "/health/timeline",
    {
      config: { ...config, paged: { by: ["from"] } },
      schema: {
        tags,
        querystring: object({ device: words(200), from: timestamp, to: timestamp }),
        response: { 200: array(interval) },
      },
    },
    async (request): Promise<readonly HealthIntervalView[]> => {
      const { device, from, to } = request.query;
      const known = await getJson<DeviceView>(
        ingest,
        `/devices/${device.split("/").map(encodeURIComponent).join("/")}`,
      );
      if (!sees(request.identity, known.path)) throw new ApiProblem("not-found");
      const search = new URLSearchParams({ device, from: String(from), to: String(to) });
      return getJson(rules, `/health/timeline?${search}`);
    },
  );
}

export interface NarrowedQuery {
  readonly from: number;
  readonly to: number;
  readonly scope: string;
}

/** The query for rules, narrowed to what of `scope` the caller sees. Throws {@link ApiProblem} `not-allowed`. */
export function narrowedSearch({
  query,
  identity,
}: Pick<FastifyRequest<{ Querystring: NarrowedQuery }>, "query" | "identity">): URLSearchParams {
  const { scope, ...rest } = query;
  const scopes = sees(identity, scope) ? [scope] : identity.places.filter((place) => isWithin(place, scope));
  if (scopes.length === 0) throw new ApiProblem("not-allowed");
  const search = new URLSearchParams(
    Object.entries(rest).map(([name, value]): [string, string] => [name, String(value)]),
  );
  search.set("scopes", scopes.join(","));
  return search;
}
