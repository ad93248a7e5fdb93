/** What LoRaWAN devices of a maker have in common. */
import { i16, type PayloadField, u8 } from "../codecs/payload-fields.ts";
import type { ChirpstackProfile } from "./chirpstack-profile.ts";
import type { SourceValue } from "./source-value.ts";

export const LORAWAN: Pick<ChirpstackProfile, "protocol" | "proven" | "pollInterval_ms" | "silenceMax_ms"> = {
  protocol: "chirpstack",
  proven: "vectors",
  pollInterval_ms: 60_000,
  silenceMax_ms: 13 * 3_600_000,
};

/** Channels that Milesight's sensors share. */
export const MILESIGHT_BATTERY = { "01 75": u8("battery") } as const satisfies Record<string, PayloadField>;
export const MILESIGHT_CLIMATE = {
  "03 67": i16("temperature"),
  "04 68": u8("humidity"),
} as const satisfies Record<string, PayloadField>;

export const BATTERY_VALUES = {
  battery: { metric: "Battery/Level", sentinels: [0xff] },
} as const satisfies Record<string, SourceValue>;
export const CLIMATE_VALUES = {
  temperature: { metric: "Environment/Temperature", scale: 0.1, sentinels: [0x7fff] },
  humidity: { metric: "Environment/Humidity", scale: 0.5, sentinels: [0xff] },
} as const satisfies Record<string, SourceValue>;

export const milesight = (
  model: string,
): typeof LORAWAN & Pick<ChirpstackProfile, "vendor" | "model" | "sources"> => ({
  ...LORAWAN,
  vendor: "Milesight",
  model,
  sources: [
    `Milesight IoT, SensorDecoders, ${model}: Payload Definition`,
    "ChirpStack v4, Integrations, MQTT: event types up, status; command/down",
  ],
});
