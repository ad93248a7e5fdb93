/** What the rules count, by campus and stretches of five minutes: sums of these are sums over time and places. */
import type { MetricName, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { HealthInterval } from "../health/history.ts";
import type { UseRecord } from "../use/class-hours.ts";
import type { Lesson } from "../use/lessons.ts";

export const BUCKET_MS = 300_000;

export interface Count {
  readonly start: Timestamp;
  readonly metric: MetricName;
  readonly value: number;
}

export const bucketOf = (at: Timestamp): Timestamp => Math.floor(at / BUCKET_MS) * BUCKET_MS;

/** Adds up; what is nothing is left out. */
export class Counts {
  readonly #sums = new Map<Timestamp, Map<MetricName, number>>();

  add(at: Timestamp, metric: MetricName, by: number): void {
    if (by === 0) return;
    const start = bucketOf(at);
    const sums = this.#sums.get(start) ?? new Map<MetricName, number>();
    this.#sums.set(start, sums);
    sums.set(metric, (sums.get(metric) ?? 0) + by);
  }

  /** Seconds that a device is expected, reachable and unknown, each where they lie. */
  addHealth(intervals: readonly HealthInterval[], from: Timestamp, to: Timestamp): void {
    for (const { state, ...interval } of intervals) {
      const end = Math.min(interval.to, to);
      for (let at = Math.max(interval.from, from); at < end; at = bucketOf(at) + BUCKET_MS) {
        const seconds = (Math.min(end, bucketOf(at) + BUCKET_MS) - at) / 1_000;
        this.add(at, "Counts/deviceSecondsExpected", seconds);
        if (state === "working" || state === "faulty") this.add(at, "Counts/deviceSecondsReachable", seconds);
        if (state === "unknown") this.add(at, "Counts/deviceSecondsUnknown", seconds);
      }
    }
  }

  /** Class-hours of one kind of rooms, where each lesson, or each use outside of lessons, began. */
  addUse(kind: string, records: readonly UseRecord[], lessons: readonly Lesson[], classes: number): void {
    const name = (what: string): MetricName => `Rooms/${kind}/${what}`;
    for (const { from, planned, use, classHours, on_ms } of records) {
      this.add(from, name("ClassHours"), classHours);
      if (use === "waste") this.add(from, name("LeftOnSeconds"), on_ms / 1_000);
      if (planned) this.add(from, name(use === "unknown" ? "LessonsUnknown" : "LessonsKnown"), 1);
    }
    for (const { from } of lessons) this.add(from, name("ClassHoursPossible"), classes);
  }

  list(): readonly Count[] {
    return [...this.#sums].flatMap(([start, sums]) =>
      [...sums].map(([metric, value]) => ({ start, metric, value })),
    );
  }
}
