import { answerWithProblems } from "@campus-ops/service";
import { fastify } from "fastify";
import { expect, test } from "vitest";
import type { CalendarChange } from "./api.ts";
import { readCalendar } from "./document.ts";
import { calendarPreview } from "./preview.ts";

const NOW = Date.parse("2026-09-24T08:00:00+08:00");
const inForce = readCalendar("calendar.yaml", "terms: [2026-09-01 to 2027-01-20]\n");

async function preview(payload: object): Promise<{ status: number; body: unknown }> {
  const server = fastify();
  answerWithProblems(server, "rules");
  calendarPreview(server, inForce, () => NOW);
  const answer = await server.inject({ method: "POST", url: "/settings/calendar/preview", payload });
  return { status: answer.statusCode, body: answer.json() };
}

test("tells which days become school days and which are none any more, from today on", async () => {
  const value = {
    terms: ["2026-09-01 to 2027-01-20"],
    holidays: ["2026-09-07", "2026-10-01 to 2026-10-07"],
    makeUpDays: ["2026-10-10"],
  };
  const { body } = await preview({ value });
  expect(body satisfies unknown as CalendarChange[]).toEqual([
    { from: "2026-10-01", to: "2026-10-02", school: false },
    { from: "2026-10-05", to: "2026-10-07", school: false },
    { from: "2026-10-10", to: "2026-10-10", school: true },
  ]);
});

test("reads an iCalendar file that comes with it, and says what is wrong with one that does not", async () => {
  const ics =
    "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20260928\nSUMMARY:运动会\nEND:VEVENT\nEND:VCALENDAR\n";
  const value = {
    terms: ["2026-09-01 to 2027-01-20"],
    import: [{ file: "settings:days.ics", as: "holidays" }],
  };
  const files = { "settings:days.ics": ics };
  expect((await preview({ value, files })).body).toEqual([
    { from: "2026-09-28", to: "2026-09-28", school: false },
  ]);
  expect(await preview({ value })).toMatchObject({
    status: 400,
    body: { detail: expect.stringContaining("import.0.file: settings:days.ics cannot be read") },
  });
});
