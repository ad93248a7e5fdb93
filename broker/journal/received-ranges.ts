/** Which records of which outbox the journal holds: one set of sample numbers for every edge node and epoch. */
import type { RecordRange, Run } from "../sparkplug/handoff.ts";
import { RangeSet } from "../sparkplug/range-set.ts";

/** An edge node's outbox begins anew rarely; of more than this many, the epoch that was first seen is forgotten. */
export const EPOCHS_PER_NODE_MAX = 64;
/** An epoch with more runs leaves holes without end; the oldest eighth of its runs is forgotten, and counted. */
export const RUNS_PER_EPOCH_MAX = 65_536;

export interface ReceivedRun extends Run {
  /** `campus/node` */
  readonly node: string;
  readonly epoch: number;
}

export class ReceivedRanges {
  readonly #nodes = new Map<string, Map<number, RangeSet>>();
  #forgotten = 0;

  add(node: string, range: RecordRange): void {
    const epochs = this.#nodes.get(node) ?? new Map<number, RangeSet>();
    this.#nodes.set(node, epochs);
    let set = epochs.get(range.epoch) ?? new RangeSet();
    set.add(range);
    if (set.runCount > RUNS_PER_EPOCH_MAX) {
      const forget = RUNS_PER_EPOCH_MAX / 8;
      set = new RangeSet(set.toRuns().slice(forget));
      this.#forgotten += forget;
    }
    epochs.set(range.epoch, set);
    const [oldest] = epochs.keys();
    if (epochs.size > EPOCHS_PER_NODE_MAX && oldest !== undefined) epochs.delete(oldest);
  }

  has(node: string, range: RecordRange): boolean {
    return this.#nodes.get(node)?.get(range.epoch)?.hasAll(range) ?? false;
  }

  /** Something of this node was ever received. */
  knows(node: string): boolean {
    return this.#nodes.has(node);
  }

  /** Of one node and epoch, in order; empty when nothing of it was ever received. */
  runsOf(node: string, epoch: number): readonly Run[] {
    return this.#nodes.get(node)?.get(epoch)?.toRuns() ?? [];
  }

  /** Runs forgotten because there were too many: a duplicate of one of them would not be noticed. */
  get forgotten(): number {
    return this.#forgotten;
  }

  *runs(): Generator<ReceivedRun> {
    for (const [node, epochs] of this.#nodes) {
      for (const [epoch, set] of epochs) for (const run of set.toRuns()) yield { node, epoch, ...run };
    }
  }
}
