/**
 * What ingest answers over HTTP (on the hub's private socket). Types only: other processes import them as types.
 *
 *   GET  /healthz · /metrics
 *   GET  /devices[?campus=&having=&metrics=none] → DeviceView[]: those that have the metric `having`; without their metrics
 *        where that is asked for
 *   GET  /devices/:campus/:node/:device → DeviceView (404 when unknown)
 *   GET  /nodes[?campus=]           → NodeView[]
 *   GET  /stream?after=CURSOR       → server-sent events: `device` DeviceView and `node` NodeView as they change, id = cursor
 *   POST /query    QueryRequest     → QueryResult
 *   GET  /rollups?from=&to=         → CampusRollup[] with an ETag; with `A-IM: changed-campuses` and `If-None-Match`
 *                                     226 and what campuses have that have changed since, or 200 and all
 *   GET  /telling/:campus?after=    → CampusTelling: for the agent that tells the parent hub
 *   GET  /events?from=&to=[&campus=&event=&limit=] → EventView[], the newest first
 *   GET  /retention                 → RetentionView
 *   POST /clock    {at}             → 204: rules wait for this moment; the journal gets a CLOCK entry then
 *   POST /commands CommandRequest   → 202 CommandView
 *   GET  /commands/:id              → CommandView
 *   PUT  /services/:id {title, working, reason?} → 204: a part of the hub says how it is; repeated every half minute
 *   PUT  /flows/:id {title, raised, priority, text} → 204: the alarm of a flow of the campus's own
 *   PUT  /pictures/:id {device, kind, at} → 202 PictureView: a picture of one camera; again if it is put again
 *   GET  /pictures?after=&limit=    → PictureView[], settled after that number, in order
 *   GET  /pictures/:id · /pictures/:id/content → PictureView · the picture itself
 * Errors are RFC 9457 problems.
 */
import type {
  AssetPath,
  DeviceClass,
  LocalText,
  MetricName,
  Quality,
  Rollup,
  SampleValue,
  Timestamp,
} from "@campus-ops/device-profiles/vocabulary";

/** bigint values travel as decimal strings in JSON. */
export type JsonValue = Exclude<SampleValue, bigint>;

export interface MetricView {
  readonly name: MetricName;
  readonly value: JsonValue;
  readonly quality: Quality;
  readonly eventTime: Timestamp;
  readonly receivedAt: Timestamp;
}

/**
 * working: answers and reports no fault of its own · faulty: answers, and says it is broken · unreachable · stale: its edge
 * box is away, so nobody knows · retired: its box has it no more in its configuration, so nothing is expected of it.
 */
export type DeviceHealth = "working" | "faulty" | "unreachable" | "stale" | "retired";

export interface DeviceView {
  /** `campus/node/device` */
  readonly key: string;
  readonly campus: string;
  readonly node: string;
  readonly device: string;
  readonly class: DeviceClass;
  readonly profile: string;
  readonly title: LocalText;
  readonly path: AssetPath;
  /** Device id, on the same node, of what it hangs from. */
  readonly dependsOn?: string;
  readonly proven: string;
  readonly health: DeviceHealth;
  /** Since when it has had this health. */
  readonly since: Timestamp;
  /** When the newest of its metrics was received, from the device or about it; absent before the first. */
  readonly heardAt?: Timestamp;
  readonly metrics: readonly MetricView[];
}

export interface NodeView {
  /** `campus/node` */
  readonly key: string;
  readonly campus: string;
  readonly node: string;
  readonly title: LocalText;
  readonly online: boolean;
  readonly since: Timestamp;
  /** Outbox depth, losses, disk, memory, version: `Edge/…` metrics. */
  readonly metrics: readonly MetricView[];
  readonly samples: { readonly expected: number; readonly received: number; readonly lost: number };
  /** Two boxes bear this identity: the epochs of their outboxes, and when they were last seen to take turns. */
  readonly twin?: { readonly epochs: readonly number[]; readonly at: Timestamp };
}

export type Aggregation = "mean" | "min" | "max" | "sum" | "count" | "last" | "first";

