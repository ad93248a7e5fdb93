/** The journal read again, with what people did at its place between the entries. */
import { JournalDecoder, type ReadJournal } from "@campus-ops/broker/journal";
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { Input, PeopleInput } from "../core/input.ts";
import { inputsOf } from "../feed/inputs.ts";

/** Entries read at once. */
const PAGE_ENTRIES = 2_000;

export interface ReplayOptions {
  readonly journal: ReadJournal;
  /** In the order in which they were done. */
  readonly actions: readonly PeopleInput[];
  /** Receive times; from the oldest entry left to the newest unless said. */
  readonly from?: Timestamp;
  readonly to?: Timestamp;
  readonly step: (input: Input) => void;
  readonly onProgress?: (progress: ReplayProgress) => void;
  readonly signal?: AbortSignal;
}

export interface ReplayProgress {
  readonly entries: number;
  readonly samples: number;
  /** Entries to read; more may be written meanwhile and are left out. */
  readonly total: number;
  /** Receive time of the newest entry read. */
  readonly upTo: Timestamp;
}

export async function replay(options: ReplayOptions): Promise<ReplayProgress> {
  const { journal, actions, step, onProgress, signal } = options;
  const { first, last } = await journal.bounds();
  const begin = await firstSince(journal, options.from, first, last);
  const to = options.to ?? Number.POSITIVE_INFINITY;
  const decoder = new JournalDecoder();
  if (begin > 1) {
    // What every device was like when it begins, as a restarted process would be told.
    const births = await journal.births(begin - 1);
    const teller = new JournalDecoder();
    for (const birth of births) for (const input of inputsOf(teller.decode(birth))) step(input);
    decoder.prime(births);
  }
  let next = actions.findIndex(({ seq }) => seq >= begin);
  if (next < 0) next = actions.length;
  const progress = { entries: 0, samples: 0, total: Math.max(0, last - begin + 1), upTo: 0 };
  let after = begin - 1;
  while (after < last && signal?.aborted !== true) {
    const entries = await journal.read(after, Math.min(PAGE_ENTRIES, last - after));
    if (entries.length === 0) break;
    for (const entry of entries) {
      for (let act = actions[next]; act !== undefined && act.seq < entry.seq; act = actions[next]) {
        step(act);
        next += 1;
      }
      if (entry.receivedAt > to) return progress;
      const decoded = decoder.decode(entry);
      for (const input of inputsOf(decoded)) step(input);
      progress.entries += 1;
      progress.samples += decoded.samples.length + decoded.events.length;
      progress.upTo = entry.receivedAt;
      after = entry.seq;
    }
    onProgress?.({ ...progress });
  }
  for (const act of actions.slice(next)) if (act.seq <= after) step(act);
  return progress;
}

/** The number of the first entry received at or after `from`: receive times never go back. */
async function firstSince(
  journal: ReadJournal,
  from: Timestamp | undefined,
  first: number,
  last: number,
): Promise<number> {
  if (from === undefined) return first;
  let low = first;
  let high = last + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const [entry] = await journal.read(middle - 1, 1);
    if (entry !== undefined && entry.receivedAt < from) low = middle + 1;
    else high = middle;
  }
  return low;
}
