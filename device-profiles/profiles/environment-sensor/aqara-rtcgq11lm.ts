import { BATTERY, source, ZIGBEE } from "../zigbee2mqtt-device.ts";
import type { Zigbee2mqttProfile } from "../zigbee2mqtt-profile.ts";

export const aqaraRtcgq11lm: Zigbee2mqttProfile = {
  ...ZIGBEE,
  id: "environment-sensor/aqara-rtcgq11lm",
  vendor: "Aqara",
  model: "RTCGQ11LM",
  title: { zh: "Aqara 人体传感器 RTCGQ11LM", en: "Aqara motion sensor RTCGQ11LM" },
  class: "environment-sensor",
  sources: source("RTCGQ11LM"),
  exposes: {
    ...BATTERY,
    occupancy: { metric: "Presence/Occupied" },
    illuminance: { metric: "Environment/Illuminance" },
  },
};
