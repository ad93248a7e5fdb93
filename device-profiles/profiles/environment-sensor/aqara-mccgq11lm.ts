import { BATTERY, CONTACT, source, ZIGBEE } from "../zigbee2mqtt-device.ts";
import type { Zigbee2mqttProfile } from "../zigbee2mqtt-profile.ts";

export const aqaraMccgq11lm: Zigbee2mqttProfile = {
  ...ZIGBEE,
  id: "environment-sensor/aqara-mccgq11lm",
  vendor: "Aqara",
  model: "MCCGQ11LM",
  title: { zh: "Aqara 门窗传感器 MCCGQ11LM", en: "Aqara door and window sensor MCCGQ11LM" },
  class: "environment-sensor",
  sources: source("MCCGQ11LM"),
  exposes: {
    ...BATTERY,
    contact: CONTACT,
  },
};
