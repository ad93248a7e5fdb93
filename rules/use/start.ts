/** The use of rooms, put together: follows the journal by itself, so that no alarm waits for it. */
import { setTimeout as sleep } from "node:timers/promises";
import { JournalDecoder, type ReadJournal } from "@campus-ops/broker/journal";
import type { AssetPath } from "@campus-ops/device-profiles/vocabulary";
import { Gauge, type Log, type Registry } from "@campus-ops/service";
import { StoreFullError } from "../store/database.ts";
import type { UseConfiguration } from "./configuration.ts";
import { UseFigures } from "./figures.ts";
import { UseStore } from "./use-store.ts";
import { type Gathered, gather } from "./utterances.ts";

const BATCH_ENTRIES = 1_024;
/** Nobody watches these figures by the second: commits are few. */
const COMMIT_MS = 2_000;
/** Records of use are asked for by the school year, and once more the year after. */
const RETENTION_MS = 3 * 366 * 86_400_000;
const RETAIN_MS = 86_400_000;
const FULL_RETRY_MS = 1_000;

export interface UseOptions {
  readonly file: string;
  readonly configuration: UseConfiguration;
  readonly journal: ReadJournal;
  readonly campusPath: (campus: string) => AssetPath;
  readonly metrics: Registry;
  readonly log: Log;
  readonly onFailure: (error: unknown) => void;
}

export interface UseOfRooms {
  readonly figures: UseFigures;
  stop(): Promise<void>;
}

export function startUse(options: UseOptions): UseOfRooms {
  const { configuration, journal, metrics, log } = options;
  const store = new UseStore(options.file);
  const stopping = new AbortController();
  let seq = store.position.seq;
  new Gauge({
    name: "rules_use_seq",
    help: "Journal entry up to which the use of rooms is known",
    registers: [metrics],
    collect() {
      this.set(seq);
    },
  });
  const following = follow();
  following.catch(options.onFailure);
  return {
    figures: new UseFigures(configuration, store),
    stop: async () => {
      stopping.abort();
      await following.catch(() => undefined);
      store.close();
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
          log.error({ err: error }, "the use of rooms waits for room on the disk; the journal keeps it");
        await sleep(FULL_RETRY_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
      }
    }
  }

  async function follow(): Promise<void> {
    const { signal } = stopping;
    const decoder = new JournalDecoder();
    decoder.prime(await journal.births(seq));
    let gathered = nothing();
    let now = store.position.now;
    let committedAt = performance.now();
    let retainedAt = Number.NEGATIVE_INFINITY;
    const commit = (): void => {
      if (seq === store.position.seq) return;
      store.commit({ seq, now, ...gathered });
      gathered = nothing();
      committedAt = performance.now();
      if (committedAt - retainedAt < RETAIN_MS) return;
      retainedAt = committedAt;
      const deleted = store.retain(now - RETENTION_MS);
      if (deleted > 0)
        log.info({ deleted }, "readings about the use of rooms past their retention were deleted");
    };
    try {
      while (!signal.aborted) {
        const entries = await journal.read(seq, BATCH_ENTRIES);
        for (const entry of entries) {
          gather(decoder.decode(entry), options.campusPath, gathered);
          seq = entry.seq;
          now = entry.receivedAt;
        }
        if (performance.now() - committedAt >= COMMIT_MS) await commitWhenThereIsRoom(commit);
        const quiet =
          seq === store.position.seq ? signal : AbortSignal.any([signal, AbortSignal.timeout(COMMIT_MS)]);
        if (entries.length === 0) await journal.waitFor(seq, quiet);
        else await new Promise((resolve) => setImmediate(resolve));
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

const nothing = (): Gathered => ({ devices: [], utterances: [], nodes: [] });
