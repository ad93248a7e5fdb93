/** Floor plans: a picture of a place, and where its devices are on it. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { PlanPinsBody, PlanView } from "../../plans/api.ts";
import { PLAN_BYTES_MAX, planType } from "../../plans/plan-picture.ts";
import { PINS_MAX, PLANS_MAX, type PlanStore } from "../../plans/plan-store.ts";
import { DONE, fileOf, PICTURE_TYPES } from "../contents.ts";
import { sees } from "../identity.ts";
import type { ApiParts } from "../parts.ts";
import { ApiProblem } from "../problem.ts";
import { array, number, object, string, timestamp } from "../schemas.ts";

const tags = ["devices"];
const integer = { type: "integer", minimum: 0 } as const;
const share = { type: "number", minimum: 0, maximum: 1 } as const;
const pins = {
  type: "array",
  maxItems: PINS_MAX,
  items: object({ device: { type: "string", minLength: 1, maxLength: 200 }, x: share, y: share }),
} as const;
const view = object({
  id: number,
  path: string,
  title: string,
  contentType: string,
  bytes: number,
  version: number,
  by: string,
  changedAt: timestamp,
  pins: array(object({ device: string, x: number, y: number })),
});
const params = object({ plan: integer });
const read = { permission: "devices.read" } as const;
const write = { permission: "devices.configure" } as const;

interface Params {
  readonly plan: number;
}

export function planRoutes(server: FastifyInstance, { plans, audit }: ApiParts): void {
  server.get(
    "/plans",
    {
      config: { ...read, paged: { by: ["id"], at: "path" } },
      schema: { tags, response: { 200: array(view) } },
    },
    async ({ identity }): Promise<readonly PlanView[]> =>
      store()
        .list()
        .filter(({ path }) => sees(identity, path)),
  );

  server.get<{ Params: Params }>(
    "/plans/:plan/picture",
    { config: read, schema: { tags, params, response: fileOf(...PICTURE_TYPES, "image/svg+xml") } },
    async (request, reply) => {
      const plan = find(request);
      return (
        reply
          .type(plan.contentType)
          // A drawing is a document of its own where its address is opened: there it may do nothing at all.
          .header("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox")
          .header("x-content-type-options", "nosniff")
          .header("cache-control", "private, max-age=86400, immutable")
          .send(Buffer.from(store().content(plan.id) ?? []))
      );
    },
  );

  server.register(async (pictures) => {
    pictures.addContentTypeParser(
      ["image/jpeg", "image/png", "image/webp", "image/svg+xml"],
      { parseAs: "buffer", bodyLimit: PLAN_BYTES_MAX },
      (_request, body, done) => done(null, body),
    );
    pictures.post<{ Querystring: { path: string; title: string }; Body: Buffer }>(
      "/plans",
      {
        config: write,
        bodyLimit: PLAN_BYTES_MAX,
        schema: {
          tags,
          querystring: object({
            path: { type: "string", minLength: 1, maxLength: 400 },
            title: { type: "string", minLength: 1, maxLength: 200 },
          }),
          response: { 201: view },
        },
      },
      async (request, reply): Promise<PlanView> => {
        const { path, title } = request.query;
        const { user } = request.identity;
        if (!sees(request.identity, path)) throw new ApiProblem("not-allowed");
        const type = Buffer.isBuffer(request.body) ? planType(request.body) : undefined;
        if (type === undefined)
          throw new ApiProblem("bad-request", {
            zh: "不是 JPEG、PNG、WebP 图片，也不是不含脚本的 SVG 图；没有保存",
            en: "neither a JPEG, PNG or WebP picture nor an SVG drawing without scripts; it was not kept",
          });
        const plan = store().add({ path, title, type, content: request.body, by: user });
        if (plan === undefined)
          throw new ApiProblem("conflict", {
            zh: `平台最多保存 ${PLANS_MAX} 张平面图，请先删除不用的`,
            en: `the hub keeps at most ${PLANS_MAX} plans; remove one that is not needed first`,
          });
        audit({ user, action: "plan.add", path, plan: plan.id, bytes: plan.bytes });
        reply.code(201);
        return plan;
      },
    );
  });

  server.put<{ Params: Params; Body: PlanPinsBody }>(
    "/plans/:plan/pins",
    {
      config: write,
      schema: { tags, params, body: object({ version: integer, pins }), response: { 200: view } },
    },
    async (request): Promise<PlanView> => {
      const { id, path } = find(request);
      const { user } = request.identity;
      const { version, pins: placed } = request.body;
      const plan = store().pin(id, version, placed, user);
      if (plan === undefined)
        throw new ApiProblem("conflict", {
          zh: "别人刚刚改过这张图，请看过新的位置后再改；您的改动没有保存",
          en: "somebody else has changed this plan; look at it anew. Your change was not kept",
        });
      audit({ user, action: "plan.pins", path, plan: id, pins: placed.length });
      return plan;
    },
  );

  server.delete<{ Params: Params }>(
    "/plans/:plan",
    { config: write, schema: { tags, params, response: DONE } },
    async (request, reply) => {
      const { id, path } = find(request);
      store().remove(id);
      audit({ user: request.identity.user, action: "plan.remove", path, plan: id });
      return reply.code(204).send();
    },
  );

  /** Outside of the caller's places a plan does not exist. */
  function find({ params: { plan: id }, identity }: FastifyRequest<{ Params: Params }>): PlanView {
    const plan = store().get(id);
    if (plan === undefined || !sees(identity, plan.path)) throw new ApiProblem("not-found");
    return plan;
  }

  function store(): PlanStore {
    if (plans === undefined) throw new ApiProblem("part-away");
    return plans;
  }
}
