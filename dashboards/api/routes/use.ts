/** The use of special rooms, with the records behind every figure. */
import { ASSET_LEVELS, campusPath, isWithin } from "@campus-ops/device-profiles/vocabulary";
import type { FastifyInstance } from "fastify";
import type { LeftOnFigure, LeftOnRecord, RoomUseView, UseRecordView } from "../api.ts";
import { sees } from "../identity.ts";
import type { ApiParts } from "../parts.ts";
import { ApiProblem } from "../problem.ts";
import { array, boolean, number, object, string, text, timestamp } from "../schemas.ts";
import { getJson } from "../upstream.ts";
import { type NarrowedQuery, narrowedSearch } from "./health.ts";

const id = { type: "string", minLength: 1, maxLength: 64 } as const;
const range = { from: timestamp, to: timestamp } as const;

const verdict = { enum: ["met", "not-met", "not-verified"] } as const;
const roomUse = object(
  {
    campus: string,
    path: string,
    type: string,
    title: text,
    rooms: number,
    used: number,
    unplannedUsed: number,
    classes: number,
    teachingHours: number,
    utilisation: number,
    threshold: number,
    verdict,
    completeness: number,
    wasted_ms: number,
    records: number,
    toldUntil: {
      ...timestamp,
      description: "told by the campus's own hub, which alone has the records: known up to then",
    },
    lastKnown: {
      ...timestamp,
      description:
        "that hub is cut off, or nobody knows whether it is: what has been since then is not known",
    },
  },
  ["utilisation", "toldUntil", "lastKnown"],
);
const use = { enum: ["used", "unused", "unknown", "waste"] } as const;
const useRecord = object(
  {
    room: string,
    from: timestamp,
    to: timestamp,
    period: number,
    planned: boolean,
    classes: array(string),
    subject: string,
    use,
    classHours: number,
    on_ms: number,
    evidence: array({ enum: ["power", "signal", "card", "presence"] }),
  },
  ["period", "subject"],
);

const leftOnFigure = object(
  {
    key: string,
    title: text,
    rooms: number,
    leftOn_ms: { type: "number", description: "ms in which a room was on with nobody there" },
    measured_ms: { type: "number", description: "ms of this with a meter in the room" },
    energy: { type: "number", description: "kW·h that these meters counted meanwhile" },
    records: number,
    expected_ms: { type: "number", description: "ms of the rooms, together" },
    completeness: number,
  },
  ["energy"],
);
const leftOnRecord = object(
  { room: string, title: text, from: timestamp, to: timestamp, devices: array(string), energy: number },
  ["energy"],
);

export function useRoutes(server: FastifyInstance, { upstreams, site }: ApiParts): void {
  server.get<{ Querystring: { from: number; to: number; scope: string } }>(
    "/use",
    {
      config: {
        permission: "figures.read",
        paged: { by: ["path", "type"], filters: { campus: id, type: id, verdict } },
      },
      schema: {
        tags: ["use"],
        querystring: object({ ...range, scope: { type: "string", default: "", maxLength: 400 } }, ["scope"]),
        response: { 200: array(roomUse) },
      },
    },
    async (request): Promise<readonly RoomUseView[]> => {
      const { from, to, scope } = request.query;
      const all = await getJson<readonly RoomUseView[]>(upstreams.rules, `/use?from=${from}&to=${to}`);
      return all.filter(({ path }) => sees(request.identity, path) && isWithin(path, scope));
    },
  );

  server.get<{ Querystring: { campus: string; type: string; from: number; to: number } }>(
    "/use/records",
    {
      config: {
        permission: "figures.read",
        paged: { by: ["from", "room"], filters: { use, planned: boolean } },
      },
      schema: {
        tags: ["use"],
        querystring: object({ campus: id, type: id, ...range }),
        response: { 200: array(useRecord) },
      },
    },
    async (request): Promise<readonly UseRecordView[]> => {
      const { campus, type, from, to } = request.query;
      const path = campusPath(site, campus);
      if (path === undefined || !sees(request.identity, path)) throw new ApiProblem("not-found");
      const search = new URLSearchParams({ campus, type, from: String(from), to: String(to) });
      return getJson(upstreams.rules, `/use/records?${search}`);
    },
  );

  const leftOn = { ...range, scope: { type: "string", default: "", maxLength: 400 } } as const;
  server.get<{ Querystring: NarrowedQuery & { groupBy: string } }>(
    "/use/left-on",
    {
      config: { permission: "figures.read", paged: { by: ["key"] } },
      schema: {
        tags: ["use"],
        querystring: object({ ...leftOn, groupBy: { enum: [...ASSET_LEVELS, "none"], default: "none" } }, [
          "scope",
          "groupBy",
        ]),
        response: { 200: array(leftOnFigure) },
      },
    },
    (request): Promise<readonly LeftOnFigure[]> =>
      getJson(upstreams.rules, `/use/left-on?${narrowedSearch(request)}`),
  );
  server.get<{ Querystring: NarrowedQuery }>(
    "/use/left-on/records",
    {
      config: { permission: "figures.read", paged: { by: ["from", "room"] } },
      schema: {
        tags: ["use"],
        querystring: object(leftOn, ["scope"]),
        response: { 200: array(leftOnRecord) },
      },
    },
    (request): Promise<readonly LeftOnRecord[]> =>
      getJson(upstreams.rules, `/use/left-on/records?${narrowedSearch(request)}`),
  );
}
