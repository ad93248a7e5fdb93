import { skipped } from "../../codecs/payload-fields.ts";
import type { ChirpstackProfile } from "../chirpstack-profile.ts";
import {
  BATTERY_VALUES,
  CLIMATE_VALUES,
  LORAWAN,
  MILESIGHT_BATTERY,
  MILESIGHT_CLIMATE,
  milesight,
} from "../lorawan-device.ts";

export const milesightEm300Th: ChirpstackProfile = {
  ...LORAWAN,
  id: "environment-sensor/milesight-em300-th",
  vendor: "Milesight",
  model: "EM300-TH",
  title: { zh: "Milesight 温湿度传感器 EM300-TH", en: "Milesight temperature and humidity sensor EM300-TH" },
  class: "environment-sensor",
  sources: milesight("EM300-TH"),
  payload: {
    kind: "channels",
    fields: {
      ...MILESIGHT_BATTERY,
      ...MILESIGHT_CLIMATE,
      "20 ce": skipped("history", 8),
    },
  },
  values: {
    ...BATTERY_VALUES,
    ...CLIMATE_VALUES,
  },
};
