/** Desks: who an alarm is told to, and when somebody sits there. */
import {
  type AssetPath,
  isWithin,
  type LocalText,
  type Timestamp,
} from "@campus-ops/device-profiles/vocabulary";
import type { Calendar } from "../calendar.ts";

export interface Desk {
  readonly id: string;
  readonly title: LocalText;
  /** Its alarms are those at these places and below; with none named, all of them. */
  readonly scope: readonly AssetPath[];
  /** The window of the school calendar in which somebody is there; always, when absent. */
  readonly during?: string;
  /** Ids of the channels by which the desk is told. */
  readonly channels: readonly string[];
}

export function isResponsible({ scope }: Desk, path: AssetPath): boolean {
  return scope.length === 0 || scope.some((place) => isWithin(path, place));
}

export function isStaffed({ during }: Desk, calendar: Calendar, at: Timestamp): boolean {
  return during === undefined || calendar.isIn(during, at);
}
