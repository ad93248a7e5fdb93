/**
 * Whether a record goes to the journal. A record that is durable already is acknowledged again and otherwise ignored;
 * one whose first copy still waits for its commit is ignored too, and acknowledged with that first copy.
 */
import type { RecordRange, Run } from "@campus-ops/broker/sparkplug";

export interface KnowRanges {
  has(node: string, range: RecordRange): boolean;
  /** Of one node and epoch, in order; empty when nothing of it was ever received. */
  runsOf(node: string, epoch: number): readonly Run[];
  /** Something of this node was ever received. */
  knows(node: string): boolean;
}

export type Admission = "new" | "durable" | "pending";

export class AdmissionGate {
  readonly #durable: KnowRanges;
  readonly #pending = new Set<string>();

  constructor(durable: KnowRanges) {
    this.#durable = durable;
  }

  /** A record that is new is pending from now on. */
  admit(node: string, range: RecordRange): Admission {
    if (this.#durable.has(node, range)) return "durable";
    const key = keyOf(node, range);
    if (this.#pending.has(key)) return "pending";
    this.#pending.add(key);
    return "new";
  }

  /** Its commit has succeeded or failed. After a failure the next copy is new again. */
  settle(node: string, range: RecordRange): void {
    this.#pending.delete(keyOf(node, range));
  }
}

/** Records are never split or merged, so their ends identify them. */
function keyOf(node: string, { epoch, first, last }: RecordRange): string {
  return `${node} ${epoch} ${first} ${last}`;
}
