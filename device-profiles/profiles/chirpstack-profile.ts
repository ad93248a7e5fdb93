/** LoRaWAN devices behind ChirpStack, in data: how a payload is laid out and what its fields are. */
import type { PayloadLayout } from "../codecs/payload-fields.ts";
import type { EventName, MetricName, SampleValue } from "../vocabulary/index.ts";
import type { ProfileCommon } from "./profile.ts";
import type { SourceValue } from "./source-value.ts";

export interface ChirpstackProfile extends ProfileCommon {
  readonly protocol: "chirpstack";
  readonly payload: PayloadLayout;
  /** By the field's name. */
  readonly values: Readonly<Record<string, SourceValue>>;
  /** Fields that tell of something that happened: the words of its field `action`. */
  readonly actions?: Readonly<
    Record<string, { readonly event: EventName; readonly words: Readonly<Record<number, string>> }>
  >;
  readonly downlinks?: Readonly<Record<MetricName, Downlink>>;
  /** A device whose frames nobody has heard for so long is gone. Batteries last because devices say little. */
  readonly silenceMax_ms: number;
}

export interface Downlink {
  /** Port of the frame, 1 to 223. */
  readonly port: number;
  /** Payloads in hex, by the value that they set. */
  readonly payloads: readonly (readonly [SampleValue, string])[];
}

/** Told by every uplink. */
export const RADIO_METRICS: readonly MetricName[] = ["Radio/SignalStrength", "Radio/SignalToNoise"];

export const chirpstackMetrics = ({ values }: ChirpstackProfile): readonly MetricName[] => [
  ...Object.values(values).map(({ metric }) => metric),
  ...RADIO_METRICS,
  "Connectivity/Malformed",
];

export const chirpstackEvents = ({ actions = {} }: ChirpstackProfile): readonly EventName[] =>
  Object.values(actions).map(({ event }) => event);
