/**
 * What must hold, whatever happens. The observer sees every part at once, as nobody in the real world can, and compares
 * what each of them believes.
 */

import {
  addressKey,
  DATA_CLASSES,
  type DataClass,
  dataClassRank,
} from "@campus-ops/device-profiles/vocabulary";
import type { OutboxRecord } from "@campus-ops/edge-agent/core/record";
import type { StoredEntry } from "./journal.ts";
import type { OutboxChange } from "./outbox-file.ts";

/** Each is named in what a failing seed prints. */
export const INVARIANTS = {
  numbers: "a sample number is given once, and none is left out",
  durable: "an edge deletes only what the hub's journal holds durably",
  once: "a record is in the journal once",
  order: "within an edge node and a class, order holds",
  priority: "what is more precious is drained first",
  bounded: "buffers stay within their bounds",
  accounted: "everything recorded is in the journal or in a loss record",
  alarms: "the alarm projection is what the journal says, each event once",
  store: "the store projection is what the journal says, each sample once",
  registry: "the registry is what the journal says, and knows what every device reported last",
  presence: "nobody speaks who is dead, and the hub knows who is there",
  converges: "once faults stop, everything arrives",
} as const;
export type Invariant = keyof typeof INVARIANTS;

export class InvariantError extends Error {
  override readonly name = "InvariantError";
  readonly invariant: Invariant;

  constructor(invariant: Invariant, detail: string) {
    super(`${INVARIANTS[invariant]}: ${detail}`);
    this.invariant = invariant;
  }
}

interface Known {
  readonly record: OutboxRecord;
  journaled: boolean;
  givenUp: boolean;
  /** The session in which it was last sent. */
  session: number;
}

/** One sending of a record. */
interface Transmission {
  /** Births of the node before it. */
  readonly session: number;
  readonly historical: boolean;
  /** It had been sent in this session before. */
  readonly again: boolean;
}

interface EdgeAccount {
  readonly records: Map<number, Known>;
  /** The highest number given. */
  last: number;
  /** The highest first number in the journal of each session, class and kind. */
  readonly newest: Map<string, number>;
  /** Samples given up and samples that loss records speak of. */
  givenUp: number;
  told: number;
}

/** Loss records come on top of the budget, in the transaction that makes the room. */
const LOSS_RECORDS_BYTES_MAX = 10 * 64;

export class Observer {
  readonly #edges = new Map<string, EdgeAccount>();
  /** The first thing that went wrong: where it happened it may be caught as somebody's ordinary error. */
  #broken: InvariantError | undefined;
  /** By the payload that carries it, which nobody copies. */
  readonly #transmissions = new Map<Uint8Array, Transmission>();

  get broken(): InvariantError | undefined {
    return this.#broken;
  }

  expect(holds: boolean, invariant: Invariant, detail: () => string): void {
    if (!holds) this.#broken ??= new InvariantError(invariant, detail());
  }

  /** A transaction of an outbox is durable. */
  outboxChanged(node: string, { inserted, removed, givenUp }: OutboxChange): void {
    const account = this.#edge(node);
    for (const record of inserted) {
      const { first, last } = record.range;
      this.expect(first === account.last + 1, "numbers", () => `${node} gave ${first} after ${account.last}`);
      account.last = last;
      account.records.set(first, { record, journaled: false, givenUp: false, session: 0 });
    }
    for (const { range } of removed) {
      const known = account.records.get(range.first);
      this.expect(
        known?.journaled === true,
        "durable",
        () => `${node} deleted ${range.first} to ${range.last}`,
      );
    }
    for (const { range } of givenUp) {
      const known = account.records.get(range.first);
      if (known === undefined) continue;
      known.givenUp = true;
      account.givenUp += range.last - range.first + 1;
    }
  }

