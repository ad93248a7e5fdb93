import { isWithin } from "@campus-ops/device-profiles/vocabulary";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { AlarmActionRequest, AlarmDetail, AlarmList, AlarmView } from "../api.ts";
import { demand, sees } from "../identity.ts";
import type { ApiParts } from "../parts.ts";
import { asSeenBy } from "../personal.ts";
import { ApiProblem } from "../problem.ts";
import { alarmActionBody, alarmDetail, alarmListQuery, alarmListSchema, idParams } from "../schemas.ts";
import { getJson, postJson } from "../upstream.ts";

const ALARM_ACTIONS = [
  "acknowledge",
  "comment",
  "assign",
  "shelve",
  "unshelve",
  "reset",
  "escalate",
  "remove-from-service",
  "return-to-service",
] as const;
/** What takes an alarm out of sight for as long as somebody likes. */
const SUPPRESSING: ReadonlySet<string> = new Set(["remove-from-service", "return-to-service"]);

export function alarmRoutes(server: FastifyInstance, { upstreams, audit }: ApiParts): void {
  server.get<{ Querystring: { state: string; scope: string; limit: number; before?: string } }>(
    "/alarms",
    {
      config: { permission: "alarms.read" },
      schema: { tags: ["alarms"], querystring: alarmListQuery, response: { 200: alarmListSchema } },
    },
    async (request): Promise<AlarmList> => {
      const { state, scope, limit, before } = request.query;
      const search = new URLSearchParams({ state, limit: String(limit) });
      if (before !== undefined) search.set("before", before);
      const all = await getJson<readonly AlarmView[]>(upstreams.rules, `/alarms?${search}`);
      const alarms = all.filter(
        ({ device }) => sees(request.identity, device.path) && isWithin(device.path, scope),
      );
      const last = all.at(-1);
      return {
        alarms,
        ...(all.length < limit || last === undefined ? {} : { before: String(last.raisedAt) }),
      };
    },
  );

  server.get<{ Params: { id: string } }>(
    "/alarms/:id",
    {
      config: { permission: "alarms.read" },
      schema: { tags: ["alarms"], params: idParams, response: { 200: alarmDetail } },
    },
    async (request): Promise<AlarmDetail> => {
      const alarm = await find(request, request.params.id);
      const { evidence, personal } = asSeenBy(request.identity, alarm.device.path, alarm.evidence);
      if (personal === "shown") {
        const { user } = request.identity;
        audit({ user, action: "look.personal", alarm: alarm.id, path: alarm.device.path });
      }
      return { ...alarm, evidence };
    },
  );

  server.post<{ Params: { id: string; action: string }; Body: AlarmActionRequest }>(
    "/alarms/:id/:action",
    {
      config: { permission: "alarms.act" },
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
      const { identity } = request;
      const { user } = identity;
      const { device } = await find(request, id);
      if (SUPPRESSING.has(action)) demand(identity, "alarms.suppress", device.path);
      const body = { ...request.body, by: user };
      const alarm = await postJson<AlarmDetail>(
        upstreams.rules,
        `/alarms/${encodeURIComponent(id)}/${action}`,
        body,
      );
      audit({
        user,
        action: `alarm.${action}`,
        alarm: id,
        path: device.path,
        comment: request.body.comment,
        assignee: request.body.assignee,
      });
      return { ...alarm, evidence: asSeenBy(identity, device.path, alarm.evidence).evidence };
    },
  );

  /** Outside of the caller's scope an alarm does not exist. */
  async function find({ identity }: FastifyRequest, id: string): Promise<AlarmDetail> {
    const alarm = await getJson<AlarmDetail>(upstreams.rules, `/alarms/${encodeURIComponent(id)}`);
    if (!sees(identity, alarm.device.path)) throw new ApiProblem("not-found");
    return alarm;
  }
}
