/**
 * The journal, read and decoded once for all projections that are at about the same place in it. Whoever is elsewhere (a
 * store that was away) decodes for itself until it has caught up.
 */
import type { DecodedEntry, JournalDecoder, ReadJournal } from "@campus-ops/broker/journal";

/** Entries in one step: what a projection is handed at once at most. */
export const STEP_ENTRIES_MAX = 256;
/**
 * Samples of the steps that are kept for those who are slower than the first, about 100 bytes each. Who is further behind
 * than this decodes for itself.
 */
export const KEPT_SAMPLES_MAX = 100_000;

interface Step {
  /** Number of the entry before the first. */
  readonly after: number;
  readonly last: number;
  readonly entries: readonly DecodedEntry[];
  readonly samples: number;
}

/** Whoever is furthest: its decoder has decoded everything up to `end`. */
interface Head {
  readonly decoder: JournalDecoder;
  end: number;
}

export interface Place {
  readonly seq: number;
}

export class DecodedJournal {
  readonly journal: ReadJournal;
  readonly #readers = new Set<Place>();
  #head: Head | undefined;
  #steps: Step[] = [];
  #reading: Promise<void> | undefined;

  constructor(journal: ReadJournal) {
    this.journal = journal;
  }

  /** What `reader` has not taken is kept for it, within bounds. */
  join(reader: Place): void {
    this.#readers.add(reader);
  }

  leave(reader: Place): void {
    this.#readers.delete(reader);
  }

  /**
   * Some entries after number `after`, none when there are none yet; undefined when the others are elsewhere. Then whoever
   * asks has a decoder of its own, and offers it: if it is further than the others, it becomes theirs.
   */
  async read(after: number): Promise<readonly DecodedEntry[] | undefined> {
    if (this.#head?.end === after) {
      this.#reading ??= this.#advance(this.#head).finally(() => {
        this.#reading = undefined;
      });
      await this.#reading;
    }
    const step = this.#steps.find((each) => each.after <= after && after < each.last);
    if (step !== undefined)
      return step.after === after ? step.entries : step.entries.filter(({ seq }) => seq > after);
    return this.#head?.end === after ? [] : undefined;
  }

  /** `decoder` has decoded everything up to number `end`, and is used by nobody else from now on if this says true. */
  offer(decoder: JournalDecoder, end: number): boolean {
    if (this.#head !== undefined && this.#head.end >= end) return false;
    this.#head = { decoder, end };
    this.#steps = [];
    return true;
  }

  async #advance(head: Head): Promise<void> {
    const { end } = head;
    const read = await this.journal.read(end, STEP_ENTRIES_MAX);
    const newest = read.at(-1);
    // Somebody who is further has come meanwhile.
    if (newest === undefined || this.#head !== head) return;
    const entries = read.map((entry) => head.decoder.decode(entry));
    const samples = entries.reduce((sum, each) => sum + each.samples.length, 0);
    head.end = newest.seq;
    this.#steps.push({ after: end, last: newest.seq, entries, samples });
    this.#forget();
  }

  /** What everybody has taken, and the oldest of what is too much. The newest step is always kept. */
  #forget(): void {
    const oldest = this.#steps[0]?.after ?? 0;
    const needed = Math.min(...[...this.#readers].map(({ seq }) => seq).filter((seq) => seq >= oldest));
    this.#steps = this.#steps.filter(({ last }, at) => last > needed || at === this.#steps.length - 1);
    let samples = this.#steps.reduce((sum, each) => sum + each.samples, 0);
    while (this.#steps.length > 1 && samples > KEPT_SAMPLES_MAX) samples -= this.#steps.shift()?.samples ?? 0;
  }
}
