/** What rules answers about the use of rooms; see `rules/api.ts` for the rest. */
import type { AssetPath, LocalText, Timestamp } from "@campus-ops/device-profiles/vocabulary";

/** One kind of special room on one campus, over the range that was asked for. */
export interface RoomUseView {
  readonly campus: string;
  readonly path: AssetPath;
  /** Id of the kind of room. */
  readonly type: string;
  readonly title: LocalText;
  readonly rooms: number;
  /** Class-hours used; of these, those outside of the timetable. */
  readonly used: number;
  readonly unplannedUsed: number;
  readonly classes: number;
  readonly teachingHours: number;
  /** used ÷ (classes × teachingHours); absent when that is nothing. */
  readonly utilisation?: number;
  readonly threshold: number;
  /** Without a record, and where too little is known, a figure is never met. */
  readonly verdict: "met" | "not-met" | "not-verified";
  /** Of the planned lessons, the share of which something is known. */
  readonly completeness: number;
  /** Equipment on without anybody. */
  readonly wasted_ms: number;
  readonly records: number;
  /** Told by the campus's own hub, which alone has the records: known up to then. */
  readonly toldUntil?: Timestamp;
  /** That hub is cut off, or nobody knows whether it is: what has been since then is not known. */
  readonly lastKnown?: Timestamp;
}

/** One record behind a figure. */
export interface UseRecordView {
  readonly room: AssetPath;
  readonly from: Timestamp;
  readonly to: Timestamp;
  readonly period?: number;
  readonly planned: boolean;
  readonly classes: readonly string[];
  readonly subject?: string;
  readonly use: "used" | "unused" | "unknown" | "waste";
  readonly classHours: number;
  readonly on_ms: number;
  readonly evidence: readonly ("power" | "signal" | "card" | "presence")[];
}

/** What was left on: equipment of rooms that was on outside of lessons, with nobody there. */
export interface LeftOnFigure {
  /** Asset path, or "all". */
  readonly key: string;
  readonly title: LocalText;
  readonly rooms: number;
  /** Time in which a room was left on. */
  readonly leftOn_ms: number;
  /** Of this: with a meter in the room. */
  readonly measured_ms: number;
  /** kW·h that these meters counted meanwhile; absent where nothing was measured. */
  readonly energy?: number;
  readonly records: number;
  /** Time of the rooms, together. */
  readonly expected_ms: number;
  /** Share of the time of the rooms in which it is known whether they were on. */
  readonly completeness: number;
}

export interface LeftOnRecord {
  readonly room: AssetPath;
  readonly title: LocalText;
  readonly from: Timestamp;
  readonly to: Timestamp;
  /** Keys of what was on. */
  readonly devices: readonly string[];
  readonly energy?: number;
}
