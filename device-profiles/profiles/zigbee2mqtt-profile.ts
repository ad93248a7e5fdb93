/** Zigbee devices as Zigbee2MQTT publishes them, in data: which property is which metric. */
import type { MetricName } from "../vocabulary/index.ts";
import type { ProfileCommon } from "./profile.ts";
import type { SourceValue } from "./source-value.ts";

export interface Zigbee2mqttProfile extends ProfileCommon {
  readonly protocol: "zigbee2mqtt";
  /** By the property's name in “Exposes”. */
  readonly exposes: Readonly<Record<string, SourceValue>>;
  /** True for a button: its property `action` is an event. */
  readonly hasActions?: boolean;
}

/** Told by `bridge/devices`. */
export const ZIGBEE_IDENTITY: readonly MetricName[] = [
  "Properties/Vendor",
  "Properties/Model",
  "Properties/Serial",
  "Properties/Firmware",
];

export const zigbee2mqttMetrics = ({ exposes }: Zigbee2mqttProfile): readonly MetricName[] => [
  ...ZIGBEE_IDENTITY,
  ...Object.values(exposes).map(({ metric }) => metric),
  "Connectivity/Malformed",
];
