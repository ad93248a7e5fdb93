/**
 * Gathers what has become durable, so that one message to a node acknowledges many records. Each record is named by its
 * own run, as it was sent: an edge that files its records by their numbers finds each of them without searching.
 */
import type { Acknowledgement, RecordRange, Run } from "@campus-ops/broker/sparkplug";
import type { Address } from "@campus-ops/device-profiles/vocabulary";

/** How long a durable record waits for others before it is acknowledged. */
export const ACKNOWLEDGE_MS = 20;
/** Runs in one message; more take another one. */
export const ACKNOWLEDGED_RUNS_MAX = 512;

export interface NodeAcknowledgement {
  readonly node: Omit<Address, "device">;
  readonly acknowledgement: Acknowledgement;
}

export class AcknowledgementPlanner {
  readonly #nodes = new Map<
    string,
    { node: Omit<Address, "device">; epochs: Map<number, Map<number, Run>> }
  >();

  /** Only for ranges that are durable. */
  add({ campus, node }: Address, range: RecordRange): void {
    const key = `${campus}/${node}`;
    const known = this.#nodes.get(key) ?? {
      node: { campus, node },
      epochs: new Map<number, Map<number, Run>>(),
    };
    this.#nodes.set(key, known);
    const runs = known.epochs.get(range.epoch) ?? new Map<number, Run>();
    known.epochs.set(range.epoch, runs);
    const { first, last } = range;
    runs.set(first, { first, last });
  }

  get isEmpty(): boolean {
    return this.#nodes.size === 0;
  }

  /** Everything gathered so far, once. */
  take(): NodeAcknowledgement[] {
    const planned: NodeAcknowledgement[] = [];
    for (const { node, epochs } of this.#nodes.values()) {
      for (const [epoch, records] of epochs) {
        for (const runs of slices([...records.values()]))
          planned.push({ node, acknowledgement: { epoch, runs } });
      }
    }
    this.#nodes.clear();
    return planned;
  }
}

function* slices(runs: readonly Run[]): Generator<readonly Run[]> {
  for (let at = 0; at < runs.length; at += ACKNOWLEDGED_RUNS_MAX)
    yield runs.slice(at, at + ACKNOWLEDGED_RUNS_MAX);
}
