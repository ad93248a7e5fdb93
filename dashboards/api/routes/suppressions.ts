/** Alarms of a place that are not to ring until a time: suppression by design, as people declare it. */
import type { FastifyInstance } from "fastify";
import type { SuppressionBody, SuppressionView } from "../api.ts";
import { DONE } from "../contents.ts";
import { sees } from "../identity.ts";
import type { ApiParts } from "../parts.ts";
import { ApiProblem } from "../problem.ts";
import { array, idParams, object, string, timestamp } from "../schemas.ts";
import { deleteJson, getJson, postJson } from "../upstream.ts";

const DURATION_MS_MAX = 7 * 24 * 3_600_000;

const view = object(
  {
    id: string,
    path: string,
    rules: array(string),
    from: timestamp,
    until: timestamp,
    by: string,
    reason: string,
  },
  ["rules"],
);
const body = object(
  {
    path: { type: "string", minLength: 1, maxLength: 400 },
    rules: { type: "array", maxItems: 100, items: { type: "string", maxLength: 64 } },
    duration_ms: { type: "integer", minimum: 60_000, maximum: DURATION_MS_MAX },
    reason: { type: "string", minLength: 1, maxLength: 2_000 },
  },
  ["rules"],
);

export function suppressionRoutes(server: FastifyInstance, { upstreams, audit }: ApiParts): void {
  const { rules } = upstreams;
  const list = (): Promise<readonly SuppressionView[]> => getJson(rules, "/suppressions");

  server.get(
    "/suppressions",
    {
      config: { permission: "alarms.read", paged: { by: ["id"], at: "path" } },
      schema: { tags: ["alarms"], response: { 200: array(view) } },
    },
    async (request): Promise<readonly SuppressionView[]> =>
      (await list()).filter(({ path }) => sees(request.identity, path)),
  );

  server.post<{ Body: SuppressionBody }>(
    "/suppressions",
    {
      config: { permission: "alarms.suppress" },
      schema: { tags: ["alarms"], body, response: { 200: view } },
    },
    async (request): Promise<SuppressionView> => {
      const { user } = request.identity;
      if (!sees(request.identity, request.body.path)) throw new ApiProblem("not-allowed");
      const made = await postJson<SuppressionView>(rules, "/suppressions", { ...request.body, by: user });
      const { id, path, until, reason } = made;
      audit({ user, action: "alarms.suppress", suppression: id, path, until, comment: reason });
      return made;
    },
  );

  server.delete<{ Params: { id: string } }>(
    "/suppressions/:id",
    {
      config: { permission: "alarms.suppress" },
      schema: { tags: ["alarms"], params: idParams, response: DONE },
    },
    async (request, reply) => {
      const { user } = request.identity;
      const { id } = request.params;
      const found = (await list()).find((each) => each.id === id);
      if (found === undefined || !sees(request.identity, found.path)) throw new ApiProblem("not-found");
      await deleteJson(rules, `/suppressions/${encodeURIComponent(id)}`, { by: user });
      audit({ user, action: "alarms.suppress.end", suppression: id, path: found.path });
      return reply.code(204).send();
    },
  );
}
