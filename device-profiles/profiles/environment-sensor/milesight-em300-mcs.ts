import { skipped, u8 } from "../../codecs/payload-fields.ts";
import type { ChirpstackProfile } from "../chirpstack-profile.ts";
import {
  BATTERY_VALUES,
  CLIMATE_VALUES,
  MILESIGHT_BATTERY,
  MILESIGHT_CLIMATE,
  milesight,
} from "../lorawan-device.ts";

export const milesightEm300Mcs: ChirpstackProfile = {
  ...milesight("EM300-MCS"),
  id: "environment-sensor/milesight-em300-mcs",
  title: { zh: "Milesight 门磁传感器 EM300-MCS", en: "Milesight magnetic contact EM300-MCS" },
  class: "environment-sensor",
  payload: {
    kind: "channels",
    fields: {
      ...MILESIGHT_BATTERY,
      ...MILESIGHT_CLIMATE,
      "06 00": u8("contact"),
      "20 ce": skipped("history", 8),
    },
  },
  values: {
    ...BATTERY_VALUES,
    ...CLIMATE_VALUES,
    contact: { metric: "Contact/Open" },
  },
};
