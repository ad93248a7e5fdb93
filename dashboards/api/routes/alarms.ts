import { isWithin } from "@campus-ops/device-profiles/vocabulary";
import type { FastifyInstance } from "fastify";
import type { AlarmActionRequest, AlarmDetail, AlarmList, AlarmView, RuleView } from "../api.ts";
import type { ApiParts } from "../parts.ts";
import { ApiProblem } from "../problem.ts";
import {
  alarmActionBody,
  alarmDetail,
  alarmListQuery,
  alarmListSchema,
  idParams,
  ruleList,
} from "../schemas.ts";
import { getJson, postJson } from "../upstream.ts";

const ALARM_ACTIONS = [
  "acknowledge",
  "comment",
  "shelve",
  "unshelve",
  "reset",
  "remove-from-service",
  "return-to-service",
] as const;

export function alarmRoutes(server: FastifyInstance, { upstreams, audit }: ApiParts): void {
  server.get<{ Querystring: { state: string; scope: string; limit: number; before?: string } }>(
    "/alarms",
    { schema: { tags: ["alarms"], querystring: alarmListQuery, response: { 200: alarmListSchema } } },
    async (request): Promise<AlarmList> => {
      const { state, scope, limit, before } = request.query;
      const search = new URLSearchParams({ state, limit: String(limit) });
      if (before !== undefined) search.set("before", before);
      const all = await getJson<readonly AlarmView[]>(upstreams.rules, `/alarms?${search}`);
      const alarms = all.filter(({ device }) => visible(request.identity.scope, scope, device.path));
      const last = all.at(-1);
      return {
        alarms,
        ...(all.length < limit || last === undefined ? {} : { before: String(last.raisedAt) }),
      };
    },
  );

  server.get<{ Params: { id: string } }>(
    "/alarms/:id",
    { schema: { tags: ["alarms"], params: idParams, response: { 200: alarmDetail } } },
    async (request) => find(request.params.id, request.identity.scope),
  );

  server.post<{ Params: { id: string; action: string }; Body: AlarmActionRequest }>(
    "/alarms/:id/:action",
    {
      schema: {
        tags: ["alarms"],
        params: {
          type: "object",
          required: ["id", "action"],
          properties: { ...idParams.properties, action: { type: "string", enum: ALARM_ACTIONS } },
        },
        body: alarmActionBody,
        response: { 200: alarmDetail },
      },
    },
    async (request): Promise<AlarmDetail> => {
      const { id, action } = request.params;
      const { user, scope } = request.identity;
      await find(id, scope);
      const body = { ...request.body, by: user };
      const alarm = await postJson<AlarmDetail>(
        upstreams.rules,
        `/alarms/${encodeURIComponent(id)}/${action}`,
        body,
      );
      audit({ user, action: `alarm.${action}`, alarm: id, comment: request.body.comment });
      return alarm;
    },
  );

  server.get("/rules", { schema: { tags: ["alarms"], response: { 200: ruleList } } }, () =>
    getJson<readonly RuleView[]>(upstreams.rules, "/rules"),
  );

  /** Outside of the caller's scope an alarm does not exist. */
  async function find(id: string, scope: string): Promise<AlarmDetail> {
    const alarm = await getJson<AlarmDetail>(upstreams.rules, `/alarms/${encodeURIComponent(id)}`);
    if (!isWithin(alarm.device.path, scope)) throw new ApiProblem("not-found");
    return alarm;
  }
}

function visible(allowed: string, asked: string, path: string): boolean {
  return isWithin(path, allowed) && isWithin(path, asked);
}
