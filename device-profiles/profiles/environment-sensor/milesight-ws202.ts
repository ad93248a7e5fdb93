import { skipped, u8 } from "../../codecs/payload-fields.ts";
import type { ChirpstackProfile } from "../chirpstack-profile.ts";
import { BATTERY_VALUES, MILESIGHT_BATTERY, milesight } from "../lorawan-device.ts";

export const milesightWs202: ChirpstackProfile = {
  ...milesight("WS202"),
  id: "environment-sensor/milesight-ws202",
  title: { zh: "Milesight 人体与光照传感器 WS202", en: "Milesight motion and light sensor WS202" },
  class: "environment-sensor",
  payload: {
    kind: "channels",
    fields: {
      ...MILESIGHT_BATTERY,
      "03 00": u8("motion"),
      "04 00": skipped("daylight", 1),
    },
  },
  values: {
    ...BATTERY_VALUES,
    motion: { metric: "Presence/Occupied" },
  },
};
