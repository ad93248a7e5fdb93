/**
 * What an edge node has sent, against what it has counted. Numbers of one outbox are dense, so whatever lies between
 * the lowest and the highest number seen was expected; and a birth states what the edge still has, so that what neither
 * side has is known to be gone.
 */
import type { OutboxAccount, Run } from "@campus-ops/broker/sparkplug";

/** The account of one epoch of one node. The journal has removed duplicates: each record is counted once. */
export interface EpochAccount {
  readonly first: number;
  readonly last: number;
  readonly received: number;
  /** By the node's newest birth of this epoch; absent for a node that does not say. */
  readonly stated?: {
    readonly next: number;
    readonly skipped: number;
    /** Samples that were dealt with before this hub first heard of the node. */
    readonly before: number;
  };
  /** Samples that the hub does not have and the edge has no more: a hub restored from a backup, an outbox that was lost. */
  readonly gone?: number;
}

export interface Completeness {
  readonly expected: number;
  readonly received: number;
  /** Given up by the edge, by its own word, or known to be gone. */
  readonly lost: number;
}

export function countRecord(account: EpochAccount | undefined, { first, last }: Run): EpochAccount {
  const size = last - first + 1;
  if (account === undefined) return { first, last, received: size };
  const counted = {
    ...account,
    first: Math.min(account.first, first),
    last: Math.max(account.last, last),
    received: account.received + size,
  };
  if (account.gone === undefined) return counted;
  return { ...counted, gone: Math.min(account.gone, missing(counted)) };
}

/**
 * A birth's statement. `known` says that this hub has met the node before: then it should have everything of a new
 * epoch, too. A statement that the hub's own numbers contradict is disputed, and changes nothing.
 */
export function stateAccount(
  account: EpochAccount | undefined,
  { next, sent, skipped, waiting }: OutboxAccount,
  known: boolean,
): EpochAccount {
  const base = account ?? { first: 1, last: 0, received: 0 };
  if (base.last > sent) return base;
  const numbered = next - 1 - skipped;
  const elsewhere = known ? 0 : numbered - waiting;
  const before = base.stated?.before ?? (account === undefined ? elsewhere : account.first - 1);
  const stated = { ...base, stated: { next, skipped, before } };
  return { ...stated, gone: Math.max(0, missing(stated) - waiting) };
}

/** Its outbox has been replaced: what has not come will not come. */
export function closeAccount(account: EpochAccount): EpochAccount {
  return { ...account, gone: missing(account) };
}

/** `plain` is what came without numbers: nobody can know what is missing of it. */
export function completenessOf(accounts: Iterable<EpochAccount>, plain: number, lost: number): Completeness {
  let expected = plain;
  let received = plain;
  let gone = 0;
  for (const account of accounts) {
    expected += expectedOf(account);
    received += account.received;
    gone += account.gone ?? 0;
  }
  // What the edge gave up and told of is gone as well: the two are counted once.
  return { expected: Math.max(expected, received), received, lost: Math.max(lost, gone) };
}

/** Neither here nor known to be lost: on its way, or waiting at the edge. */
export function outstanding({ expected, received, lost }: Completeness): number {
  return Math.max(0, expected - received - lost);
}

function expectedOf({ first, last, stated }: EpochAccount): number {
  if (stated === undefined) return last - first + 1;
  return Math.max(stated.next - 1, last) - stated.skipped - stated.before;
}

function missing(account: EpochAccount): number {
  return Math.max(0, expectedOf(account) - account.received);
}
