import { skipped } from "../../codecs/payload-fields.ts";
import type { ChirpstackProfile } from "../chirpstack-profile.ts";
import {
  BATTERY_VALUES,
  CLIMATE_VALUES,
  MILESIGHT_BATTERY,
  MILESIGHT_CLIMATE,
  milesight,
} from "../lorawan-device.ts";

export const milesightEm300Th: ChirpstackProfile = {
  ...milesight("EM300-TH"),
  id: "environment-sensor/milesight-em300-th",
  title: { zh: "Milesight 温湿度传感器 EM300-TH", en: "Milesight temperature and humidity sensor EM300-TH" },
  class: "environment-sensor",
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
