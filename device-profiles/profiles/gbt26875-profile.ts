/** Fire alarm hosts behind a user information transmission device of GB/T 26875.3, in data. */
import type { MetricName } from "../vocabulary/index.ts";
import { CALL_METRICS } from "./calls.ts";
import type { ProfileCommon } from "./profile.ts";

/** Where a metric stands: it is true when one of these bits is set in anything that has told its state. */
export interface FireBits {
  readonly system?: number;
  readonly component?: number;
  readonly transmitter?: number;
}

export interface Gbt26875Profile extends ProfileCommon {
  readonly protocol: "gbt26875";
  readonly bits: Readonly<Record<MetricName, FireBits>>;
  /** A transmission device that says nothing for so long is gone. */
  readonly silenceMax_ms: number;
}

export const gbt26875Metrics = ({ bits }: Gbt26875Profile): readonly MetricName[] => [
  ...Object.keys(bits),
  "Connectivity/ClockOffset",
  ...CALL_METRICS,
];

export const GBT26875_EVENTS = ["Fire/Component", "Fire/Operation", "Fire/Measurement"] as const;
