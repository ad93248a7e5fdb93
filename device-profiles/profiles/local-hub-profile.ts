/** A hub as its parent sees it: one device a campus, spoken to by the edge agent that runs beside it. */
import { type EventName, type MetricName, ROLLUP_COUNT_NAMES, rollupMetricOf } from "../vocabulary/index.ts";
import type { ProfileCommon } from "./profile.ts";

export interface LocalHubProfile extends ProfileCommon {
  readonly protocol: "local-hub";
}

/** Written by the parent: what it knows of an alarm and this hub does not. */
export const HEARD: MetricName = "HubAlarm/Heard";
/** An alarm of the campus as it is now. */
export const CHANGED: EventName = "HubAlarm/Changed";
/** Days of the campus, as sums. */
export const DAYS_TOLD: readonly EventName[] = ["HubDay/Use", "HubDay/Health"];

export const LOCAL_HUB_METRICS: readonly MetricName[] = [
  ...ROLLUP_COUNT_NAMES.map((count) => `Rollup/${rollupMetricOf(count)}`),
  HEARD,
];

export const LOCAL_HUB_EVENTS: readonly EventName[] = [CHANGED, ...DAYS_TOLD];
