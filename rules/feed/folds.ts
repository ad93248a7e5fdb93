/**
 * Follows the journal for what nobody watches by the second: the use of rooms, the health of devices. It has a reader of
 * its own and gives way to the alarms', so that none of them waits for it.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type DecodedEntry, JournalDecoder, type ReadJournal } from "@campus-ops/broker/journal";
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { Gauge, type Log, type Registry } from "@campus-ops/service";
import { StoreFullError } from "../store/database.ts";

const BATCH_ENTRIES = 1_024;
const COMMIT_MS = 2_000;
const RETAIN_MS = 86_400_000;
const FULL_RETRY_MS = 1_000;
/** Between two batches while alarms are behind: enough for several of theirs, and figures go on all the same. */
const YIELD_MS = 250;

/** Keeps what bears on one kind of figure, by event time. Its position is kept in the transaction of what it keeps. */
export interface Fold {
  /** For the log. */
  readonly name: string;
  readonly position: { readonly seq: number; readonly now: Timestamp };
  /** Remembers what an entry says until {@link commit}. */
  add(entry: DecodedEntry): void;
  /** Throws {@link StoreFullError} on a full disk; what was added is then still remembered. */
  commit(seq: number, now: Timestamp): void;
  /** Deletes what is past its retention; answers with how much that was. */
  retain(now: Timestamp): number;
  close(): void;
}

export interface FoldsOptions {
  readonly folds: readonly Fold[];
  readonly journal: ReadJournal;
  readonly metrics: Registry;
  readonly log: Log;
  readonly onFailure: (error: unknown) => void;
  /** After a commit: the time by the journal up to which all of it is kept. */
  readonly onCommit?: (now: Timestamp) => void;
  /** Nothing more is read until it resolves. */
  readonly room?: () => Promise<void>;
  /** Alarms are behind, and theirs is the time of this process. */
  readonly yields?: () => boolean;
}

export interface RunningFolds {
  stop(): Promise<void>;
}

export function followForFolds(options: FoldsOptions): RunningFolds {
  const { folds, journal, metrics, log } = options;
  const stopping = new AbortController();
  // One that is new here reads what the journal still has; the others leave that out.
  let seq = Math.min(...folds.map(({ position }) => position.seq));
  new Gauge({
    name: "rules_folds_seq",
    help: "Journal entry up to which the use of rooms and the health of devices are known",
    registers: [metrics],
    collect() {
      this.set(seq);
    },
  });
  const following = follow();
  following.catch(options.onFailure);
  return {
    stop: async () => {
      stopping.abort();
      await following.catch(() => undefined);
      for (const fold of folds) fold.close();
    },
  };

  /** Nothing is read on meanwhile, so what waits stays as small as it is; alarms do not pass here. */
  async function commitWhenThereIsRoom(commit: () => void): Promise<void> {
    for (let told = false; !stopping.signal.aborted; told = true) {
      try {
        commit();
        return;
      } catch (error) {
        if (!(error instanceof StoreFullError)) throw error;
        if (!told)
          log.error(
            { err: error },
            "figures of use and health wait for room on the disk; the journal keeps them",
          );
        await sleep(FULL_RETRY_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
      }
    }
  }

  async function follow(): Promise<void> {
    const { signal } = stopping;
    const decoder = new JournalDecoder();
    decoder.prime(await journal.births(seq));
    let now = Math.min(...folds.map(({ position }) => position.now));
    let committed = seq;
    let committedAt = performance.now();
    let retainedAt = Number.NEGATIVE_INFINITY;
    const commit = (): void => {
      if (seq === committed) return;
      for (const fold of folds) if (fold.position.seq < seq) fold.commit(seq, now);
      committed = seq;
      committedAt = performance.now();
      options.onCommit?.(now);
      if (committedAt - retainedAt < RETAIN_MS) return;
      retainedAt = committedAt;
      for (const fold of folds) {
        const deleted = fold.retain(now);
        if (deleted > 0) log.info({ what: fold.name, deleted }, "readings past their retention were deleted");
      }
    };
    try {
      while (!signal.aborted) {
        const entries = await journal.read(seq, BATCH_ENTRIES);
        for (const entry of entries) {
          const decoded = decoder.decode(entry);
          for (const fold of folds) if (fold.position.seq < entry.seq) fold.add(decoded);
          seq = entry.seq;
          now = entry.receivedAt;
        }
        if (performance.now() - committedAt >= COMMIT_MS) await commitWhenThereIsRoom(commit);
        await options.room?.();
        const quiet = seq === committed ? signal : AbortSignal.any([signal, AbortSignal.timeout(COMMIT_MS)]);
        if (entries.length === 0) await journal.waitFor(seq, quiet);
        else await sleep(options.yields?.() === true ? YIELD_MS : 0, undefined, { signal });
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    try {
      commit();
    } catch (error) {
      // Read again from the journal at the next start.
      if (!(error instanceof StoreFullError)) throw error;
    }
  }
}
