/**
 * Readings of a contact thermometer, which alone confirm a fever. The temperature of a person is seen and entered by the
 * school doctor, under a name; the audit trail says that it was, and never what was read.
 */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { AlarmDetail, ConfirmationView } from "../api.ts";
import { sees } from "../identity.ts";
import type { ApiParts } from "../parts.ts";
import { ApiProblem } from "../problem.ts";
import { array, idParams, number, object, string, timestamp } from "../schemas.ts";
import { getJson, postJson } from "../upstream.ts";

/** Machines. */
const TOKEN = /^token(:|$)/;
const tags = ["alarms"];
const view = object({
  occurrence: number,
  at: timestamp,
  by: string,
  outcome: { enum: ["confirmed", "refuted"] },
  celsius: number,
} as const);
const body = object({ celsius: number } as const);

export function confirmationRoutes(server: FastifyInstance, { audit, upstreams: { rules } }: ApiParts): void {
  server.get<{ Params: { id: string } }>(
    "/alarms/:id/confirmations",
    {
      config: { permission: "personal.health", paged: { by: ["at", "occurrence"] } },
      schema: { tags, params: idParams, response: { 200: array(view) } },
    },
    async (request): Promise<readonly ConfirmationView[]> => {
      const { device, id } = await find(request);
      const readings = await getJson<readonly ConfirmationView[]>(rules, pathOf(id));
      if (readings.length > 0)
        audit({ user: request.identity.user, action: "look.personal", alarm: id, path: device.path });
      return readings;
    },
  );

  server.post<{ Params: { id: string }; Body: { celsius: number } }>(
    "/alarms/:id/confirmations",
    {
      config: { permission: "personal.confirm" },
      schema: { tags, params: idParams, body, response: { 200: view } },
    },
    async (request): Promise<ConfirmationView> => {
      const { confirmable, device, id } = await find(request);
      const { celsius } = request.body;
      const { user } = request.identity;
      if (TOKEN.test(user))
        throw new ApiProblem("not-allowed", {
          zh: "体温复核须由本人登录录入，不接受接口令牌",
          en: "a person who has signed in enters the reading; a token is nobody",
        });
      if (confirmable === undefined)
        throw new ApiProblem("conflict", {
          zh: "这条报警不需要体温复核",
          en: "no reading confirms this alarm",
        });
      const { from, to } = confirmable;
      if (celsius < from || celsius > to)
        throw new ApiProblem("bad-request", {
          zh: `接触式体温计的读数应在 ${from}～${to} °C 之间，请重新测量`,
          en: `a contact thermometer reads from ${from} to ${to} °C; measure again`,
        });
      const confirmation = await postJson<ConfirmationView>(rules, pathOf(id), { by: user, celsius });
      audit({ user, action: "alarm.confirm", alarm: id, path: device.path });
      return confirmation;
    },
  );

  /** Outside of the caller's places an alarm does not exist. */
  async function find({
    identity,
    params,
  }: FastifyRequest<{ Params: { id: string } }>): Promise<AlarmDetail> {
    const alarm = await getJson<AlarmDetail>(rules, `/alarms/${encodeURIComponent(params.id)}`);
    if (!sees(identity, alarm.device.path)) throw new ApiProblem("not-found");
    return alarm;
  }
}

const pathOf = (alarm: string): string => `/alarms/${encodeURIComponent(alarm)}/confirmations`;
