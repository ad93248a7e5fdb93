/**
 *   GET  /notifications?alarm=&limit= → NotificationView[], newest first
 *   GET  /channels                    → ChannelView[]
 *   POST /channels/:id/test {by}      → 202; 404 when unknown
 *   GET  /desks                       → DeskView[]
 */
import type { FastifyInstance } from "fastify";
import type { Notify } from "./start.ts";

const NOTIFICATIONS_MAX = 1_000;

export function notifyRoutes(server: FastifyInstance, notify: Notify): void {
  server.get<{ Querystring: { alarm?: string; limit: number } }>(
    "/notifications",
    {
      schema: {
        querystring: {
          type: "object",
          properties: {
            alarm: { type: "string", maxLength: 200 },
            limit: { type: "integer", minimum: 1, maximum: NOTIFICATIONS_MAX, default: 100 },
          },
        },
      },
    },
    ({ query }) => notify.notifications(query),
  );
  server.get("/channels", () => notify.channels());
  server.get("/desks", () => notify.desks());
  server.post<{ Params: { id: string }; Body: { by: string } }>(
    "/channels/:id/test",
    {
      schema: {
        body: {
          type: "object",
          required: ["by"],
          additionalProperties: false,
          properties: { by: { type: "string", minLength: 1, maxLength: 128 } },
        },
      },
    },
    async ({ params, body }, reply) => {
      notify.test(params.id, body.by);
      return reply.status(202).send();
    },
  );
}
