/** Which records of which outbox the journal holds: one {@link RangeSet} for every edge node and epoch. */
import type { RecordRange, Run } from "../sparkplug/handoff.ts";
import { RangeSet } from "./range-set.ts";

/** An edge node's outbox begins anew rarely; of more than this many, the epochs least recently begun are forgotten. */
export const EPOCHS_PER_NODE_MAX = 64;

export interface ReceivedRun extends Run {
  /** `campus/node` */
  readonly node: string;
  readonly epoch: number;
}

export class ReceivedRanges {
  readonly #nodes = new Map<string, Map<number, RangeSet>>();

  add(node: string, range: RecordRange): void {
    const epochs = this.#nodes.get(node) ?? new Map<number, RangeSet>();
    this.#nodes.set(node, epochs);
    const set = epochs.get(range.epoch) ?? new RangeSet();
    set.add(range);
    epochs.set(range.epoch, set);
    const [oldest] = epochs.keys();
    if (epochs.size > EPOCHS_PER_NODE_MAX && oldest !== undefined) epochs.delete(oldest);
  }

  has(node: string, range: RecordRange): boolean {
    return this.#nodes.get(node)?.get(range.epoch)?.has(range) ?? false;
  }

  /** Of one node and epoch; undefined when nothing of it was ever received. */
  of(node: string, epoch: number): RangeSet | undefined {
    return this.#nodes.get(node)?.get(epoch);
  }

  *runs(): Generator<ReceivedRun> {
    for (const [node, epochs] of this.#nodes) {
      for (const [epoch, set] of epochs) for (const run of set.runs) yield { node, epoch, ...run };
    }
  }
}
