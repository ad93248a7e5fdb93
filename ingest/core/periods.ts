/** Where the periods of each tier begin and end. */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { Tier } from "./series-name.ts";

export type RollupTier = Exclude<Tier, "raw">;

export interface Period {
  readonly tier: RollupTier;
  readonly from: Timestamp;
  /** Excluded. */
  readonly to: Timestamp;
}

/** A school term, both ends at local midnight. */
export interface Term {
  readonly from: Timestamp;
  readonly to: Timestamp;
}

const FIVE_MINUTES_MS = 300_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** China Standard Time, UTC+8 all over the country and all year (GB/T 7408). */
const ZONE_MS = 8 * HOUR_MS;

/** Midnight, in China, of a date such as 2026-02-23. */
export function localMidnight(date: string): Timestamp {
  return Date.parse(`${date}T00:00:00Z`) - ZONE_MS;
}

/** The period of a tier that a time lies in; undefined between terms. */
export function periodOf(tier: RollupTier, time: Timestamp, terms: readonly Term[]): Period | undefined {
  switch (tier) {
    case "5m":
      return aligned(tier, time, FIVE_MINUTES_MS, 0);
    case "hour":
      return aligned(tier, time, HOUR_MS, 0);
    case "schoolDay":
      return aligned(tier, time, DAY_MS, ZONE_MS);
    case "term": {
      const term = terms.find(({ from, to }) => time >= from && time < to);
      return term === undefined ? undefined : { tier, ...term };
    }
  }
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

function aligned(tier: RollupTier, time: Timestamp, width_ms: number, zone_ms: number): Period {
  const from = Math.floor((time + zone_ms) / width_ms) * width_ms - zone_ms;
  return { tier, from, to: from + width_ms };
}
