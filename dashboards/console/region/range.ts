import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { startOfDay } from "../format/time.ts";

export const RANGES = ["today", "yesterday", "week"] as const;
export type RangeName = (typeof RANGES)[number];

export const rangeFromAddress = (params: URLSearchParams): RangeName =>
  RANGES.find((range) => range === params.get("range")) ?? "today";

/** Whole days of this machine's calendar. A range that is not over has no end. */
export function rangeBounds(
  range: RangeName,
  now: Timestamp,
): { readonly from: Timestamp; readonly to?: Timestamp } {
  switch (range) {
    case "today":
      return { from: startOfDay(now) };
    case "yesterday":
      return { from: startOfDay(now, 1), to: startOfDay(now) };
    case "week":
      return { from: startOfDay(now, 6) };
  }
}
