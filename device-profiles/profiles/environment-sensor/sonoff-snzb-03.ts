import { BATTERY, source, ZIGBEE } from "../zigbee2mqtt-device.ts";
import type { Zigbee2mqttProfile } from "../zigbee2mqtt-profile.ts";

export const sonoffSnzb03: Zigbee2mqttProfile = {
  ...ZIGBEE,
  id: "environment-sensor/sonoff-snzb-03",
  vendor: "SONOFF",
  model: "SNZB-03",
  title: { zh: "SONOFF 人体传感器 SNZB-03", en: "SONOFF motion sensor SNZB-03" },
  class: "environment-sensor",
  sources: source("SNZB-03"),
  exposes: {
    ...BATTERY,
    battery_low: { metric: "Battery/Low" },
    occupancy: { metric: "Presence/Occupied" },
  },
};
