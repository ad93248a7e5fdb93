/** Drills: the whole real road, flagged everywhere, and measured up to the acknowledgement. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { DrillBody, DrillReport, DrillView } from "../api.ts";
import { DONE } from "../contents.ts";
import { sees } from "../identity.ts";
import type { ApiParts } from "../parts.ts";
import { ApiProblem } from "../problem.ts";
import { array, idParams, number, object, string, text, timestamp } from "../schemas.ts";
import { deleteJson, getJson, postJson } from "../upstream.ts";

const drillProperties = { path: string, rules: array(string), by: string, title: string } as const;
const drillView = object({ id: string, ...drillProperties, from: timestamp, until: timestamp }, ["rules"]);
const drillReport = object(
  {
    ...drillView.properties,
    alarms: array(
      object(
        {
          alarm: string,
          occurrence: number,
          title: text,
          device: object({ key: string, title: text, class: string, path: string, campus: string }),
          happenedAt: timestamp,
          receivedAt: timestamp,
          raisedAt: timestamp,
          toldAt: timestamp,
          acknowledgedAt: timestamp,
          acknowledgedBy: string,
        },
        ["toldAt", "acknowledgedAt", "acknowledgedBy"],
      ),
    ),
  },
  ["rules"],
);
const drillBody = object(
  {
    path: { type: "string", minLength: 1, maxLength: 400 },
    rules: { type: "array", maxItems: 100, items: { type: "string", maxLength: 64 } },
    duration_ms: { type: "number", exclusiveMinimum: 0 },
    title: { type: "string", minLength: 1, maxLength: 200 },
  },
  ["rules"],
);

export function drillRoutes(server: FastifyInstance, { upstreams, audit }: ApiParts): void {
  const { rules } = upstreams;

  server.get(
    "/drills",
    {
      config: { permission: "alarms.read", paged: { by: ["id"], at: "path" } },
      schema: { tags: ["people"], response: { 200: array(drillView) } },
    },
    async (request): Promise<readonly DrillView[]> =>
      (await getJson<readonly DrillView[]>(rules, "/drills")).filter(({ path }) =>
        sees(request.identity, path),
      ),
  );

  server.post<{ Body: DrillBody }>(
    "/drills",
    {
      config: { permission: "drills.run" },
      schema: { tags: ["people"], body: drillBody, response: { 200: drillView } },
    },
    async (request): Promise<DrillView> => {
      const { user } = request.identity;
      if (!sees(request.identity, request.body.path)) throw new ApiProblem("not-allowed");
      const drill = await postJson<DrillView>(rules, "/drills", { ...request.body, by: user });
      audit({ user, action: "drill.begin", drill: drill.id, path: drill.path, title: drill.title });
      return drill;
    },
  );

  server.get<{ Params: { id: string } }>(
    "/drills/:id",
    {
      config: { permission: "alarms.read" },
      schema: { tags: ["people"], params: idParams, response: { 200: drillReport } },
    },
    (request) => find(request),
  );

  server.delete<{ Params: { id: string } }>(
    "/drills/:id",
    { config: { permission: "drills.run" }, schema: { tags: ["people"], params: idParams, response: DONE } },
    async (request, reply) => {
      const { id } = await find(request);
      const { user } = request.identity;
      await deleteJson(rules, `/drills/${encodeURIComponent(id)}`, { by: user });
      audit({ user, action: "drill.end", drill: id });
      return reply.code(204).send();
    },
  );

  async function find(request: FastifyRequest<{ Params: { id: string } }>): Promise<DrillReport> {
    const drill = await getJson<DrillReport>(rules, `/drills/${encodeURIComponent(request.params.id)}`);
    if (!sees(request.identity, drill.path)) throw new ApiProblem("not-found");
    return drill;
  }
}
