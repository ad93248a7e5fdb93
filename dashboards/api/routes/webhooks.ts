/** Where other systems are told of alarms: for administrators, each over what lies within their own places. */
import { randomBytes } from "node:crypto";
import { isWithin } from "@campus-ops/device-profiles/vocabulary";
import type { FastifyInstance } from "fastify";
import type { NewWebhook, WebhookMade, WebhookView } from "../../webhooks/api.ts";
import { sees } from "../identity.ts";
import type { ApiParts } from "../parts.ts";
import { ApiProblem } from "../problem.ts";
import { array, number, object, string, timestamp } from "../schemas.ts";

const SECRET_BYTES = 32;

const view = {
  id: number,
  name: string,
  url: string,
  path: string,
  createdBy: string,
  createdAt: timestamp,
  waiting: number,
  lost: number,
  deliveredAt: timestamp,
  problem: string,
} as const;
const optional = ["deliveredAt", "problem"] as const;
const body = object({
  name: { type: "string", minLength: 1, maxLength: 100, pattern: "\\S" },
  url: {
    type: "string",
    maxLength: 500,
    pattern: "^(https://|http://(127\\.0\\.0\\.1|localhost)[:/])",
    description: "https; redirects are not followed",
  },
  path: { type: "string", maxLength: 400, description: 'asset path; "" is the whole hub' },
});
const params = object({ id: { type: "integer", minimum: 1 } });

export function webhookRoutes(server: FastifyInstance, { audit, now, webhooks }: ApiParts): void {
  const tags = ["webhooks"];
  const config = { permission: "accounts.manage" } as const;

  server.get(
    "/webhooks",
    { config, schema: { tags, response: { 200: array(object(view, optional)) } } },
    async ({ identity }): Promise<readonly WebhookView[]> =>
      there()
        .views()
        .filter(({ path }) => sees(identity, path)),
  );

  server.post<{ Body: NewWebhook }>(
    "/webhooks",
    {
      config,
      schema: {
        tags,
        body,
        response: {
          201: object({ ...view, secret: { type: "string", description: "told once" } }, optional),
        },
      },
    },
    async ({ body: wanted, identity }, reply): Promise<WebhookMade> => {
      // Whoever hears of a place must answer for all of it.
      if (!identity.places.some((place) => isWithin(wanted.path, place))) throw new ApiProblem("not-allowed");
      const secret = `whsec_${randomBytes(SECRET_BYTES).toString("base64url")}`;
      const { name, path, url } = wanted;
      const made = there().add({ name: name.trim(), path, url }, secret, identity.user, now());
      if (made === undefined) {
        throw new ApiProblem("conflict", {
          zh: "已有同名的回调，或回调已达上限",
          en: "there is a webhook of that name already, or there are as many as there may be",
        });
      }
      audit({ user: identity.user, action: "webhook.add", path, name: made.name, url });
      reply.code(201);
      return { ...made, secret };
    },
  );

  server.delete<{ Params: { id: number } }>(
    "/webhooks/:id",
    { config, schema: { tags, params } },
    async ({ identity, params: { id } }, reply) => {
      const found = there()
        .views()
        .find((each) => each.id === id && sees(identity, each.path));
      if (found === undefined) throw new ApiProblem("not-found");
      there().remove(id);
      audit({ user: identity.user, action: "webhook.remove", path: found.path, name: found.name });
      return reply.code(204).send();
    },
  );

  function there() {
    if (webhooks === undefined) throw new ApiProblem("part-away");
    return webhooks;
  }
}
