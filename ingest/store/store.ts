/**
 * Contract 3: the time-series store. Points of (series, event time, value); a series is one metric of one device.
 * Strings, events and alarms are not time series and live elsewhere.
 *
 * Writing a point again is harmless: of several values for the same series and time, the one written last counts.
 */
import type { MetricName, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { Aggregation } from "../api.ts";

export interface Point {
  /** `campus/node/device`, or `campus/node` for the box itself. */
  readonly device: string;
  readonly metric: MetricName;
  readonly time: Timestamp;
  readonly value: number;
}

/** A request whose scope has been resolved to devices already: a store knows nothing of the asset tree. */
export interface StoreQuery {
  readonly metric: MetricName;
  /** Each device and the key of the group that its points go to. */
  readonly groups: ReadonlyMap<string, string>;
  /** From included, to excluded. */
  readonly from: Timestamp;
  readonly to: Timestamp;
  /** Absent: raw points, ordered by time and, at the same time, by device. */
  readonly buckets?: { readonly step_ms: number; readonly aggregation: Aggregation };
  /** Points in the whole answer; the groups that come last in order of their keys are cut first. */
  readonly limit: number;
}

export interface StoreAnswer {
  /** Only groups that have points, in order of their keys. */
  readonly series: readonly {
    readonly key: string;
    readonly points: readonly (readonly [Timestamp, number])[];
  }[];
  readonly truncated: boolean;
}

export interface WritePoints {
  /** The journal number that everything up to has been written; 0 for a new store. */
  checkpoint(): Promise<number>;
  /** Writes the points and the checkpoint together: after a crash, both are there or neither. */
  write(points: readonly Point[], checkpoint: number): Promise<void>;
}

export interface QueryPoints {
  query(query: StoreQuery): Promise<StoreAnswer>;
}

export interface MaintainStore {
  /** Compacts what lies before `now` by a day and more, and deletes what is older than `keep_ms`. Safe to repeat. */
  maintain(now: Timestamp, keep_ms: number): Promise<{ readonly sealed: number; readonly deleted: number }>;
}

export interface PointStore extends WritePoints, QueryPoints, MaintainStore {
  close(): Promise<void>;
}
