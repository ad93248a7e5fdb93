/**
 * How host and edge notice that one of them is not who it was: an edge restored from an old image, a hub restored from a
 * backup, two boxes with one identity. See docs/decisions/0010-restored-and-cloned-boxes.md.
 *
 * In its NBIRTH the edge states its account of the outbox. The host compares it with what its journal holds, and answers
 * in an NCMD when the two cannot belong together. Ordinary metrics, as all of the hand-off.
 */
import { DataType } from "@campus-ops/device-profiles/vocabulary";
import { type Acknowledgement, safeIntegers } from "./handoff.ts";
import { interpret } from "./interpretation.ts";
import type { Metric } from "./payload.ts";

/** In NBIRTH: UInt64Array `[epoch, sent, next, skipped, waiting]`. */
export const HANDOFF_ACCOUNT = "Handoff/Account";
/** In NCMD: UInt64Array `[epoch, held]`: the host holds numbers of this epoch that this edge never sent. */
export const HANDOFF_DISPUTE = "Handoff/Dispute";
/** In NCMD: UInt64Array of the epochs that take turns under one identity. */
export const HANDOFF_TWIN = "Handoff/Twin";

/**
 * In NCMD: UInt64Array `[epoch, first₁, last₁, first₂, last₂, …]`, the runs that the host does not hold although the
 * edge has them no more: it was put back from a backup. The edge sends again what it still keeps of them.
 */
export const HANDOFF_RECALL = "Handoff/Recall";

export interface OutboxAccount {
  readonly epoch: number;
  /** The highest number that may have been sent before this birth; 0 when none was. */
  readonly sent: number;
  /** The number that the next sample will have. */
  readonly next: number;
  /** Numbers below `next` that no sample of this epoch ever had: an epoch that follows a dispute keeps the old numbers. */
  readonly skipped: number;
  /** Samples of this epoch that the edge still has. */
  readonly waiting: number;
}

export interface Dispute {
  readonly epoch: number;
  /** The highest number that the host holds. */
  readonly held: number;
}

export function accountMetric({ epoch, next, sent, skipped, waiting }: OutboxAccount): Metric {
  return numbers(HANDOFF_ACCOUNT, [epoch, sent, next, skipped, waiting]);
}

/** Undefined when its shape is not what {@link accountMetric} writes. */
export function readAccount(metric: Metric): OutboxAccount | undefined {
  const read = numbersOf(metric);
  const [epoch, sent, next, skipped, waiting] = read ?? [];
  if (read?.length !== 5 || epoch === undefined || sent === undefined || next === undefined) return undefined;
  if (skipped === undefined || waiting === undefined || sent >= next) return undefined;
  return skipped + waiting < next ? { epoch, sent, next, skipped, waiting } : undefined;
}

export function disputeMetric({ epoch, held }: Dispute): Metric {
  return numbers(HANDOFF_DISPUTE, [epoch, held]);
}

export function readDispute(metric: Metric): Dispute | undefined {
  const read = numbersOf(metric);
  const [epoch, held] = read ?? [];
  return read?.length === 2 && epoch !== undefined && held !== undefined ? { epoch, held } : undefined;
}

export function twinMetric(epochs: readonly number[]): Metric {
  return numbers(HANDOFF_TWIN, epochs);
}

export function readTwin(metric: Metric): readonly number[] | undefined {
  return numbersOf(metric);
}

export function recallMetric({ epoch, runs }: Acknowledgement): Metric {
  return numbers(HANDOFF_RECALL, [epoch, ...runs.flatMap(({ first, last }) => [first, last])]);
}

function numbers(name: string, value: readonly number[]): Metric {
  return { name, datatype: DataType.UInt64Array, value };
}

/** A command leaves its datatypes out, so that an array is still bytes. */
function numbersOf(metric: Metric): readonly number[] | undefined {
  const value = metric.datatype === undefined ? interpret(metric.value, DataType.UInt64Array) : metric.value;
  const read = safeIntegers(value ?? null);
  return read?.every((each) => each >= 0) === true ? read : undefined;
}
