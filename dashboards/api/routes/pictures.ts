/**
 * Pictures in the evidence of alarms, and alarms as signed bundles. People are on the pictures: who looks at one says why,
 * and that is written down with its hash, before the picture is sent.
 */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { AlarmDetail } from "../api.ts";
import { fileOf, PICTURE_TYPES } from "../contents.ts";
import { sees } from "../identity.ts";
import type { ApiParts } from "../parts.ts";
import { demandAllOf } from "../personal.ts";
import { ApiProblem } from "../problem.ts";
import { idParams, object } from "../schemas.ts";
import { getBytes, getJson, getText } from "../upstream.ts";

const REASON_CHARACTERS_MAX = 200;
const tags = ["alarms"];
const lookBody = object({
  reason: { type: "string", minLength: 1, maxLength: REASON_CHARACTERS_MAX, pattern: "\\S" },
} as const);
const lookParams = {
  type: "object",
  required: ["id", "picture"],
  properties: { ...idParams.properties, picture: idParams.properties.id },
} as const;

export function pictureRoutes(server: FastifyInstance, { audit, upstreams: { rules } }: ApiParts): void {
  server.post<{ Params: { id: string; picture: string }; Body: { reason: string } }>(
    "/alarms/:id/pictures/:picture/look",
    {
      config: { permission: "evidence.read" },
      schema: { tags, params: lookParams, body: lookBody, response: fileOf(...PICTURE_TYPES, "video/mp4") },
    },
    async (request, reply) => {
      const { body, params, identity } = request;
      const alarm = await find(params.id, request);
      const picture = alarm.pictures.find(({ id }) => id === params.picture);
      if (picture?.sha256 === undefined) throw new ApiProblem("not-found");
      audit({
        user: identity.user,
        action: "look.picture",
        alarm: params.id,
        path: alarm.device.path,
        picture: picture.id,
        sha256: picture.sha256,
        camera: picture.camera?.key,
        reason: body.reason,
      });
      const path = `${pathOf(params.id)}/pictures/${encodeURIComponent(picture.id)}`;
      const { bytes, type } = await getBytes(rules, path);
      return reply.type(type).header("cache-control", "no-store").send(bytes);
    },
  );

  server.get<{ Params: { id: string } }>(
    "/alarms/:id/bundle",
    {
      config: { permission: "evidence.export" },
      schema: { tags, params: idParams, response: fileOf("text/html") },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { user } = request.identity;
      const alarm = await find(id, request);
      demandAllOf(request.identity, alarm);
      const page = await getText(rules, `${pathOf(id)}/bundle?by=${encodeURIComponent(user)}`);
      audit({ user, action: "evidence.export", alarm: id, path: alarm.device.path });
      return reply
        .type("text/html; charset=utf-8")
        .header("content-disposition", `attachment; filename="alarm-${id}.html"`)
        .header("cache-control", "no-store")
        .send(page);
    },
  );

  /** Outside of the caller's places an alarm does not exist. */
  async function find(id: string, { identity }: FastifyRequest): Promise<AlarmDetail> {
    const alarm = await getJson<AlarmDetail>(rules, pathOf(id));
    if (!sees(identity, alarm.device.path)) throw new ApiProblem("not-found");
    return alarm;
  }
}

const pathOf = (alarm: string): string => `/alarms/${encodeURIComponent(alarm)}`;
