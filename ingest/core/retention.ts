/** How long what is kept, by class of data. */
import type { DataClass, EventName } from "@campus-ops/device-profiles/vocabulary";
import type { RollupTier } from "./periods.ts";

const DAY_MS = 86_400_000;
/** Six calendar months are 184 days at most (Cybersecurity Law, article 21). */
export const SIX_MONTHS_DAYS = 184;

export interface RetentionDays {
  readonly pointDays: number;
  readonly fiveMinuteDays: number;
  readonly hourDays: number;
  readonly schoolDayDays: number;
  readonly termDays: number;
  readonly eventDays: number;
  readonly healthEventDays: number;
  readonly pictureDays: number;
}

/** As `hub.yaml` has it when nothing is said. */
export const RETENTION_DAYS: RetentionDays = {
  pointDays: 30,
  fiveMinuteDays: 190,
  hourDays: 3_653,
  schoolDayDays: 3_653,
  termDays: 7_306,
  eventDays: 190,
  healthEventDays: 30,
  pictureDays: 30,
};

export function pointRetention(days: RetentionDays): Readonly<Record<"raw" | RollupTier, number>> {
  return {
    raw: days.pointDays * DAY_MS,
    "5m": days.fiveMinuteDays * DAY_MS,
    hour: days.hourDays * DAY_MS,
    schoolDay: days.schoolDayDays * DAY_MS,
    term: days.termDays * DAY_MS,
  };
}

/** Milliseconds that pictures are kept: people are on them. */
export function pictureRetention({ pictureDays }: RetentionDays): number {
  return pictureDays * DAY_MS;
}

/** Milliseconds that events are kept, by class. */
export function eventRetentions(days: RetentionDays): Readonly<Record<"events" | "health", number>> {
  return { events: days.eventDays * DAY_MS, health: days.healthEventDays * DAY_MS };
}

/**
 * The class that an event is kept by; undefined for what is not kept: bookkeeping between edge and hub. A person's
 * temperature is health data of minors, kept short.
 */
export function eventRetention(
  event: EventName,
  dataClass: DataClass | undefined,
): "events" | "health" | undefined {
  if (event.startsWith("Temperature/")) return "health";
  return dataClass === "alarm" || dataClass === "access" || dataClass === "state" ? "events" : undefined;
}
