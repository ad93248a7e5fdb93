/** Where the periods of each tier begin and end. */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { SchoolTime } from "./school-time.ts";
import type { Tier } from "./series-name.ts";

export type RollupTier = Exclude<Tier, "raw">;

export interface Period {
  readonly tier: RollupTier;
  readonly from: Timestamp;
  /** Excluded. */
  readonly to: Timestamp;
}

interface Span {
  readonly from: Timestamp;
  readonly to: Timestamp;
}

const FIVE_MINUTES_MS = 300_000;
const HOUR_MS = 3_600_000;

/** The period of a tier that a time lies in; undefined on a day that is no school day, and between terms. */
export function periodOf(tier: RollupTier, time: Timestamp, school: SchoolTime): Period | undefined {
  switch (tier) {
    case "5m":
      return fiveMinutesOf(time);
    case "hour":
      return aligned(tier, time, HOUR_MS);
    case "schoolDay": {
      const day = school.dayOf(time);
      if (!school.isSchoolDay(day)) return undefined;
      return { tier, from: school.midnight(day), to: school.midnight(day + 1) };
    }
    case "term": {
      const term = school.terms.find(({ from, to }) => time >= from && time < to);
      return term === undefined ? undefined : { tier, ...term };
    }
  }
}

export function fiveMinutesOf(time: Timestamp): Period {
  return aligned("5m", time, FIVE_MINUTES_MS);
}

/** A term is made of its school days alone; any other period is of one piece. */
export function piecesOf({ tier, from, to }: Period, school: SchoolTime): readonly Span[] {
  if (tier !== "term") return [{ from, to }];
  const pieces: Span[] = [];
  for (let day = school.dayOf(from); school.midnight(day) < to; day += 1)
    if (school.isSchoolDay(day)) pieces.push({ from: school.midnight(day), to: school.midnight(day + 1) });
  return pieces;
}

/** What a tier is made of: the tier below, or raw points. */
export const CHILD: Readonly<Record<RollupTier, Tier>> = {
  "5m": "raw",
  hour: "5m",
  schoolDay: "hour",
  term: "schoolDay",
};

/** The tier that is made of this one; undefined for the last. */
export const PARENT: Readonly<Record<RollupTier, RollupTier | undefined>> = {
  "5m": "hour",
  hour: "schoolDay",
  schoolDay: "term",
  term: undefined,
};

function aligned(tier: RollupTier, time: Timestamp, width_ms: number): Period {
  const from = Math.floor(time / width_ms) * width_ms;
  return { tier, from, to: from + width_ms };
}
