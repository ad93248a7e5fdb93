import { BATTERY, source, ZIGBEE } from "../zigbee2mqtt-device.ts";
import type { Zigbee2mqttProfile } from "../zigbee2mqtt-profile.ts";

export const aqaraSjcgq11lm: Zigbee2mqttProfile = {
  ...ZIGBEE,
  id: "environment-sensor/aqara-sjcgq11lm",
  vendor: "Aqara",
  model: "SJCGQ11LM",
  title: { zh: "Aqara 水浸传感器 SJCGQ11LM", en: "Aqara water leak sensor SJCGQ11LM" },
  class: "environment-sensor",
  sources: source("SJCGQ11LM"),
  exposes: {
    ...BATTERY,
    water_leak: { metric: "Environment/Leak" },
  },
};
