import { BATTERY, source, ZIGBEE } from "../zigbee2mqtt-device.ts";
import type { Zigbee2mqttProfile } from "../zigbee2mqtt-profile.ts";

export const aqaraWxkg11lm: Zigbee2mqttProfile = {
  ...ZIGBEE,
  id: "environment-sensor/aqara-wxkg11lm",
  vendor: "Aqara",
  model: "WXKG11LM",
  title: { zh: "Aqara 无线开关 WXKG11LM", en: "Aqara wireless switch WXKG11LM" },
  class: "environment-sensor",
  sources: source("WXKG11LM"),
  exposes: {
    ...BATTERY,
  },
  hasActions: true,
};
