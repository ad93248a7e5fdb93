/**
 * Keeps a projection up with the journal: reads, decodes, hands over, waits. A projection stores its checkpoint
 * together with its output, so it can be stopped anywhere and goes on where it was.
 */
import { type DecodedEntry, JournalDecoder, type ReadJournal } from "@campus-ops/broker/journal";
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";

export interface Projection {
  /** For logs and metrics. */
  readonly name: string;
  checkpoint(): Promise<number>;
  /** Takes entries in order, each once; returns when it can take more. */
  project(entries: readonly DecodedEntry[]): Promise<void>;
}

/** Entries in one step: what a projection holds in memory at most. */
export const STEP_ENTRIES_MAX = 1_024;

export interface ProjectionRun {
  /** The newest entry it has taken, and when that was received. */
  readonly position: { readonly seq: number; readonly receivedAt: Timestamp };
  /** Rejects when the projection fails: its process should end, and begin again from the checkpoint. */
  readonly done: Promise<void>;
}

export function runProjection(
  projection: Projection,
  journal: ReadJournal,
  signal: AbortSignal,
): ProjectionRun {
  const position = { seq: 0, receivedAt: 0 };
  const run = async (): Promise<void> => {
    const decoder = new JournalDecoder();
    position.seq = await projection.checkpoint();
    const births = await journal.births(position.seq);
    decoder.prime(births.filter(({ seq }) => seq <= position.seq));
    // Retention has taken entries that this projection never saw: the births that came meanwhile stand in for them.
    const missed = births.filter(({ seq }) => seq > position.seq).map((birth) => decoder.decode(birth));
    if (missed.length > 0) await projection.project(missed);
    while (!signal.aborted) {
      const entries = await journal.read(position.seq, STEP_ENTRIES_MAX);
      const newest = entries.at(-1);
      if (newest === undefined) {
        await journal.waitFor(position.seq, signal);
        continue;
      }
      await projection.project(entries.map((entry) => decoder.decode(entry)));
      position.seq = newest.seq;
      position.receivedAt = newest.receivedAt;
      // Messages come in while a backlog is worked through.
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  // A journal that was away and is asked no more is no failure.
  const done = run().catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  return { position, done };
}
