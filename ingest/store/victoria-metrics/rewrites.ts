/**
 * VictoriaMetrics keeps every value that a point was ever given and answers with any of them. So a point that may have
 * been written before is looked up: the same value is not written again, and another one goes into a series beside the
 * first, whose label `revision` says which is the newer.
 *
 * Only points that are not newer than everything known of their series are looked up, so a live stream pays nothing.
 */
import type { MetricName, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { Point } from "../store.ts";
import type { VictoriaMetricsClient } from "./client.ts";
import { anyOf, beginningOf, identify, nameOf, REVISION } from "./series.ts";

/** Beyond it all are forgotten, and looked up again as they come. */
const SERIES_REMEMBERED_MAX = 500_000;
/** Devices named in one look. */
const LOOK_DEVICES_MAX = 100;
/** Points from the future are refused by the server long before. */
const END_OF_TIME = Date.UTC(2200, 0, 1);

interface Series {
  readonly beginning: string;
  /** Infinite until it was looked up. */
  newest: Timestamp;
}

interface Held {
  readonly value: number;
  readonly revision: number;
}

export class Rewrites {
  readonly #client: VictoriaMetricsClient;
  readonly #series = new Map<MetricName, Map<string, Series>>();
  #count = 0;

  constructor(client: VictoriaMetricsClient) {
    this.#client = client;
  }

  /** Lines for points that are surely new, and the points that must be looked up when those are written. */
  sort(points: readonly Point[]): { readonly lines: string[]; readonly doubtful: Point[] } {
    const lines: string[] = [];
    const doubtful: Point[] = [];
    for (const point of points) {
      const series = this.#seriesOf(point.metric, point.device);
      if (point.time <= series.newest) {
        doubtful.push(point);
        continue;
      }
      series.newest = point.time;
      lines.push(`${series.beginning} ${point.value} ${point.time}`);
    }
    return { lines, doubtful };
  }

  /** After a write failed nobody knows what is there. */
  forget(): void {
    this.#series.clear();
    this.#count = 0;
  }

  /** Lines for what is not there yet, or not with this value. What was written before must be visible. */
  async resolve(doubtful: readonly Point[]): Promise<string[]> {
    const wanted = new Map<string, Point>();
    for (const point of doubtful) wanted.set(keyOf(point.metric, point.device, point.time), point);
    const held = new Map<string, Held>();
    // Of a series that was not looked up yet, its newest point is to be learnt as well.
    const { known = [], unknown = [] } = Object.groupBy(wanted.values(), ({ metric, device }) =>
      Number.isFinite(this.#seriesOf(metric, device).newest) ? "known" : "unknown",
    );
    const latest = known.reduce((most, { time }) => Math.max(most, time), 0);
    await this.#lookAt(known, latest + 1, wanted, held);
    await this.#lookAt(unknown, END_OF_TIME, wanted, held);
    return [...wanted].flatMap(([key, { metric, device, time, value }]) => {
      const series = this.#seriesOf(metric, device);
      series.newest = Number.isFinite(series.newest) ? Math.max(series.newest, time) : time;
      const there = held.get(key);
      if (there === undefined) return [`${series.beginning} ${value} ${time}`];
      if (isSame(there.value, value)) return [];
      return [`${beginningOf(metric, device, there.revision + 1)} ${value} ${time}`];
    });
  }

  async #lookAt(
    points: readonly Point[],
    to: Timestamp,
    wanted: ReadonlyMap<string, Point>,
    held: Map<string, Held>,
  ): Promise<void> {
    const devices = [...Map.groupBy(points, ({ device }) => device).values()];
    for (let at = 0; at < devices.length; at += LOOK_DEVICES_MAX)
      await this.#look(devices.slice(at, at + LOOK_DEVICES_MAX).flat(), to, wanted, held);
  }

  async #look(
    points: readonly Point[],
    to: Timestamp,
    wanted: ReadonlyMap<string, Point>,
    held: Map<string, Held>,
  ): Promise<void> {
    const names = [...new Set(points.map(({ metric }) => nameOf(metric)))];
    const devices = [...new Set(points.map(({ device }) => device))];
    const match = `{__name__=~${JSON.stringify(anyOf(names))},device=~${JSON.stringify(anyOf(devices))}}`;
    const from = points.reduce((least, { time }) => Math.min(least, time), END_OF_TIME);
    for await (const { metric: labels, points: found } of this.#client.export(match, from, to)) {
      const { metric, device } = identify(labels);
      const revision = Number(labels[REVISION] ?? 0);
      const series = this.#series.get(metric)?.get(device);
      const newest = found.at(-1)?.[0];
      if (series !== undefined && newest !== undefined)
        series.newest = Number.isFinite(series.newest) ? Math.max(series.newest, newest) : newest;
      for (const [time, value] of found) {
        const key = keyOf(metric, device, time);
        if (!wanted.has(key)) continue;
        const there = held.get(key);
        if (there === undefined || there.revision < revision) held.set(key, { value, revision });
      }
    }
  }

  #seriesOf(metric: MetricName, device: string): Series {
    let devices = this.#series.get(metric);
    const known = devices?.get(device);
    if (known !== undefined) return known;
    if (this.#count >= SERIES_REMEMBERED_MAX) {
      this.forget();
      devices = undefined;
    }
    if (devices === undefined) {
      devices = new Map();
      this.#series.set(metric, devices);
    }
    const series = { beginning: beginningOf(metric, device), newest: Number.POSITIVE_INFINITY };
    devices.set(device, series);
    this.#count += 1;
    return series;
  }
}

/** Values are kept as decimals, whose smallest digit is that of the largest value near them: about 18 digits in all. */
const SAME_RATIO = 1e-8;

function isSame(a: number, b: number): boolean {
  return Math.abs(a - b) <= SAME_RATIO * Math.max(Math.abs(a), Math.abs(b));
}

function keyOf(metric: MetricName, device: string, time: Timestamp): string {
  return `${time} ${device} ${metric}`;
}
