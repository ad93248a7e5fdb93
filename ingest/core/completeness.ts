/**
 * What an edge node has sent, against what it has counted. Numbers of one outbox are dense, so whatever lies between
 * the lowest and the highest number seen was expected.
 */
import type { RecordRange } from "@campus-ops/broker/sparkplug";

/** The account of one epoch of one node. The journal has removed duplicates: each record is counted once. */
export interface EpochAccount {
  readonly first: number;
  readonly last: number;
  readonly received: number;
}

export interface Completeness {
  readonly expected: number;
  readonly received: number;
  /** Given up by the edge, by its own word. */
  readonly lost: number;
}

export function countRecord(account: EpochAccount | undefined, { first, last }: RecordRange): EpochAccount {
  const size = last - first + 1;
  if (account === undefined) return { first, last, received: size };
  return {
    first: Math.min(account.first, first),
    last: Math.max(account.last, last),
    received: account.received + size,
  };
}

/** `plain` is what came without numbers: nobody can know what is missing of it. */
export function completenessOf(accounts: Iterable<EpochAccount>, plain: number, lost: number): Completeness {
  let expected = plain;
  let received = plain;
  for (const account of accounts) {
    expected += account.last - account.first + 1;
    received += account.received;
  }
  return { expected: Math.max(expected, received), received, lost };
}

/** Neither here nor known to be lost: on its way, or waiting at the edge. */
export function outstanding({ expected, received, lost }: Completeness): number {
  return Math.max(0, expected - received - lost);
}
