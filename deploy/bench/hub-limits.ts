/** When a hub under a steady load can be said to hold it, and what gives first when it does not. */
import type { SteadyLook } from "../testing/load/load-steady.ts";
import type { Percentiles } from "./alarm-watch.ts";

export const ALARM_P99_MS = 250;
/** Beyond this the figures would be the generator's and not the hub's. */
export const GENERATOR_LATE_MS_MAX = 200;

/** What was seen from one instant to another. */
export interface LoadWindow {
  readonly recordsPerS: number;
  readonly before: SteadyLook;
  readonly after: SteadyLook;
  /** Entries of the journal that the slowest projection had not read. */
  readonly lagBefore: number;
  readonly lagAfter: number;
  readonly alarms: Percentiles;
}

/**
 * Undefined when nothing does. A second's worth of records more than at the beginning is a backlog that grows: a window
 * is long enough for it when it takes several seconds.
 */
export function whatGives(window: LoadWindow): string | undefined {
  const { after, alarms, before, lagAfter, lagBefore, recordsPerS } = window;
  if (after.late_ms > GENERATOR_LATE_MS_MAX) return `the load generator, ${after.late_ms} ms late`;
  if (after.lost > before.lost) return `loss: full outboxes gave up ${after.lost - before.lost} samples`;
  if (after.waiting.records - before.waiting.records > recordsPerS) {
    return `a growing backlog: ${after.waiting.records} records wait at the edges`;
  }
  if (lagAfter - lagBefore > recordsPerS) return `a projection of the journal is ${lagAfter} entries behind`;
  if (alarms.n === 0) return "alarms: none was heard";
  if (alarms.p99_ms > ALARM_P99_MS) return `alarm p99 of ${alarms.p99_ms} ms`;
  return undefined;
}
