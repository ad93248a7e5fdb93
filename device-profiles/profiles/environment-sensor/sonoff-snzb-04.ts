import { BATTERY, CONTACT, source, ZIGBEE } from "../zigbee2mqtt-device.ts";
import type { Zigbee2mqttProfile } from "../zigbee2mqtt-profile.ts";

export const sonoffSnzb04: Zigbee2mqttProfile = {
  ...ZIGBEE,
  id: "environment-sensor/sonoff-snzb-04",
  vendor: "SONOFF",
  model: "SNZB-04",
  title: { zh: "SONOFF 门窗传感器 SNZB-04", en: "SONOFF contact sensor SNZB-04" },
  class: "environment-sensor",
  sources: source("SNZB-04"),
  exposes: {
    ...BATTERY,
    battery_low: { metric: "Battery/Low" },
    contact: CONTACT,
    tamper: { metric: "Contact/Tamper" },
  },
};
