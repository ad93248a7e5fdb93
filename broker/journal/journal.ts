/**
 * The journal's contract: what ingest writes and what every projection (store, registry, rules) reads.
 *
 * Append-only, numbered from 1 without gaps, durable before an append resolves. An entry is one Sparkplug message as
 * it was received, with its receive time; receive times never go back. Time itself is an entry: when nothing arrives,
 * ingest writes a CLOCK entry a second, so that everything computed from the journal, time-outs included, is computed
 * from the journal alone and comes out the same when it is read again.
 */
import type { JournalEntry, NewEntry } from "./entry.ts";
import type { ReceivedRanges } from "./received-ranges.ts";

export * from "./entry.ts";

export interface JournalBounds {
  readonly first: number;
  readonly last: number;
}

export interface JournalRetention {
  readonly days?: number;
  readonly bytes?: number;
  /** The time by which age is judged; the newest receive time unless given. */
  readonly now?: () => number;
}

export interface AppendJournal {
  /** Resolves with the last number given once all of `entries` are durable; rejects when none of them is. */
  append(entries: readonly NewEntry[]): Promise<number>;
}

export interface ReadJournal {
  /**
   * At most `limit` entries after number `after`, in order; empty when there are none yet. What was appended before it
   * was asked is there.
   */
  read(after: number, limit: number): Promise<readonly JournalEntry[]>;
  /**
   * The newest birth of every node and device at or before number `seq`: what a reader that starts in the middle
   * needs to resolve aliases. Left out are devices that their node's newer birth has voided. Where retention has taken
   * `seq` itself, those that were current at the oldest entry left; their numbers are then greater than `seq`.
   */
  births(seq: number): Promise<readonly JournalEntry[]>;
  /** The oldest number that retention has left, and the newest. `first` is `last + 1` when the journal is empty. */
  bounds(): Promise<JournalBounds>;
  /** Resolves when there is an entry after `after`, or when `signal` aborts. */
  waitFor(after: number, signal: AbortSignal): Promise<void>;
}

/** What ingest, the one writer, holds. */
export interface JournalWriter extends AppendJournal {
  /** What the journal holds of every outbox, as of the last commit. Recovered when the journal is opened. */
  readonly received: ReceivedRanges;
  /** The newest number, 0 when nothing was ever written; and the receive time of that entry. */
  readonly last: number;
  readonly lastReceivedAt: number;
  /** Commits what waits, then closes. */
  close(): Promise<void> | void;
}

export interface JournalReader extends ReadJournal {
  close(): Promise<void> | void;
}

/** Bytes that may wait for a commit. Beyond it an append is refused: its sender was not acknowledged and keeps it. */
export const WAITING_BYTES_MAX = 64 * 1024 * 1024;

/** Too much waits already. Nothing of this append was written; its sender will send it again. */
export class JournalOverloadedError extends Error {
  override readonly name = "JournalOverloadedError";
}

/** Another process writes this journal. */
export class JournalLockedError extends Error {
  override readonly name = "JournalLockedError";
}
