import { i16, masked, u16 } from "../../codecs/payload-fields.ts";
import type { ChirpstackProfile } from "../chirpstack-profile.ts";
import { LORAWAN } from "../lorawan-device.ts";

export const draginoLht65: ChirpstackProfile = {
  ...LORAWAN,
  id: "environment-sensor/dragino-lht65",
  vendor: "Dragino",
  model: "LHT65",
  title: { zh: "Dragino 温湿度传感器 LHT65", en: "Dragino temperature and humidity sensor LHT65" },
  class: "environment-sensor",
  sources: [
    "Dragino, LHT65 LoRaWAN Temperature & Humidity Sensor User Manual v1.8.5, uplink payload",
    "ChirpStack v4, Integrations, MQTT: event types up, status",
  ],
  payload: {
    kind: "fixed",
    // The external sensor's five bytes follow; what they mean depends on what is plugged in.
    fields: [masked(u16("battery", "BE"), 0x3fff), i16("temperature", "BE"), u16("humidity", "BE")],
  },
  values: {
    battery: { metric: "Battery/Voltage", scale: 0.001 },
    temperature: { metric: "Environment/Temperature", scale: 0.01, sentinels: [0x7fff] },
    humidity: { metric: "Environment/Humidity", scale: 0.1, sentinels: [0xffff] },
  },
};
