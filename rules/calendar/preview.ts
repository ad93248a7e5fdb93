/**
 * POST /settings/calendar/preview { value, files? } → CalendarChange[]: what of the next school days another calendar would
 * change, before it is in force. A calendar that makes no sense is answered with 400 and its problems as a text.
 */
import type { Timestamp, TimeZone } from "@campus-ops/device-profiles/vocabulary";
import { checkDocument, InvalidDocumentError, Problem } from "@campus-ops/service";
import type { FastifyInstance } from "fastify";
import { type Calendar, DAY_MS } from "../core/calendar.ts";
import type { CalendarChange } from "./api.ts";
import { CALENDAR_SCHEMA, type CalendarDocument, compileCalendar } from "./document.ts";

const BODY_BYTES_MAX = 4 * 1024 * 1024;
export const CHANGES_LISTED_MAX = 100;

interface PreviewBody {
  readonly value: unknown;
  readonly files?: Readonly<Record<string, string>>;
}

/** `kept` reads a file that came with an earlier change; `zone` is the site's. */
export function calendarPreview(
  server: FastifyInstance,
  inForce: Calendar,
  kept: (name: string) => string,
  zone: TimeZone,
  now: () => Timestamp,
): void {
  server.post<{ Body: PreviewBody }>(
    "/settings/calendar/preview",
    { bodyLimit: BODY_BYTES_MAX },
    ({ body: { files = {}, value } }): readonly CalendarChange[] => {
      try {
        const { locate, value: document } = checkDocument<CalendarDocument>(
          "calendar",
          JSON.stringify(value ?? null),
          CALENDAR_SCHEMA,
        );
        const read = (file: string): string => files[file] ?? kept(file);
        return changedDays(inForce, compileCalendar(document, locate, read, zone), now());
      } catch (error) {
        if (!(error instanceof InvalidDocumentError)) throw error;
        throw new Problem(
          400,
          "The calendar makes no sense",
          error.problems.map(({ field, message }) => `${field}: ${message}`).join("\n"),
          error.problems.map(({ field, message, zh = message }) => `${field}：${zh}`).join("\n"),
        );
      }
    },
  );
}

/** Days that are school days in one of two calendars alone, from today on; neighbours of a kind are one change. */
export function changedDays(before: Calendar, after: Calendar, at: Timestamp): readonly CalendarChange[] {
  const was = before.schoolTime?.(at);
  const becomes = after.schoolTime?.(at);
  // A demonstration's minutes have no days that could change.
  if (was === undefined || becomes === undefined) return [];
  const today = after.zone.dayOf(at);
  const last = Math.min(was.first + was.days.length, becomes.first + becomes.days.length);
  const changes: { from: number; to: number; school: boolean }[] = [];
  /** No school day has come since the last change. */
  let free = false;
  for (let day = Math.max(today, was.first, becomes.first); day < last; day += 1) {
    const school = becomes.days[day - becomes.first] === "1";
    const previous = changes.at(-1);
    if ((was.days[day - was.first] === "1") === school) {
      if (school) free = false;
      continue;
    }
    // A weekend between two weeks that fall away is free before and after: one change, not two.
    const goesOn = previous?.to === day - 1 || (!school && free);
    if (previous !== undefined && previous.school === school && goesOn) previous.to = day;
    else changes.push({ from: day, to: day, school });
    free = true;
  }
  return changes
    .slice(0, CHANGES_LISTED_MAX)
    .map(({ from, school, to }) => ({ from: dayText(from), to: dayText(to), school }));
}

const dayText = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);
