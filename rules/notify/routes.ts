/**
 *   GET  /notifications?alarm=&limit= → NotificationView[], newest first
 *   GET  /channels                    → ChannelView[]
 *   POST /channels/:id/test {by}      → 202; 404 when unknown
 *   GET  /channels/:id/tests          → NotificationView[]: its tests and what the other side said, newest first
 *   GET  /desks                       → DeskView[]
 *   GET  /desks/:id/summary           → DeskSummary: what stands there now
 *   GET  /desks/:id/hand-overs        → HandOverView[], newest first
 *   POST /desks/:id/hand-overs NewHandOver → HandOverView; 409 while a red alarm waits for an answer
 */
import type { FastifyInstance } from "fastify";
import type { DeskSummary, NewHandOver } from "./api.ts";
import type { Notify } from "./start.ts";

const person = { type: "string", minLength: 1, maxLength: 128 } as const;
const NOTIFICATIONS_MAX = 1_000;
const TESTS_LISTED_MAX = 20;

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
  server.get<{ Params: { id: string } }>("/channels/:id/tests", ({ params }) =>
    notify
      .notifications({ alarm: "", limit: NOTIFICATIONS_MAX })
      .filter(({ channel, kind }) => channel === params.id && kind === "test")
      .slice(0, TESTS_LISTED_MAX),
  );
  server.get("/desks", () => notify.desks());
  server.get<{ Params: { id: string } }>("/desks/:id/summary", ({ params }) => notify.summary(params.id));
  server.get<{ Params: { id: string } }>("/desks/:id/hand-overs", ({ params }) =>
    notify.handOvers(params.id),
  );
  server.post<{ Params: { id: string }; Body: NewHandOver & { summary?: DeskSummary } }>(
    "/desks/:id/hand-overs",
    {
      schema: {
        body: {
          type: "object",
          required: ["from", "to"],
          additionalProperties: false,
          properties: {
            from: person,
            to: person,
            note: { type: "string", maxLength: 2_000 },
            // Of a desk of several campuses, as their workers know it.
            summary: { type: "object" },
          },
        },
      },
    },
    ({ params, body }) => notify.handOver(params.id, body),
  );
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
