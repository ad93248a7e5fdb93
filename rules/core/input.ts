/**
 * What the rules core is fed: journal entries, decoded, and what people did, in one order. Nothing else reaches it:
 * no clock, no file, no network, so the same inputs give the same alarms wherever and whenever they are read.
 */
import type { EventName, MetricName, Quality, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { Drill } from "./drill.ts";
import type { Suppression } from "./suppression.ts";

/** A value as JSON can hold it; 64-bit counters beyond exact numbers arrive as decimal strings. */
export type Scalar = boolean | number | string | null;

export interface SampleInput {
  readonly name: MetricName;
  readonly value: Scalar;
  readonly quality: Quality;
  readonly eventTime: Timestamp;
  /** Sparkplug `is_historical`: from a backlog, not from now. */
  readonly historical: boolean;
}

export interface EventInput {
  readonly name: EventName;
  /** Unique within its device. */
  readonly id: string;
  readonly fields: Readonly<Record<string, Scalar>>;
  readonly quality: Quality;
  readonly eventTime: Timestamp;
  readonly historical: boolean;
}

interface FromJournal {
  readonly seq: number;
  /** The only thing that moves time forward. */
  readonly receivedAt: Timestamp;
  /** The same entry has more to say: what falls due by its time waits for the last of it. */
  readonly more?: true;
}

export interface ClockInput extends FromJournal {
  readonly kind: "clock";
}

/** NBIRTH or DBIRTH: everything the node or device has, `Properties/…` included. */
export interface BirthInput extends FromJournal {
  readonly kind: "birth";
  /** `campus/node` or `campus/node/device`. */
  readonly address: string;
  readonly samples: readonly SampleInput[];
  /** Of an edge box: it has connected anew, and is not born again on request. */
  readonly newSession?: true;
}

/** NDEATH or DDEATH. */
export interface DeathInput extends FromJournal {
  readonly kind: "death";
  readonly address: string;
  /** Its edge box went, or began anew, and it with it: of the device itself nothing was said. */
  readonly withBox?: true;
}

export interface DataInput extends FromJournal {
  readonly kind: "data";
  readonly address: string;
  readonly samples: readonly SampleInput[];
  readonly events: readonly EventInput[];
}

export const PERSON_ACTIONS = [
  "acknowledge",
  "confirm",
  "refute",
  "comment",
  "assign",
  "shelve",
  "unshelve",
  "reset",
  "remove-from-service",
  "return-to-service",
] as const;
export type PersonAction = (typeof PERSON_ACTIONS)[number];

/** What a person did, ordered after journal entry `seq`. Its time is written down with it and does not move the clock. */
export interface ActionInput extends FromJournal {
  readonly kind: "action";
  readonly alarm: string;
  readonly action: PersonAction;
  readonly by: string;
  readonly comment?: string;
  readonly duration_ms?: number;
  /** For `assign`: a person's name or account; null takes the alarm back. */
  readonly assignee?: string | null;
}

/** What people declared about a place, ordered like an action. */
export interface SuppressInput extends FromJournal {
  readonly kind: "suppress";
  readonly suppression: Suppression;
}

/** It ends before its time. */
export interface EndSuppressionInput extends FromJournal {
  readonly kind: "end-suppression";
  readonly id: string;
  readonly by: string;
}

/** A drill begins. */
export interface DrillInput extends FromJournal {
  readonly kind: "drill";
  readonly drill: Drill;
}

/** It ends before its time. */
export interface EndDrillInput extends FromJournal {
  readonly kind: "end-drill";
  readonly id: string;
  readonly by: string;
}

export type DeclarationInput = SuppressInput | EndSuppressionInput | DrillInput | EndDrillInput;

/** What people do; it is stored with its place between the journal's entries, and read again with them. */
export type PeopleInput = ActionInput | DeclarationInput;

export type Input = ClockInput | BirthInput | DeathInput | DataInput | PeopleInput;

const DECLARATIONS: ReadonlySet<string> = new Set(["suppress", "end-suppression", "drill", "end-drill"]);

export function isDeclaration(input: Input): input is DeclarationInput {
  return DECLARATIONS.has(input.kind);
}
