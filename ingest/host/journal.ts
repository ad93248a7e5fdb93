/** The journal as ingest opens it: what happens to it is told in the log. */
import { JournalLockedError, type JournalReader, type JournalWriter } from "@campus-ops/broker/journal";
import { type JournalPlace, openReaderAt, openWriterAt } from "@campus-ops/broker/journal/place";
import { type Log, OperatorError } from "@campus-ops/service";
import { LimitedLog } from "./limited-log.ts";

export interface JournalOptions {
  readonly place: JournalPlace;
  readonly retention: { readonly journalDays: number; readonly journalBytes: number };
  readonly log: Log;
  readonly now: () => number;
  /** The time by which age is judged. */
  readonly ageNow: () => number;
  /** Receive time of the oldest entry that some projection has not taken yet; 0 while nobody knows. */
  readonly takenUntil: () => number;
  readonly signal: AbortSignal;
  readonly onFailure: (error: unknown) => void;
}

const DAY_MS = 86_400_000;
/** What was taken is not written yet everywhere: an engine may confirm before it is durable. */
const WRITTEN_MS_MAX = 3_600_000;

/**
 * Age alone takes nothing that a projection has not taken yet: a store may be away for longer than the journal reaches
 * back. The bound in bytes holds all the same, because a full disk would stop everything.
 */
export function journalRetention({
  retention,
  ageNow,
  takenUntil,
}: Pick<JournalOptions, "retention" | "ageNow" | "takenUntil">) {
  return {
    get days(): number {
      const kept_ms = ageNow() - takenUntil() + WRITTEN_MS_MAX;
      return Math.max(retention.journalDays, kept_ms / DAY_MS);
    },
    bytes: retention.journalBytes,
    now: ageNow,
  };
}

/** Throws {@link OperatorError} when another process writes it. */
export async function openJournal(
  options: JournalOptions,
): Promise<{ readonly journal: JournalWriter; readonly reader: JournalReader }> {
  const { place, log, now, signal } = options;
  const limited = new LimitedLog(log, now);
  const onAway = (error: unknown) =>
    limited.warn(
      "away",
      { err: error },
      "the journal's server does not answer; nothing is acknowledged meanwhile, senders keep it; trying again",
    );
  try {
    const journal = await openWriterAt(place, journalRetention(options), {
      onAway,
      onEnded: options.onFailure,
      onUnsynced: (version) =>
        log.warn(
          { version },
          "this nats-server confirms before its disk has synced: a power cut may take the last minutes that were acknowledged. Use 2.10 or later with sync_interval: always",
        ),
      onSetAside: (path, error) =>
        log.error(
          { path, err: error },
          "a journal segment is damaged; it was set aside whole, and a new one begun",
        ),
      onRetired: (what) => log.info({ what }, "a part of the journal is past its retention and was deleted"),
      onProblem: (error) =>
        log.error({ err: error }, "the journal's housekeeping failed; nothing is lost; trying again"),
    });
    const reader = await openReaderAt(place, signal, {
      onAway,
      onUnreadable: (path, error) =>
        log.error({ path, err: error }, "a journal segment cannot be read; it is passed over"),
    });
    return { journal, reader };
  } catch (error) {
    if (error instanceof JournalLockedError) throw new OperatorError(error.message);
    throw error;
  }
}
