import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { AlarmGroup } from "./grouping.ts";

/** IEC 62682: more than ten new alarms in ten minutes are more than one person can follow. */
export const FLOOD_WINDOW_MS = 10 * 60_000;
export const FLOOD_ALARMS_MAX = 10;

export interface Flood {
  readonly flooded: boolean;
  /** New in the window, symptoms not counted: they are not news to the person at the desk. */
  readonly recent: number;
}

export function detectFlood(groups: readonly AlarmGroup[], now: Timestamp): Flood {
  const recent = groups.filter(({ alarm }) => now - alarm.receivedAt < FLOOD_WINDOW_MS).length;
  return { flooded: recent > FLOOD_ALARMS_MAX, recent };
}

/** In a flood the yellow and the blue step back; the red and the orange never do. */
export function collapseLow(groups: readonly AlarmGroup[]): {
  readonly kept: readonly AlarmGroup[];
  readonly collapsed: number;
} {
  const kept = groups.filter(({ alarm }) => alarm.priority <= 2);
  return { kept, collapsed: groups.length - kept.length };
}
