/**
 * Roll-up counts of one entry, by campus and five-minute bucket of event time. They add, so the order of arrival makes
 * no difference, and a back-fill gives what a live stream would have given.
 */
import type { DecodedEntry } from "@campus-ops/broker/journal/decoder";
import type { DeviceEvent, RollupCount, Timestamp } from "@campus-ops/device-profiles/vocabulary";

export const BUCKET_MS = 300_000;

/** National guidance: from 37.3 °C on a reading is suspect; outside 34 to 42 °C it is no reading of a person. */
export const FEVER_CELSIUS = 37.3;
export const PLAUSIBLE_CELSIUS = [34, 42] as const;

export interface RollupDelta {
  readonly bucket: Timestamp;
  readonly count: RollupCount;
  readonly by: number;
}

export function bucketOf(time: Timestamp): Timestamp {
  return Math.floor(time / BUCKET_MS) * BUCKET_MS;
}

/** What one event adds. The caller has made sure that this event was never counted before. */
export function eventCounts({ event, eventTime, fields }: DeviceEvent): RollupDelta[] {
  const bucket = bucketOf(eventTime);
  switch (event) {
    case "Access/Swipe":
      if (fields.result === "granted") return [{ bucket, count: "access.granted", by: 1 }];
      return fields.result === "refused" ? [{ bucket, count: "access.refused", by: 1 }] : [];
    case "Temperature/Screening": {
      const total: RollupDelta = { bucket, count: "screening.total", by: 1 };
      return isSuspect(fields.celsius) ? [total, { bucket, count: "screening.suspect", by: 1 }] : [total];
    }
    case "Edge/Loss": {
      const lost = Number(fields.count ?? 0);
      const from = typeof fields.from === "number" ? fields.from : eventTime;
      return lost > 0 ? [{ bucket: bucketOf(from), count: "samples.lost", by: lost }] : [];
    }
    default:
      return [];
  }
}

function isSuspect(celsius: unknown): boolean {
  const [min, max] = PLAUSIBLE_CELSIUS;
  return typeof celsius === "number" && celsius >= Math.max(min, FEVER_CELSIUS) && celsius <= max;
}

/** How many samples and events came, by bucket of their own time. Births repeat what is known and are not counted. */
export function receivedCounts({ kind, samples, events }: DecodedEntry): RollupDelta[] {
  if (kind !== "NDATA" && kind !== "DDATA") return [];
  const counts = new Map<Timestamp, number>();
  for (const { eventTime } of samples) add(counts, bucketOf(eventTime));
  for (const { eventTime } of events) add(counts, bucketOf(eventTime));
  return [...counts].map(([bucket, by]) => ({ bucket, count: "samples.received", by }));
}

function add(counts: Map<Timestamp, number>, bucket: Timestamp): void {
  counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
}

/** A state became true, false, or unknown (null), at a time. */
export interface Transition {
  readonly time: Timestamp;
  readonly on: boolean | null;
}

/** Seconds of `[from, to)` in which the state was true; `transitions` in order of time, any of them before `from`. */
export function secondsOn(transitions: readonly Transition[], from: Timestamp, to: Timestamp): number {
  let total = 0;
  transitions.forEach(({ time, on }, index) => {
    if (on !== true) return;
    const end = Math.min(transitions[index + 1]?.time ?? to, to);
    total += Math.max(0, end - Math.max(time, from));
  });
  return total / 1000;
}
