/** Terminals of JT/T 808, in data: which bit and which additional item is which metric. */
import type { MetricName } from "../vocabulary/index.ts";
import { CALL_METRICS } from "./calls.ts";
import type { ProfileCommon } from "./profile.ts";

/** An additional item of the location message that holds one big-endian number. */
export interface Jt808Item {
  readonly metric: MetricName;
  readonly bytes: 1 | 2 | 4;
  /** One count is so much in the metric's unit. */
  readonly scale: number;
}

export interface Jt808Profile extends ProfileCommon {
  readonly protocol: "jt808";
  /** What its simulator speaks. The driver understands both, whichever a terminal speaks. */
  readonly edition: 2013 | 2019;
  /** Bits of the alarm word: the metric is true when one of them is set. */
  readonly alarms: Readonly<Record<MetricName, readonly number[]>>;
  /** Bits of the status word, likewise. */
  readonly states: Readonly<Record<MetricName, readonly number[]>>;
  /** By the id of the item. */
  readonly items: Readonly<Record<number, Jt808Item>>;
  /** A terminal that says nothing for so long, heartbeats included, is gone. */
  readonly silenceMax_ms: number;
}

/** Told by the registration, where the terminal registers anew. */
export const JT808_IDENTITY: readonly MetricName[] = [
  "Properties/Vendor",
  "Properties/Model",
  "Properties/Serial",
];

export function jt808Metrics({ alarms, items, states }: Jt808Profile): readonly MetricName[] {
  return [
    ...JT808_IDENTITY,
    ...Object.keys(alarms),
    ...Object.keys(states),
    "Bus/Speed",
    ...Object.values(items).map(({ metric }) => metric),
    ...CALL_METRICS,
  ];
}

export const JT808_EVENTS = ["Bus/Position", "Bus/Driver"] as const;
