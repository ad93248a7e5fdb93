/**
 * What one device may bring in: so many readings waiting for the disk, so many a second, so many values in one. What is
 * beyond that is refused before any work is spent on it, and counted as lost: a device that floods costs itself, never
 * its neighbours.
 */
import {
  type DataClass,
  dataClassRank,
  eventDefinition,
  type Reading,
} from "@campus-ops/device-profiles/vocabulary";
import type { Instant } from "../core/clock.ts";
import type { Loss } from "../core/outbox-policy.ts";

export const READINGS_WAITING_MAX = 256;
export const READINGS_PER_S_MAX = 500;
/** Samples and events of one reading. */
export const READING_ITEMS_MAX = 10_000;

export class Intake {
  #waiting = 0;
  #second = 0;
  #inSecond = 0;

  /** The loss when the reading is refused; undefined when it may come in, and {@link done} must follow. */
  refuse(reading: Reading, at: Instant): Loss | undefined {
    const second = Math.floor(at.uptime_ms / 1_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#inSecond = 0;
    }
    this.#inSecond += 1;
    const items = reading.samples.length + reading.events.length;
    const floods =
      this.#waiting >= READINGS_WAITING_MAX ||
      this.#inSecond > READINGS_PER_S_MAX ||
      items > READING_ITEMS_MAX;
    if (floods) {
      return { dataClass: classOf(reading), count: items, from: at.wall, to: at.wall, reason: "flood" };
    }
    this.#waiting += 1;
    return undefined;
  }

  done(): void {
    this.#waiting -= 1;
  }
}

/** The most precious thing in it. */
function classOf(reading: Reading): DataClass {
  let best: DataClass = "telemetry";
  for (const { event } of reading.events) {
    const dataClass = eventDefinition(event)?.dataClass;
    if (dataClass !== undefined && dataClassRank(dataClass) < dataClassRank(best)) best = dataClass;
  }
  return best;
}