  /** `waiting`: the oldest record of a class that is durable at this edge and not on its way. */
  sent(
    node: string,
    record: OutboxRecord,
    sending: { readonly session: number; readonly historical: boolean; readonly payload: Uint8Array },
    waiting: (dataClass: DataClass) => OutboxRecord | undefined,
  ): void {
    const { historical, payload, session } = sending;
    const known = this.#edge(node).records.get(record.range.first);
    this.#transmissions.set(payload, { session, historical, again: known?.session === session });
    if (known !== undefined) known.session = session;
    if (!historical) return;
    for (const dataClass of DATA_CLASSES.slice(0, dataClassRank(record.dataClass))) {
      const before = waiting(dataClass);
      this.expect(
        before === undefined,
        "priority",
        () =>
          `${node} sent ${record.dataClass} ${record.range.first} while ${dataClass} ${before?.range.first} waited`,
      );
    }
  }

  bounded(node: string, bytes: number, bytesMax: number): void {
    this.expect(
      bytes <= bytesMax + LOSS_RECORDS_BYTES_MAX,
      "bounded",
      () => `the outbox of ${node} holds ${bytes} bytes of ${bytesMax}`,
    );
  }

  journaled(entries: readonly StoredEntry[]): void {
    for (const { address, payload, range } of entries) {
      if (address === undefined || range === undefined) continue;
      const node = addressKey({ campus: address.campus, node: address.node });
      const account = this.#edge(node);
      const known = account.records.get(range.first);
      this.expect(known !== undefined, "numbers", () => `${range.first} of ${node} was never recorded`);
      if (known === undefined) continue;
      this.expect(!known.journaled, "once", () => `${range.first} of ${node} is in the journal twice`);
      known.journaled = true;
      account.told += lossIn(known.record);
      this.#inOrder(node, account, known.record, this.#transmissions.get(payload));
    }
  }

  /** Of one session, live and backlog each by themselves; what is sent again in it comes later. */
  #inOrder(node: string, account: EdgeAccount, record: OutboxRecord, sent: Transmission | undefined): void {
    if (sent === undefined || sent.again) return;
    const key = `${sent.session} ${record.dataClass} ${sent.historical ? "backlog" : "live"}`;
    const newest = account.newest.get(key) ?? 0;
    const { first } = record.range;
    this.expect(first > newest, "order", () => `${node}, session ${key}: ${first} came after ${newest}`);
    account.newest.set(key, first);
  }

  /** After everything has settled. */
  settled(): void {
    for (const [node, account] of this.#edges) {
      let toldTwice = 0;
      for (const [first, { givenUp, journaled, record }] of account.records) {
        this.expect(journaled || givenUp, "accounted", () => `${first} of ${node} is nowhere`);
        // It had arrived after all, which the edge could not know.
        if (givenUp && journaled) toldTwice += lossIn(record);
      }
      this.expect(
        account.told === account.givenUp + toldTwice,
        "accounted",
        () => `${node} gave ${account.givenUp} samples up and told of ${account.told - toldTwice}`,
      );
    }
  }

  records(node: string): Iterable<{ readonly record: OutboxRecord; readonly journaled: boolean }> {
    return this.#edge(node).records.values();
  }

  told(node: string): number {
    return this.#edge(node).told;
  }

  #edge(node: string): EdgeAccount {
    const known = this.#edges.get(node);
    if (known !== undefined) return known;
    const created: EdgeAccount = { records: new Map(), last: 0, newest: new Map(), givenUp: 0, told: 0 };
    this.#edges.set(node, created);
    return created;
  }
}

/** How many samples a record says were lost. */
function lossIn({ metrics }: OutboxRecord): number {
  let lost = 0;
  for (const { name, value } of metrics) {
    if (name !== "Edge/Loss" || typeof value !== "object" || value === null || !("kind" in value)) continue;
    if (value.kind !== "template") continue;
    const count = value.metrics.find((member) => member.name === "count")?.value;
    if (typeof count === "number") lost += count;
  }
  return lost;
}
