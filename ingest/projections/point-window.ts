/** The points that a fold needs, read once: neighbouring periods, figures and percentiles share them. */
import type { MetricName, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { TimedValue } from "../core/figures.ts";
import type { QueryPoints } from "../store/store.ts";

/** Devices of one question to the store. */
const DEVICES_MAX = 100;
/** Points of one question to the store. */
const POINTS_MAX = 2_000_000;

export class PointWindow {
  readonly #store: QueryPoints;
  readonly #from: Timestamp;
  readonly #to: Timestamp;
  readonly #read = new Map<MetricName, Map<string, readonly TimedValue[]>>();

  /** From included, to excluded: nothing outside is asked for. */
  constructor(store: QueryPoints, from: Timestamp, to: Timestamp) {
    this.#store = store;
    this.#from = from;
    this.#to = to;
  }

  /** Points of the devices that have any there, in order of time. */
  async points(
    metric: MetricName,
    devices: readonly string[],
    from: Timestamp,
    to: Timestamp,
  ): Promise<Map<string, readonly TimedValue[]>> {
    const read = this.#read.get(metric) ?? new Map<string, readonly TimedValue[]>();
    this.#read.set(metric, read);
    const missing = devices.filter((device) => !read.has(device));
    for (let at = 0; at < missing.length; at += DEVICES_MAX)
      await this.#ask(metric, missing.slice(at, at + DEVICES_MAX), read);
    const found = new Map<string, readonly TimedValue[]>();
    for (const device of devices) {
      const own = read.get(device)?.filter(({ time }) => time >= from && time < to) ?? [];
      if (own.length > 0) found.set(device, own);
    }
    return found;
  }

  async #ask(metric: MetricName, devices: readonly string[], read: Map<string, readonly TimedValue[]>) {
    const groups = new Map(devices.map((device) => [device, device]));
    const span = { from: this.#from, to: this.#to };
    const { series, truncated } = await this.#store.query({ metric, groups, ...span, limit: POINTS_MAX });
    if (truncated)
      throw new Error(`more than ${POINTS_MAX} points of ${metric} of ${devices.length} devices to fold`);
    for (const device of devices) read.set(device, []);
    for (const { key, points } of series)
      read.set(
        key,
        points.map(([time, value]) => ({ time, value })),
      );
  }
}
