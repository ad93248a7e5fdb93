/**
 * Alarms of the load edges' cameras as a page of the console hears them: how long each took from the device, and whether
 * each was heard once. The device's clock and this one are of the same machine.
 */
import type { AlarmView } from "@campus-ops/dashboards/api";
import { build, type Histogram } from "hdr-histogram-js";
import { EventSource } from "undici";

/** A flood's slowest are minutes old. */
const HIGHEST_MS = 3_600_000;

export interface Percentiles {
  readonly n: number;
  readonly p50_ms: number;
  readonly p95_ms: number;
  readonly p99_ms: number;
  readonly max_ms: number;
}

export class AlarmWatch {
  readonly #source: EventSource;
  readonly #open: Promise<void>;
  readonly #rule: string;
  /** By device, the occurrences that were heard: 1, 2, 3 … */
  readonly #heard = new Map<string, number>();
  #histogram: Histogram = emptyHistogram();
  #skipped = 0;

  constructor(url: string, rule: string) {
    this.#rule = rule;
    this.#source = new EventSource(`${url}/api/v1/stream`);
    this.#open = new Promise((resolve) => this.#source.addEventListener("open", () => resolve()));
    this.#source.addEventListener("alarm", (event) => {
      this.#hear(JSON.parse(String((event as MessageEvent).data)) as AlarmView);
    });
  }

  /** Resolves when nothing that happens from now on can be missed. */
  async listening(): Promise<this> {
    await this.#open;
    return this;
  }

  /** What was heard since the last time that it was asked. */
  take(): Percentiles {
    const histogram = this.#histogram;
    this.#histogram = emptyHistogram();
    const percentile = (of: number): number => Math.round(histogram.getValueAtPercentile(of));
    return {
      n: histogram.totalCount,
      p50_ms: percentile(50),
      p95_ms: percentile(95),
      p99_ms: percentile(99),
      max_ms: Math.round(histogram.maxValue),
    };
  }

  /** Occurrences of which no page was told: a later one came instead. */
  get skipped(): number {
    return this.#skipped;
  }

  close(): void {
    this.#source.close();
  }

  #hear({ device, occurrence, raisedAt, rule, state }: AlarmView): void {
    if (!rule.endsWith(this.#rule) || state !== "unacknowledged") return;
    const before = this.#heard.get(device.key) ?? 0;
    // Told again because something else about it has changed.
    if (occurrence <= before) return;
    this.#heard.set(device.key, occurrence);
    this.#skipped += occurrence - before - 1;
    this.#histogram.recordValue(Math.max(0, Date.now() - raisedAt));
  }
}

const emptyHistogram = (): Histogram =>
  build({ highestTrackableValue: HIGHEST_MS, numberOfSignificantValueDigits: 3 });