/** A semantic request to the store: no query language leaks through it. */
export interface QueryRequest {
  readonly metric: MetricName;
  /** Everything at or below this asset path; "" for all. Or one device by its key. */
  readonly scope?: AssetPath | "";
  readonly device?: string;
  /** Event time, from included, to excluded. */
  readonly from: Timestamp;
  readonly to: Timestamp;
  /** Width of a bucket in milliseconds; absent for raw points. Buckets are aligned to the Unix epoch. */
  readonly step_ms?: number;
  readonly aggregation?: Aggregation;
  /** One series per device (the default), or one for each asset at that level, or one for all. */
  readonly groupBy?: "device" | "campus" | "county" | "city" | "none";
  /** Refused beyond 100,000; 10,000 unless said. */
  readonly limit?: number;
}

export interface QueryResult {
  readonly series: readonly QuerySeries[];
  /** True when `limit` cut the answer. */
  readonly truncated: boolean;
}

export interface QuerySeries {
  /** Device key, or asset path of the group, or "all". */
  readonly key: string;
  /** `[event time or bucket start, value]`, in order of time. */
  readonly points: readonly (readonly [Timestamp, number])[];
}

export interface CampusRollup {
  readonly campus: string;
  readonly path: AssetPath;
  /** Bucket start. Counts of states (devices.…, nodes.…) are as of now; counts of happenings are of the range asked for. */
  readonly from: Timestamp;
  readonly to: Timestamp;
  readonly counts: Rollup;
  /** The hub that counts this campus has been cut off since then: its states are those that it told last. */
  readonly lastKnown?: Timestamp;
}

/** What a parent hub is told of one campus. */
export interface CampusTelling {
  /** Ask for what changed after this. */
  readonly cursor: number;
  /** Counts of states, as of now. */
  readonly standing: Rollup;
  /** Present where the campus's own hub is cut off: the states are as of then. */
  readonly lastKnown?: Timestamp;
  /** Counts of what happened in the five minutes from `start` on, of those buckets in which that has changed. */
  readonly buckets: readonly { readonly start: Timestamp; readonly counts: Rollup }[];
}

/** Something that happened, as long as its class of data is kept. Fields may be personal data. */
export interface EventView {
  /** `campus/node/device` */
  readonly asset: string;
  readonly event: string;
  readonly id: string;
  readonly eventTime: Timestamp;
  readonly receivedAt: Timestamp;
  readonly fields: Readonly<Record<string, JsonValue>>;
}

export type { PictureView } from "@campus-ops/broker/sparkplug";

export interface RetentionView {
  readonly kept: readonly { readonly what: string; readonly days: number }[];
  /** What keeps the store's engine from doing what was asked. */
  readonly problems: readonly string[];
  /** The newest first. */
  readonly removals: readonly RetentionRemoval[];
}

/** What a shorter retention would remove. */
export interface RetentionLoss {
  /** As in {@link RetentionRemoval}. */
  readonly what: string;
  /** Everything older would go. */
  readonly before: Timestamp;
  readonly count: number;
  readonly unit: "events" | "pictures" | "days";
}

export interface RetentionRemoval {
  readonly at: Timestamp;
  /** `events`, `health`, `pictures`, or `points` and their tier. */
  readonly what: string;
  /** Everything older is gone. */
  readonly before: Timestamp;
  readonly count: number;
  readonly unit: "points" | "series" | "events" | "pictures";
}

export interface SnapshotView {
  /** elsewhere: the store's engine is not this process, and nothing was copied. */
  readonly kept: "here" | "elsewhere";
}

export interface CommandRequest {
  readonly device: string;
  readonly metric: MetricName;
  readonly value: JsonValue;
  /** Who asks, for the audit trail. */
  readonly by: string;
  readonly reason?: string;
}

export interface CommandView extends CommandRequest {
  readonly id: string;
  /** confirmed: the device's read-back shows it · unknown: nobody can say · refused: the edge or the device said no. */
  readonly state: "requested" | "confirmed" | "unknown" | "refused";
  readonly requestedAt: Timestamp;
  readonly settledAt?: Timestamp;
  readonly detail?: string;
}
