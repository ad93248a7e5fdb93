/**
 * Contract 3: the time-series store. Points of (series, event time, value); a series is one metric of one device.
 * Strings, events and alarms are not time series and live elsewhere.
 *
 * Writing a point again is harmless: of several values for the same series and time, the one written last counts.
 */
import type { Checkpoint } from "@campus-ops/broker/journal";
import type { MetricName, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { Answer, Buckets } from "../core/answer.ts";
import type { Tier } from "../core/series-name.ts";

export interface Point {
  /** `campus/node/device`, `campus/node` for the box itself, or `campus` for a roll-up over a campus. */
  readonly device: string;
  readonly metric: MetricName;
  /** Whole milliseconds. */
  readonly time: Timestamp;
  /** Finite. */
  readonly value: number;
}

/** A request whose scope has been resolved to devices already: a store knows nothing of the asset tree. */
export interface StoreQuery {
  readonly metric: MetricName;
  /** Each device and the key of the group that its points go to. */
  readonly groups: ReadonlyMap<string, string>;
  /**
   * Campuses all of whose devices go to one and the same group, and that group: an engine may aggregate over such a
   * campus without telling its devices apart.
   */
  readonly wholeCampuses?: ReadonlyMap<string, string>;
  /** From included, to excluded. */
  readonly from: Timestamp;
  readonly to: Timestamp;
  /** Absent: raw points, ordered by time and, at the same time, by device. */
  readonly buckets?: Buckets;
  /** Points in the whole answer; the groups that come last in order of their keys are cut first. */
  readonly limit: number;
}

export type StoreAnswer = Answer;

export interface WritePoints {
  /**
   * The journal's entry up to which everything has been written for good; number 0 for a new store. May lag behind the
   * last write where an engine confirms before it is durable. When that entry was received is not known where a version
   * wrote that kept the number alone.
   */
  checkpoint(): Promise<Checkpoint>;
  /**
   * Writes the points, and the checkpoint not before them: after a crash the checkpoint is there only if the points are.
   * Without one the checkpoint stays: for points that are not the journal's. Rejects with {@link StoreAwayError} when the
   * engine cannot take them now.
   */
  write(points: readonly Point[], checkpoint?: Checkpoint): Promise<void>;
}

export interface QueryPoints {
  /** Rejects with {@link StoreAwayError}, or with {@link QueryTooLargeError}. */
  query(query: StoreQuery): Promise<StoreAnswer>;
}

/** Milliseconds that points of each tier are kept. */
export type Retention = Readonly<Record<Tier, number>>;

export interface Removal {
  readonly tier: Tier;
  /** Everything older than this is gone. */
  readonly before: Timestamp;
  readonly count: number;
  /** What was counted: an engine cannot always say how many points went. */
  readonly unit: "points" | "series";
}

export interface Maintenance {
  /** Days that were compacted. */
  readonly sealed: number;
  readonly removed: readonly Removal[];
  /** What keeps the engine from doing what was asked, for the operator. */
  readonly problems: readonly string[];
}

export interface MaintainStore {
  /** Compacts what lies before `now` by a day and more, and deletes what is past its retention. Safe to repeat. */
  maintain(now: Timestamp, retention: Retention): Promise<Maintenance>;
}

export interface ScanPoints {
  /** Time of the oldest point, and one more than that of the newest; undefined for a store without points. */
  bounds(): Promise<{ readonly from: Timestamp; readonly to: Timestamp } | undefined>;
  /** All points of `[from, to)`, each (series, time) once, in pages of bounded size and no particular order. */
  scan(from: Timestamp, to: Timestamp): AsyncIterable<readonly Point[]>;
}

export interface PointStore extends WritePoints, QueryPoints, MaintainStore, ScanPoints {
  /** Resolves when {@link checkpoint} is that of the last write: for whoever does not go on writing. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

/**
 * The engine does not answer, cannot take anything now, or has lost what it had confirmed. Nothing is lost: the journal
 * keeps it, and whoever writes begins again from the checkpoint.
 */
export class StoreAwayError extends Error {
  override readonly name = "StoreAwayError";
}

/** Answering would take more memory than a query may. */
export class QueryTooLargeError extends Error {
  override readonly name = "QueryTooLargeError";
}

/** Points that one query may hold in our memory while it is answered, where an engine cannot aggregate by itself. */
export const QUERY_ROWS_MAX = 5_000_000;
