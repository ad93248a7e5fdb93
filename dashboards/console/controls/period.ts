/** The span of time that a report is about, as it stands in the page's address. */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { startOfDay } from "../format/time.ts";

export const PERIODS = ["day", "week", "month", "year"] as const;
export type PeriodName = (typeof PERIODS)[number];

const DAY_MS = 86_400_000;
const DAYS: Readonly<Record<PeriodName, number>> = { day: 1, week: 7, month: 30, year: 365 };
/** A report that ends now is asked for again this often, and not every second. */
const STEP_MS = 300_000;

export interface Period {
  readonly from: Timestamp;
  /** Not included. */
  readonly to: Timestamp;
  /** Undefined where two dates were chosen. */
  readonly name?: PeriodName;
}

/**
 * Two dates (`from`, `to`: whole local days, the last one included), or a number of days up to now. What ends later than
 * now ends now: time that is not over would count as unknown.
 */
export function periodFromAddress(
  params: URLSearchParams,
  now: Timestamp,
  otherwise: PeriodName = "month",
): Period {
  const until = Math.floor(now / STEP_MS) * STEP_MS;
  const from = dayOf(params.get("from"));
  const last = dayOf(params.get("to"));
  if (from !== undefined && last !== undefined && last >= from && from < until) {
    return { from, to: Math.min(startOfDay(last, -1), until) };
  }
  const name = PERIODS.find((each) => each === params.get("period")) ?? otherwise;
  return { name, from: until - DAYS[name] * DAY_MS, to: until };
}

/** Local midnight of `YYYY-MM-DD`; undefined for what is no date. */
export function dayOf(text: string | null): Timestamp | undefined {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text ?? "");
  if (parts === null) return undefined;
  const [year, month, day] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
  const at = new Date(year, month - 1, day);
  return at.getMonth() === month - 1 && at.getDate() === day ? at.getTime() : undefined;
}

/** `YYYY-MM-DD` of a moment, by this machine's calendar: what a date field takes. */
export function dayInput(at: Timestamp): string {
  const day = new Date(at);
  const two = (n: number): string => String(n).padStart(2, "0");
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}
