/**
 * The journal's contract: what ingest writes and what every projection (store, registry, rules) reads.
 *
 * Append-only, numbered from 1 without gaps, durable before an append resolves. An entry is one Sparkplug message as
 * it was received, with its receive time; receive times never go back. Time itself is an entry: when nothing arrives,
 * ingest writes a CLOCK entry a second, so that everything computed from the journal, time-outs included, is computed
 * from the journal alone and comes out the same when it is read again.
 */
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

export interface AppendJournal {
  /** Resolves with the last number given once all of `entries` are durable; rejects when none of them is. */
  append(entries: readonly NewEntry[]): Promise<number>;
}

export interface ReadJournal {
  /** At most `limit` entries after number `after`, in order; empty when there are none yet. */
  read(after: number, limit: number): readonly JournalEntry[];
  /**
   * The newest birth of every node and device at or before number `seq`: what a reader that starts in the middle
   * needs to resolve aliases.
   */
  births(seq: number): readonly JournalEntry[];
  /** The oldest number that retention has left, and the newest. `first` is `last + 1` when the journal is empty. */
  bounds(): { readonly first: number; readonly last: number };
  /** Resolves when there is an entry after `after`, or when `signal` aborts. */
  waitFor(after: number, signal: AbortSignal): Promise<void>;
}
