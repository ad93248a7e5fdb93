/** Where other systems are told of alarms: for administrators, each over what lies within their own places. */
import { randomBytes } from "node:crypto";
import { isWithin } from "@campus-ops/device-profiles/vocabulary";
import type { FastifyInstance } from "fastify";
import type {
  NewWebhook,
  WebhookDeliveries,
  WebhookDelivery,
  WebhookMade,
  WebhookView,
} from "../../webhooks/api.ts";
import { DELIVERY_RESULTS } from "../../webhooks/core/attempts.ts";
import { DONE } from "../contents.ts";
import { type Identity, sees } from "../identity.ts";
import type { ApiParts } from "../parts.ts";
import { ApiProblem } from "../problem.ts";
import { array, boolean, number, object, string, timestamp } from "../schemas.ts";

const SECRET_BYTES = 32;

const view = {
  id: number,
  name: string,
  url: string,
  path: string,
  createdBy: string,
  createdAt: timestamp,
  enabled: boolean,
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
    // Nobody's name stands in it: `http://localhost:80@elsewhere/` is an address of elsewhere.
    pattern: "^(https://[^@/?#\\\\]+|http://(127\\.0\\.0\\.1|localhost)(:\\d{1,5})?)([/?#]|$)",
    description: "https, without a login in it; redirects are not followed",
  },
  path: { type: "string", maxLength: 400, description: 'asset path; "" is the whole hub' },
});
const params = object({ id: { type: "integer", minimum: 1 } });
const made = object({ ...view, secret: { type: "string", description: "told once" } }, optional);
const delivery = object(
  {
    number,
    message: string,
    type: string,
    path: string,
    at: timestamp,
    took_ms: number,
    result: { enum: DELIVERY_RESULTS },
    status: number,
    problem: string,
  },
  ["status", "problem"],
);
const deliveryQuery = object(
  {
    before: { type: "integer", minimum: 1, description: "`before` of the page that came last" },
    limit: { type: "integer", minimum: 1, maximum: 500, default: 50 },
  },
  ["before", "limit"],
);
const newSecret = (): string => `whsec_${randomBytes(SECRET_BYTES).toString("base64url")}`;

interface Id {
  readonly id: number;
}

export function webhookRoutes(
  server: FastifyInstance,
  { audit, now, testWebhook, webhooks }: ApiParts,
): void {
  const tags = ["webhooks"];
  const config = { permission: "accounts.manage" } as const;
  /** Data leaves the platform by them. */
  const change = { ...config, confirmed: true } as const;

  server.get(
    "/webhooks",
    {
      config: { ...config, paged: { by: ["id"], at: "path", filters: { enabled: boolean } } },
      schema: { tags, response: { 200: array(object(view, optional)) } },
    },
    async ({ identity }): Promise<readonly WebhookView[]> =>
      there()
        .views()
        .filter(({ path }) => sees(identity, path)),
  );

  server.post<{ Body: NewWebhook }>(
    "/webhooks",
    {
      config: change,
      schema: { tags, body, response: { 201: made } },
    },
    async ({ body: wanted, identity }, reply): Promise<WebhookMade> => {
      // Whoever hears of a place must answer for all of it.
      if (!identity.places.some((place) => isWithin(wanted.path, place))) throw new ApiProblem("not-allowed");
      const secret = newSecret();
      const { name, path, url } = wanted;
      const added = there().add({ name: name.trim(), path, url }, secret, identity.user, now());
      if (added === undefined) {
        throw new ApiProblem("conflict", {
          zh: "已有同名的推送，或推送已达上限",
          en: "there is a webhook of that name already, or there are as many as there may be",
        });
      }
      audit({ user: identity.user, action: "webhook.add", path, name: added.name, url });
      reply.code(201);
      return { ...added, secret };
    },
  );

  server.patch<{ Params: Id; Body: { readonly enabled: boolean } }>(
    "/webhooks/:id",
    {
      config: change,
      schema: { tags, params, body: object({ enabled: boolean }), response: { 200: object(view, optional) } },
    },
    async ({ body: { enabled }, identity, params: { id } }): Promise<WebhookView> => {
      const { name, path } = find(identity, id);
      there().enable(id, enabled);
      audit({ user: identity.user, action: `webhook.${enabled ? "enable" : "disable"}`, path, name });
      return find(identity, id);
    },
  );

  server.post<{ Params: Id }>(
    "/webhooks/:id/secret",
    { config: change, schema: { tags, params, response: { 200: made } } },
    async ({ identity, params: { id } }): Promise<WebhookMade> => {
      const { name, path } = find(identity, id);
      const secret = newSecret();
      there().renewSecret(id, secret);
      audit({ user: identity.user, action: "webhook.secret", path, name });
      return { ...find(identity, id), secret };
    },
  );

  server.post<{ Params: Id }>(
    "/webhooks/:id/test",
    { config, schema: { tags, params, response: { 200: delivery } } },
    async ({ identity, params: { id } }): Promise<WebhookDelivery> => {
      const { name, path } = find(identity, id);
      const webhook = there()
        .webhooks()
        .find((each) => each.id === id);
      if (webhook === undefined || testWebhook === undefined) throw new ApiProblem("not-found");
      const told = await testWebhook(webhook);
      audit({ user: identity.user, action: "webhook.test", path, name, answered: told.status });
      return told;
    },
  );

  server.get<{ Params: Id; Querystring: { before?: number; limit: number } }>(
    "/webhooks/:id/deliveries",
    {
      config,
      schema: {
        tags,
        params,
        querystring: deliveryQuery,
        response: { 200: object({ deliveries: array(delivery), before: number }, ["before"]) },
      },
    },
    async ({ identity, params: { id }, query: { before, limit } }): Promise<WebhookDeliveries> => {
      find(identity, id);
      return there().deliveries(id, limit, before);
    },
  );

  server.delete<{ Params: Id }>(
    "/webhooks/:id",
    { config: change, schema: { tags, params, response: DONE } },
    async ({ identity, params: { id } }, reply) => {
      const { name, path } = find(identity, id);
      there().remove(id);
      audit({ user: identity.user, action: "webhook.remove", path, name });
      return reply.code(204).send();
    },
  );

  function find(identity: Identity, id: number): WebhookView {
    const found = there()
      .views()
      .find((each) => each.id === id && sees(identity, each.path));
    if (found === undefined) throw new ApiProblem("not-found");
    return found;
  }

  function there() {
    if (webhooks === undefined) throw new ApiProblem("part-away");
    return webhooks;
  }
}
