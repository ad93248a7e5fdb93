/** What the core wants done: written down, in this order, by whoever runs it. */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { TransitionView } from "../api.ts";
import type { AlarmRecord } from "./view.ts";

/** An alarm moved. `event` "symptoms" with `from` = `to` says only that the number of its symptoms changed. */
export interface TransitionEffect {
  readonly kind: "transition";
  readonly seq: number;
  readonly transition: TransitionView;
  readonly alarm: AlarmRecord;
  /** The alarm begins to ring, and its rule wants a picture of it. */
  readonly picture?: true;
}

/** Something that would have mattered came too late to raise an alarm, and is written down instead. */
export interface LateEffect {
  readonly kind: "late";
  readonly seq: number;
  readonly rule: string;
  readonly device: string;
  readonly name: string;
  readonly eventTime: Timestamp;
  readonly receivedAt: Timestamp;
}

/** A person asked for what cannot be done. Nothing changed. */
export interface RefusedEffect {
  readonly kind: "refused";
  readonly reason: RefusalReason;
  readonly detail: string;
}

/** A condition failed with a programming error. Its monitor rests until its next input; every other goes on. */
export interface RuleErrorEffect {
  readonly kind: "rule-error";
  readonly seq: number;
  readonly rule: string;
  readonly device: string;
  readonly message: string;
}

export type RefusalReason = "unknown-alarm" | "no-such-transition" | "invalid-request";

export type Effect = TransitionEffect | LateEffect | RefusedEffect | RuleErrorEffect;
