/**
 * From an accepted message to a durable entry, and only then to its acknowledgement.
 *
 * commit → acknowledge, never the other way round: whatever an edge deletes is on the hub's disk. A record that comes
 * again is acknowledged again and written once.
 */
import type { NewEntry } from "@campus-ops/broker/journal/entry";
import {
  type Acknowledgement,
  type Dispute,
  HANDOFF_ACCOUNT,
  type NodeMessage,
  type OutboxAccount,
  type RecordRange,
  readAccount,
} from "@campus-ops/broker/sparkplug";
import { type Address, addressKey, type Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { AcknowledgementPlanner, type NodeAcknowledgement } from "./acknowledgement.ts";
import { AdmissionGate, type KnowRanges } from "./admission.ts";
import { Disputes, recallOf } from "./identity.ts";
import type { RangeAliases } from "./range-aliases.ts";

export interface IntakeEvents {
  /** There is something to acknowledge. */
  readonly onDurable: () => void;
  readonly onDuplicate: () => void;
  /** A birth of a node that states its outbox. */
  readonly onAccount?: (address: Address, account: OutboxAccount, at: Timestamp) => void;
  /** The edge has sent this and has no more of it waiting; the journal does not hold it. */
  readonly onRecall?: (address: Address, lost: Acknowledgement, at: Timestamp) => void;
  /** The sender must number anew: told at its birth, and again for each record that was not taken. */
  readonly onDispute?: (address: Address, dispute: Dispute, at: Timestamp) => void;
  /** The journal refused: nothing was acknowledged, and a node without hand-off has lost its message. */
  readonly onRefused: (error: unknown, message: NodeMessage) => void;
}

/** The journal, and what it holds of every outbox as of its last commit. */
export interface IntakeJournal {
  /** Resolves once all of `entries` are durable; rejects when none of them is. */
  append(entries: readonly NewEntry[]): Promise<number>;
  readonly received: KnowRanges;
}

export class Intake {
  readonly #journal: IntakeJournal;
  readonly #gate: AdmissionGate;
  readonly #planner = new AcknowledgementPlanner();
  readonly #disputes = new Disputes();
  readonly #ranges: RangeAliases;
  readonly #events: IntakeEvents;
  #oldest: Timestamp | undefined;
  /** Settles when everything taken so far has been committed or refused. */
  #settled: Promise<unknown> = Promise.resolve();

  constructor(journal: IntakeJournal, ranges: RangeAliases, events: IntakeEvents) {
    this.#journal = journal;
    this.#gate = new AdmissionGate(journal.received);
    this.#ranges = ranges;
    this.#events = events;
  }

  take(message: NodeMessage): void {
    const { type, address, bytes, receivedAt } = message;
    const range = this.#ranges.rangeOf(message);
    if (type === "NBIRTH") this.#birth(message);
    const dispute = range === undefined ? undefined : this.#disputes.about(nodeKey(address), range);
    if (dispute !== undefined) {
      this.#events.onDispute?.(address, dispute, receivedAt);
      return;
    }
    if (range !== undefined && this.#isKnown(address, range, receivedAt)) return;
    const entry: NewEntry = { kind: type, address, receivedAt, payload: bytes };
    const appended = this.#journal.append([range === undefined ? entry : { ...entry, range }]);
    const done = appended.then(
      () => {
        if (range === undefined) return;
        this.#gate.settle(nodeKey(address), range);
        this.#acknowledgeable(address, range, receivedAt);
      },
      (error: unknown) => {
        if (range !== undefined) this.#gate.settle(nodeKey(address), range);
        this.#events.onRefused(error, message);
      },
    );
    this.#settled = done;
  }

  /** What may be acknowledged by now, once, and when the oldest of it was received. */
  acknowledgements(): {
    readonly planned: readonly NodeAcknowledgement[];
    readonly oldest: Timestamp | undefined;
  } {
    const oldest = this.#oldest;
    this.#oldest = undefined;
    return { planned: this.#planner.take(), oldest };
  }

  settled(): Promise<unknown> {
    return this.#settled;
  }

  #birth({ address, payload, receivedAt }: NodeMessage): void {
    const key = nodeKey(address);
    const stated = payload.metrics.find(({ name }) => name === HANDOFF_ACCOUNT);
    const account = stated === undefined ? undefined : readAccount(stated);
    const runs = account === undefined ? [] : this.#journal.received.runsOf(key, account.epoch);
    const dispute = this.#disputes.birth(key, account, runs.at(-1)?.last ?? 0);
    if (account !== undefined) this.#events.onAccount?.(address, account, receivedAt);
    if (dispute !== undefined) this.#events.onDispute?.(address, dispute, receivedAt);
    else if (account !== undefined && this.#journal.received.knows(key)) {
      const lost = recallOf(account, runs);
      if (lost !== undefined) this.#events.onRecall?.(address, lost, receivedAt);
    }
  }

  #isKnown(address: Address, range: RecordRange, receivedAt: Timestamp): boolean {
    const admission = this.#gate.admit(nodeKey(address), range);
    if (admission === "new") {
      this.#disputes.taken(nodeKey(address), range);
      return false;
    }
    this.#events.onDuplicate();
    if (admission === "durable") this.#acknowledgeable(address, range, receivedAt);
    return true;
  }

  #acknowledgeable(address: Address, range: RecordRange, receivedAt: Timestamp): void {
    this.#planner.add(address, range);
    this.#oldest ??= receivedAt;
    this.#events.onDurable();
  }
}

function nodeKey({ campus, node }: Address): string {
  return addressKey({ campus, node });
}
