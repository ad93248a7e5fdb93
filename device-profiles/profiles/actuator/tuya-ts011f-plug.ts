import { LINK, source, ZIGBEE } from "../zigbee2mqtt-device.ts";
import type { Zigbee2mqttProfile } from "../zigbee2mqtt-profile.ts";

export const tuyaTs011fPlug: Zigbee2mqttProfile = {
  ...ZIGBEE,
  id: "actuator/tuya-ts011f-plug",
  vendor: "Tuya",
  model: "TS011F_plug_1",
  title: { zh: "涂鸦计量插座 TS011F", en: "Tuya metering plug TS011F" },
  class: "actuator",
  sources: source("TS011F_plug_1"),
  exposes: {
    ...LINK,
    state: {
      metric: "Outlet/On",
      words: [
        ["ON", true],
        ["OFF", false],
      ],
    },
    power: { metric: "Meter/Power", scale: 0.001 },
    energy: { metric: "Meter/Energy" },
    voltage: { metric: "Phase/1/Voltage" },
    current: { metric: "Phase/1/Current" },
  },
};
