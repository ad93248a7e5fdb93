/** What Zigbee devices have in common, whoever makes them. */
import type { ProfileCommon } from "./profile.ts";
import type { SourceValue } from "./source-value.ts";

export const ZIGBEE: Pick<ProfileCommon, "proven" | "pollInterval_ms"> & {
  readonly protocol: "zigbee2mqtt";
} = {
  protocol: "zigbee2mqtt",
  proven: "vectors",
  pollInterval_ms: 60_000,
};

export const LINK = { linkquality: { metric: "Radio/LinkQuality" } } as const satisfies Record<
  string,
  SourceValue
>;

export const BATTERY = {
  ...LINK,
  battery: { metric: "Battery/Level" },
  // Millivolts, where it is a battery's.
  voltage: { metric: "Battery/Voltage", scale: 0.001 },
} as const satisfies Record<string, SourceValue>;

/** Closed is when magnet and switch touch. */
export const CONTACT: SourceValue = {
  metric: "Contact/Open",
  words: [
    [true, false],
    [false, true],
  ],
};

export const source = (model: string): readonly string[] => [
  `Zigbee2MQTT, Supported devices, ${model}: Exposes`,
  "Zigbee2MQTT, MQTT topics and messages: bridge/devices, availability, set, get",
];
