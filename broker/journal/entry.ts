/** What the journal holds. */
import type { Address, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { RecordRange } from "../sparkplug/handoff.ts";

export type EntryKind = "NBIRTH" | "NDEATH" | "DBIRTH" | "DDEATH" | "NDATA" | "DDATA" | "CLOCK";

export interface JournalEntry {
  /** Position in the journal: 1, 2, 3 … */
  readonly seq: number;
  readonly receivedAt: Timestamp;
  readonly kind: EntryKind;
  /** Absent for CLOCK. */
  readonly address?: Address;
  /** The Sparkplug payload as it was received, aliases and all; empty for CLOCK. */
  readonly payload: Uint8Array;
}

export interface NewEntry extends Omit<JournalEntry, "seq"> {
  /** For DATA under the acknowledged hand-off: committed with the entry, so that a duplicate is known after a crash. */
  readonly range?: RecordRange;
}
