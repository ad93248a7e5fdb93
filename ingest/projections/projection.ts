/**
 * Keeps a projection up with the journal: reads, decodes, hands over, waits. A projection stores its checkpoint
 * together with its output, so it can be stopped anywhere and goes on where it was.
 */
import { setTimeout } from "node:timers/promises";
import {
  type Checkpoint,
  type DecodedEntry,
  discontinuityText,
  findDiscontinuity,
  JournalDecoder,
  type ReadJournal,
} from "@campus-ops/broker/journal";
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { OperatorError } from "@campus-ops/service";
import { type DecodedJournal, STEP_ENTRIES_MAX } from "./decoded-journal.ts";

export interface ProjectionCheckpoint extends Checkpoint {
  /** Entries after this one come again, up to the checkpoint, for what is not in the output yet: an older place, or the same. */
  readonly again?: { readonly seq: number; readonly receivedAt: Timestamp };
}

export interface Projection {
  /** For logs and metrics. */
  readonly name: string;
  /** For the operator: what it keeps, in the data folder or elsewhere. */
  readonly place: string;
  /** What is not written yet is forgotten: entries come again from here. */
  checkpoint(): Promise<ProjectionCheckpoint>;
  /** Takes entries in order, each once; returns when it can take more. */
  project(entries: readonly DecodedEntry[]): Promise<void>;
  /** True for an error that time mends: the projection waits, and begins again from its checkpoint. */
  isAway?(error: unknown): boolean;
}

/** Between two tries of a projection whose output is away: the first, and the longest it grows to. */
export const RETRY_MS = 500;
export const RETRY_MS_MAX = 15_000;

export interface ProjectionEvents {
  /** Told at every try that fails. */
  readonly onAway?: (error: unknown) => void;
  readonly onBack?: () => void;
  /** Retention has taken the entries after `seq` and before `first`, which this projection never saw. */
  readonly onMissed?: (seq: number, first: number) => void;
}

export interface ProjectionRun {
  /** The newest entry it has taken, and when that was received. */
  readonly position: { readonly seq: number; readonly receivedAt: Timestamp };
  /** Rejects when the projection fails: its process should end, and begin again from the checkpoint. */
  readonly done: Promise<void>;
}

/** Throws {@link OperatorError} when the checkpoint is not of this journal; an output that is away is asked later. */
export async function refuseAnotherJournal(
  projection: Projection,
  journal: ReadJournal,
  checkpoint?: Checkpoint,
): Promise<void> {
  try {
    const taken = checkpoint ?? (await projection.checkpoint());
    const found = await findDiscontinuity(journal, taken);
    if (found === undefined) return;
    throw new OperatorError(discontinuityText(taken, found, { file: projection.place, lost: "" }));
  } catch (error) {
    if (checkpoint !== undefined || projection.isAway?.(error) !== true) throw error;
  }
}

export function runProjection(
  projection: Projection,
  decoded: DecodedJournal,
  signal: AbortSignal,
  events: ProjectionEvents = {},
): ProjectionRun {
  const { journal } = decoded;
  const position = { seq: 0, receivedAt: 0 };
  let isAway = false;
  let retry_ms = RETRY_MS;
  const project = async (entries: readonly DecodedEntry[]): Promise<void> => {
    await projection.project(entries);
    if (isAway) events.onBack?.();
    isAway = false;
    retry_ms = RETRY_MS;
  };
  const begin = async (): Promise<JournalDecoder> => {
    const decoder = new JournalDecoder();
    const births = await journal.births(position.seq);
    decoder.prime(births.filter(({ seq }) => seq <= position.seq));
    // Retention has taken entries that this projection never saw: the births that came meanwhile stand in for them.
    const missed = births.filter(({ seq }) => seq > position.seq).map((birth) => decoder.decode(birth));
    if (missed.length > 0) {
      events.onMissed?.(position.seq, (await journal.bounds()).first);
      await project(missed);
    }
    return decoder;
  };
  const follow = async (): Promise<void> => {
    const checkpoint = await projection.checkpoint();
    await refuseAnotherJournal(projection, journal, checkpoint);
    position.seq = checkpoint.again?.seq ?? checkpoint.seq;
    /** While the others are elsewhere. */
    let own: JournalDecoder | undefined = await begin();
    const next = async (): Promise<readonly DecodedEntry[]> => {
      if (own !== undefined && decoded.offer(own, position.seq)) own = undefined;
      const shared = await decoded.read(position.seq);
      if (shared !== undefined) {
        own = undefined;
        return shared;
      }
      const decoder = own ?? (await begin());
      own = decoder;
      return (await journal.read(position.seq, STEP_ENTRIES_MAX)).map((entry) => decoder.decode(entry));
    };
    while (!signal.aborted) {
      const entries = await next();
      const newest = entries.at(-1);
      if (newest === undefined) {
        await journal.waitFor(position.seq, signal);
        continue;
      }
      await project(entries);
      position.seq = newest.seq;
      position.receivedAt = newest.receivedAt;
      // Messages come in while a backlog is worked through.
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        decoded.join(position);
        await follow();
      } catch (error) {
        decoded.leave(position);
        if (projection.isAway?.(error) !== true) throw error;
        isAway = true;
        events.onAway?.(error);
        await setTimeout(retry_ms, undefined, { signal });
        retry_ms = Math.min(2 * retry_ms, RETRY_MS_MAX);
      }
    }
  };
  // A journal that was away and is asked no more is no failure.
  const done = run().catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  return { position, done };
}
