/**
 * The acknowledged hand-off, on top of Sparkplug and in its own terms (ordinary metrics and commands), so that a host
 * which knows nothing of it still understands every message.
 *
 * The edge counts every sample it ever reports, per edge node and epoch, from 1. A record in its outbox is a fixed run
 * of that count, `first` to `last`; it is sent whole, never split and never merged, so a record that arrives twice is
 * recognised by its numbers alone. The host answers with the runs that its journal holds durably; only then does the
 * edge delete them. An epoch begins whenever an outbox begins anew, and numbers are unique within it.
 */
import { DataType } from "@campus-ops/device-profiles/vocabulary";
import type { Metric } from "./payload.ts";

/** In DATA: UInt64Array `[epoch, first, last]`. */
export const HANDOFF_RANGE = "Handoff/Range";
/** In NCMD: UInt64Array `[epoch, first₁, last₁, first₂, last₂, …]`, the runs that are durable at the host. */
export const HANDOFF_ACK = "Handoff/Ack";
/** In NBIRTH: UInt64, the epoch of the edge's outbox; its presence says that this node wants acknowledgements. */
export const HANDOFF_EPOCH = "Handoff/Epoch";

/** A run of sample numbers, both ends included. */
export interface Run {
  readonly first: number;
  readonly last: number;
}

export interface RecordRange extends Run {
  /** Milliseconds since the Unix epoch when the outbox was created. */
  readonly epoch: number;
}

export interface Acknowledgement {
  readonly epoch: number;
  readonly runs: readonly Run[];
}

export function rangeMetric(range: RecordRange): Metric {
  return {
    name: HANDOFF_RANGE,
    datatype: DataType.UInt64Array,
    value: [range.epoch, range.first, range.last],
  };
}

/** What a birth declares, so that DATA may carry a range [tck-id-topics-nbirth-metric-reqs]. */
export const RANGE_DECLARATION: Metric = {
  name: HANDOFF_RANGE,
  datatype: DataType.UInt64Array,
  value: null,
};

/** Reads a range metric; undefined when its shape is not what {@link rangeMetric} writes. */
export function readRange(metric: Metric): RecordRange | undefined {
  const numbers = safeIntegers(metric.value);
  const [epoch, first, last] = numbers ?? [];
  if (numbers?.length !== 3 || epoch === undefined || first === undefined || last === undefined)
    return undefined;
  return first >= 1 && last >= first ? { epoch, first, last } : undefined;
}

export function acknowledgementMetric(acknowledgement: Acknowledgement): Metric {
  return {
    name: HANDOFF_ACK,
    datatype: DataType.UInt64Array,
    value: [acknowledgement.epoch, ...acknowledgement.runs.flatMap(({ first, last }) => [first, last])],
  };
}

export function readAcknowledgement(metric: Metric): Acknowledgement | undefined {
  const [epoch, ...ends] = safeIntegers(metric.value) ?? [];
  if (epoch === undefined || ends.length % 2 !== 0) return undefined;
  const runs: Run[] = [];
  for (let index = 0; index < ends.length; index += 2) {
    const first = ends[index];
    const last = ends[index + 1];
    if (first === undefined || last === undefined || first < 1 || last < first) return undefined;
    runs.push({ first, last });
  }
  return { epoch, runs };
}

/** Undefined for anything but an array of exact integers. */
export function safeIntegers(value: Metric["value"]): readonly number[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.every((each) => typeof each === "number" && Number.isSafeInteger(each)) ? value : undefined;
}
