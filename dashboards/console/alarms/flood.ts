import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { FloodView } from "../../api/api.ts";
import type { AlarmGroup } from "./grouping.ts";

/** IEC 62682: more than ten new alarms in ten minutes are more than one person can follow. */
export const FLOOD_WINDOW_MS = 10 * 60_000;
export const FLOOD_ALARMS_MAX = 10;

export interface Flood {
  readonly flooded: boolean;
  /** New in the window, symptoms not counted: they are not news to the person at the desk. */
  readonly recent: number;
}

/** What the platform says of the desks, or of those of one campus; undefined when it has said nothing of any. */
export function toldFlood(floods: Iterable<FloodView>, campus = ""): Flood | undefined {
  const all = [...floods].filter(
    ({ scope }) => campus === "" || scope.some((path) => concerns(path, campus)),
  );
  if (all.length === 0) return undefined;
  const flooded = all.filter(({ since }) => since !== undefined);
  return {
    flooded: flooded.length > 0,
    recent: Math.max(0, ...(flooded.length > 0 ? flooded : all).map(({ newAlarms }) => newAlarms)),
  };
}

function concerns(path: string, campus: string): boolean {
  const [, , named = campus] = path.split("/");
  return named === campus;
}

/** By what this page knows, where the platform does not say. */
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
