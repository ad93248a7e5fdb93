import { skipped, u16, within } from "../../codecs/payload-fields.ts";
import type { ChirpstackProfile } from "../chirpstack-profile.ts";
import {
  BATTERY_VALUES,
  CLIMATE_VALUES,
  MILESIGHT_BATTERY,
  MILESIGHT_CLIMATE,
  milesight,
} from "../lorawan-device.ts";

export const milesightAm107: ChirpstackProfile = {
  ...milesight("AM107"),
  id: "environment-sensor/milesight-am107",
  title: { zh: "Milesight 室内环境传感器 AM107", en: "Milesight indoor air sensor AM107" },
  class: "environment-sensor",
  payload: {
    kind: "channels",
    fields: {
      ...MILESIGHT_BATTERY,
      ...MILESIGHT_CLIMATE,
      "05 6a": skipped("activity", 2),
      "06 65": within(6, u16("illuminance")),
      "07 7d": u16("co2"),
      // In parts per billion of no one gas: it cannot be told in mg/m³.
      "08 7d": skipped("tvoc", 2),
      "09 73": u16("pressure"),
    },
  },
  values: {
    ...BATTERY_VALUES,
    ...CLIMATE_VALUES,
    illuminance: { metric: "Environment/Illuminance" },
    co2: { metric: "Environment/CO2", sentinels: [0xffff] },
    pressure: { metric: "Environment/Pressure", scale: 0.1, sentinels: [0xffff] },
  },
};
