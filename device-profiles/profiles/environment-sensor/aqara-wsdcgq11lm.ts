import { BATTERY, source, ZIGBEE } from "../zigbee2mqtt-device.ts";
import type { Zigbee2mqttProfile } from "../zigbee2mqtt-profile.ts";

export const aqaraWsdcgq11lm: Zigbee2mqttProfile = {
  ...ZIGBEE,
  id: "environment-sensor/aqara-wsdcgq11lm",
  vendor: "Aqara",
  model: "WSDCGQ11LM",
  title: { zh: "Aqara 温湿度传感器 WSDCGQ11LM", en: "Aqara temperature and humidity sensor WSDCGQ11LM" },
  class: "environment-sensor",
  sources: source("WSDCGQ11LM"),
  exposes: {
    ...BATTERY,
    temperature: { metric: "Environment/Temperature" },
    humidity: { metric: "Environment/Humidity" },
    pressure: { metric: "Environment/Pressure" },
  },
};
