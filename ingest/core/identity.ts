/**
 * Who speaks under an edge node's name. An outbox's epoch is replaced by a newer one when an outbox begins anew, and
 * never comes back: one that does belongs to a second box with the same identity, or to an old disk.
 */
import {
  type Acknowledgement,
  type Dispute,
  type OutboxAccount,
  RangeSet,
  type RecordRange,
  type Run,
} from "@campus-ops/broker/sparkplug";
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";

/** So long after its last sign a twin is believed in. */
export const TWIN_MEMORY_MS = 24 * 3_600_000;
/** Epochs of one node that are remembered; the one that was replaced first is forgotten. */
export const EPOCHS_REMEMBERED_MAX = 8;

export interface Identity {
  /** Of the newest birth. */
  readonly epoch: number;
  /** Those that were replaced, and when, in that order. */
  readonly replaced: readonly (readonly [epoch: number, at: Timestamp])[];
  /** The epochs that took turns, and when that was seen last. */
  readonly twin?: { readonly epochs: readonly number[]; readonly at: Timestamp };
}

export function stepIdentity(before: Identity | undefined, epoch: number, at: Timestamp): Identity {
  if (before === undefined) return { epoch, replaced: [] };
  const twin = before.twin !== undefined && at - before.twin.at < TWIN_MEMORY_MS ? { twin: before.twin } : {};
  if (before.epoch === epoch) return { epoch, replaced: before.replaced, ...twin };
  const others = before.replaced.filter(([each]) => each !== epoch && each !== before.epoch);
  const replaced = [...others, [before.epoch, at] as const].slice(-EPOCHS_REMEMBERED_MAX);
  const [, since] = before.replaced.find(([each]) => each === epoch) ?? [];
  if (since === undefined || at - since > TWIN_MEMORY_MS) return { epoch, replaced, ...twin };
  return { epoch, replaced, twin: { epochs: [before.epoch, epoch].toSorted((a, b) => a - b), at } };
}

/**
 * Whether the journal holds numbers that this edge never sent: its outbox is older than what it stands for, or another
 * box goes on with the same outbox. What it numbers from here on could be taken for what is held already.
 */
export function disputeOf({ epoch, sent }: OutboxAccount, held: number): Dispute | undefined {
  return held > sent ? { epoch, held } : undefined;
}

/** Runs in one recall, the newest; more come with the birth that follows. */
export const RECALLED_RUNS_MAX = 512;

/**
 * What an edge has sent, has no more, and the journal does not hold: the hub was put back from a backup, or the edge gave
 * it up. `held` is what the journal holds of this epoch, in order.
 */
export function recallOf(
  { epoch, next, sent, skipped, waiting }: OutboxAccount,
  held: readonly Run[],
): Acknowledgement | undefined {
  const received = held.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  if (next - 1 - skipped - waiting <= received) return undefined;
  const lost = new RangeSet(held).missing({ first: 1, last: sent });
  return { epoch, runs: lost.slice(-RECALLED_RUNS_MAX) };
}

/** The disputes that stand, one a node: nothing of such an epoch is taken or acknowledged until the next birth. */
export class Disputes {
  readonly #standing = new Map<string, Dispute>();
  /** The highest number taken of the newest epoch, durable or not yet. */
  readonly #taken = new Map<string, { readonly epoch: number; readonly last: number }>();

  taken(node: string, { epoch, last }: RecordRange): void {
    const known = this.#taken.get(node);
    if (known?.epoch !== epoch || known.last < last) this.#taken.set(node, { epoch, last });
  }

  /** `durable` is the highest number of that epoch in the journal, 0 when there is none. */
  birth(node: string, account: OutboxAccount | undefined, durable: number): Dispute | undefined {
    this.#standing.delete(node);
    if (account === undefined) return undefined;
    const taken = this.#taken.get(node);
    const held = taken?.epoch === account.epoch ? Math.max(durable, taken.last) : durable;
    const dispute = disputeOf(account, held);
    if (dispute !== undefined) this.#standing.set(node, dispute);
    return dispute;
  }

  about(node: string, { epoch }: RecordRange): Dispute | undefined {
    const dispute = this.#standing.get(node);
    return dispute?.epoch === epoch ? dispute : undefined;
  }
}
