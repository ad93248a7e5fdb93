/**
 * Tells when a flood of alarms begins at a desk and when it is over. A beginning is seen at the alarm that makes it; an
 * end at the next look, because it comes by the time alone.
 */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { FloodView } from "../api.ts";
import type { AlarmPerformance } from "../core/performance.ts";

/** How often it is looked whether a flood is over, and how its count has moved. */
export const FLOOD_LOOK_MS = 5_000;

export interface FloodWatchOptions {
  readonly performance: Pick<AlarmPerformance, "desks" | "watched">;
  readonly tell: (flood: FloodView) => void;
  readonly now: () => Timestamp;
}

export class FloodWatch {
  readonly #options: FloodWatchOptions;
  readonly #told = new Map<string, string>();

  constructor(options: FloodWatchOptions) {
    this.#options = options;
  }

  /** Each desk as it is now. */
  floods(): readonly FloodView[] {
    const { now, performance } = this.#options;
    const loads = new Map(performance.desks(now()).map((load) => [load.desk, load]));
    return performance.watched.map(({ id, scope }) => {
      const { floodSince, newAlarms = 0 } = loads.get(id) ?? {};
      return { desk: id, scope, newAlarms, ...(floodSince === undefined ? {} : { since: floodSince }) };
    });
  }

  /** Tells what is news: a flood's beginning, its end, and, while it lasts, how many there are. */
  look(): void {
    for (const flood of this.floods()) {
      const said = flood.since === undefined ? "calm" : `${flood.since} ${flood.newAlarms}`;
      const before = this.#told.get(flood.desk) ?? "calm";
      this.#told.set(flood.desk, said);
      if (said !== before) this.#options.tell(flood);
    }
  }
}
