/** What an engine is given, and what it hands over to be stored. */
import type { AssetPath, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { Calendar } from "./calendar.ts";
import type { Device, StoredDevice } from "./device.ts";
import type { Drill } from "./drill.ts";
import type { Monitor, StoredMonitor } from "./monitor.ts";
import type { Rule } from "./rule.ts";
import type { Suppression } from "./suppression.ts";

export interface EngineOptions {
  readonly rules: readonly Rule[];
  readonly calendar: Calendar;
  /** `city/county/campus` of a campus, for devices whose birth names no path. */
  readonly campusPath: (campus: string) => AssetPath;
  /** How long a symptom has to recover once its cause is gone, before it raises an alarm of its own. */
  readonly grace_ms: number;
}

export interface EngineState {
  readonly now: Timestamp;
  readonly seq: number;
  readonly nextOrdinal: number;
  readonly counters: Counters;
  readonly suppressions?: readonly Suppression[];
  readonly drills?: readonly Drill[];
  readonly devices: readonly StoredDevice[];
  readonly monitors: readonly StoredMonitor[];
}

export interface Counters {
  /** Samples and events taken. */
  inputs: number;
  /** Of these, from a backlog or older than what is known. */
  late: number;
  /** Instances not followed because a rule had too many on one device. */
  instancesRefused: number;
  /** Conditions that failed with a programming error. */
  ruleErrors: number;
}

/** What changed since it was last asked for. */
export interface Changes {
  readonly devices: readonly Device[];
  readonly monitors: readonly Monitor[];
  readonly forgotten: readonly number[];
}
