/** What flows of the campus's own need beside the live stream and commands: the calendar, and an alarm of theirs. */
import { ID_PATTERN } from "@campus-ops/device-profiles/vocabulary";
import type { FastifyInstance } from "fastify";
import type { CalendarView, FlowAlarmBody } from "../api.ts";
import { DONE } from "../contents.ts";
import { demandWholeHub } from "../identity.ts";
import type { ApiParts } from "../parts.ts";
import { array, boolean, object, string, timestamp } from "../schemas.ts";
import { getJson, putJson } from "../upstream.ts";

const calendarView = object(
  { at: timestamp, open: array(string), windows: array(string), until: timestamp },
  ["until"],
);
const words = { type: "string", minLength: 1, maxLength: 300 } as const;
const said = object({ zh: words, en: words });

export function flowRoutes(server: FastifyInstance, { upstreams, audit }: ApiParts): void {
  server.get(
    "/calendar",
    { config: { permission: "overview.read" }, schema: { tags: ["flows"], response: { 200: calendarView } } },
    (): Promise<CalendarView> => getJson(upstreams.rules, "/calendar"),
  );

  server.put<{ Params: { id: string }; Body: FlowAlarmBody }>(
    "/flows/:id",
    {
      config: { permission: "flows.edit" },
      schema: {
        tags: ["flows"],
        params: object({ id: { type: "string", pattern: ID_PATTERN, maxLength: 50 } }),
        body: object({ title: said, raised: boolean, priority: { enum: [1, 2, 3, 4] }, text: said }),
        response: DONE,
      },
    },
    async (request, reply) => {
      const { user } = request.identity;
      // The alarm stands at the hub's own place, above every campus.
      demandWholeHub(request.identity);
      const { id } = request.params;
      await putJson(upstreams.ingest, `/flows/${id}`, request.body);
      audit({ user, action: request.body.raised ? "flow.raise" : "flow.clear", flow: id });
      return reply.code(204).send();
    },
  );
}
