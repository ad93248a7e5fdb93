import { siteZone } from "@campus-ops/device-profiles/vocabulary";
import { answerWithProblems } from "@campus-ops/service";
import { fastify } from "fastify";
import { expect, test } from "vitest";
import type { CalendarChange } from "./api.ts";
import { readCalendar } from "./document.ts";
import { calendarPreview } from "./preview.ts";

const NOW = Date.parse("2026-09-24T08:00:00+08:00");
const inForce = readCalendar("calendar.yaml", "terms: [2026-09-01 to 2027-01-20]\n");

const ICS =
  "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20260928\nSUMMARY:运动会\nEND:VEVENT\nEND:VCALENDAR\n";

async function preview(payload: object): Promise<{ status: number; body: unknown }> {
  const server = fastify();
  answerWithProblems(server, "rules");
  const kept = (name: string): string => {
    if (name === "settings:kept.ics") return ICS;
    throw Object.assign(new Error(name), { code: "ENOENT" });
  };
  calendarPreview(server, inForce, kept, siteZone({}), () => NOW);
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
    { from: "2026-10-01", to: "2026-10-07", school: false },
    { from: "2026-10-10", to: "2026-10-10", school: true },
  ]);
});

test("reads an iCalendar file that comes with it, and says what is wrong with one that does not", async () => {
  const value = (file: string) => ({
    terms: ["2026-09-01 to 2027-01-20"],
    import: [{ file, as: "holidays" }],
  });
  const day = [{ from: "2026-09-28", to: "2026-09-28", school: false }];
  const files = { "settings:days.ics": ICS };
  expect((await preview({ value: value("settings:days.ics"), files })).body).toEqual(day);
  expect((await preview({ value: value("settings:kept.ics") })).body).toEqual(day);
  expect(await preview({ value: value("settings:days.ics") })).toMatchObject({
    status: 400,
    body: { detail: expect.stringContaining("import.0.file: settings:days.ics cannot be read") },
  });
});
