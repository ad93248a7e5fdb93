/** What goes into the outbox and what comes out of it again. */
import type { Metric, RecordRange } from "@campus-ops/broker/sparkplug";
import type { DataClass, Timestamp } from "@campus-ops/device-profiles/vocabulary";

/** One device's report of one data class, as Sparkplug metrics that carry names, datatypes and event times. */
export interface NewRecord {
  /** Device id, or "" for the edge node itself. */
  readonly device: string;
  readonly dataClass: DataClass;
  /** At least one; each counts as one sample. */
  readonly metrics: readonly Metric[];
}

/** A record that is durable, with the run of sample numbers it will carry for ever. */
export interface OutboxRecord extends NewRecord {
  readonly range: RecordRange;
  /** Event times it covers. */
  readonly from: Timestamp;
  readonly to: Timestamp;
}

/** Where a driver stands in its device's own log; kept in the transaction of what it read there. */
export interface DeviceCursor {
  readonly device: string;
  readonly cursor: string;
}

/** A record in the form it will be stored in. */
export interface EncodedRecord {
  readonly record: NewRecord;
  /** Event times it covers. */
  readonly from: Timestamp;
  readonly to: Timestamp;
}

/** A stored record without its content. */
export interface StoredRow {
  readonly first: number;
  readonly last: number;
  readonly from: Timestamp;
  readonly to: Timestamp;
  readonly bytes: number;
}
