/** GET /calendar?at= → CalendarView: which windows of the school calendar are open, and until when. */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { FastifyInstance } from "fastify";
import type { CalendarView } from "../api.ts";
import type { Calendar } from "../core/calendar.ts";

export function calendarRoute(server: FastifyInstance, calendar: Calendar, now: () => Timestamp): void {
  server.get<{ Querystring: { at?: number } }>(
    "/calendar",
    {
      schema: { querystring: { type: "object", properties: { at: { type: "integer", minimum: 0 } } } },
    },
    ({ query: { at = now() } }): CalendarView => {
      const until = calendar.nextChange(at);
      const windows = [...calendar.windows].sort();
      return {
        at,
        open: windows.filter((window) => calendar.isIn(window, at)),
        windows,
        ...(Number.isFinite(until) ? { until } : {}),
      };
    },
  );
}
