/** The edge box as a device of its own: what it says of itself, by exception like every other. */
import { statfsSync } from "node:fs";
import {
  DATA_CLASSES,
  GOOD,
  type MetricName,
  metricDefinition,
  type Sample,
  type SampleValue,
} from "@campus-ops/device-profiles/vocabulary";
import type { Instant } from "./core/clock.ts";
import { doubted, type Report } from "./core/device.ts";
import { ExceptionFilter } from "./core/report-by-exception.ts";
import type { Outbox } from "./outbox/outbox.ts";

export const SELF_OBSERVATION_MS = 10_000;

export class SelfObservation {
  readonly #filter = new ExceptionFilter();
  readonly #outbox: Outbox;
  readonly #folder: string;

  constructor(outbox: Outbox, folder: string, properties: readonly Sample[]) {
    this.#outbox = outbox;
    this.#folder = folder;
    for (const sample of properties) this.#filter.offer(sample, 0);
  }

  /** `more`: what others know of the box, by the name of its `Edge/…` metric. */
  observe(at: Instant, more: Readonly<Record<string, SampleValue>> = {}): readonly Report[] {
    const { bytes, lostSamples, oldest, records } = this.#outbox.stats();
    const disk = statfsSync(this.#folder);
    const values: Readonly<Record<string, SampleValue>> = {
      OutboxRecords: records,
      OutboxBytes: bytes,
      OldestUnacknowledged: oldest === undefined ? 0 : Math.max(0, (at.wall - oldest) / 1_000),
      LostSamples: lostSamples,
      DiskFree: disk.bavail * disk.bsize,
      Memory: process.memoryUsage.rss(),
      ...more,
    };
    const samples = Object.entries(values).flatMap(([name, value]) => {
      const sample = { metric: `Edge/${name}`, value, quality: GOOD, eventTime: at.wall };
      return this.#filter.offer(doubted(sample, at), at.uptime_ms) ?? [];
    });
    return byClass(samples);
  }

  /** What the box is has changed. */
  tell(samples: readonly Sample[], at: Instant): readonly Report[] {
    return byClass(samples.flatMap((sample) => this.#filter.offer(doubted(sample, at), at.uptime_ms) ?? []));
  }

  /** What others know of the box, by the name of its metric. */
  show(values: Readonly<Record<MetricName, SampleValue>>, at: Instant): readonly Report[] {
    const samples = Object.entries(values).map(([metric, value]): Sample => {
      return { metric, value, quality: GOOD, eventTime: at.wall };
    });
    return this.tell(samples, at);
  }

  birth(): readonly Sample[] {
    return [...this.#filter.all()];
  }
}

function byClass(samples: readonly Sample[]): readonly Report[] {
  const classes = Map.groupBy(samples, ({ metric }) => metricDefinition(metric)?.dataClass ?? "telemetry");
  return DATA_CLASSES.flatMap((dataClass) => {
    const own = classes.get(dataClass);
    return own === undefined ? [] : [{ dataClass, samples: own, events: [] }];
  });
}
