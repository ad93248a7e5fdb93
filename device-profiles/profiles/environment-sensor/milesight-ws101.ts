import { u8 } from "../../codecs/payload-fields.ts";
import type { ChirpstackProfile } from "../chirpstack-profile.ts";
import { BATTERY_VALUES, MILESIGHT_BATTERY, milesight } from "../lorawan-device.ts";

export const milesightWs101: ChirpstackProfile = {
  ...milesight("WS101"),
  id: "environment-sensor/milesight-ws101",
  title: { zh: "Milesight 智能按钮 WS101", en: "Milesight button WS101" },
  class: "environment-sensor",
  payload: {
    kind: "channels",
    fields: {
      ...MILESIGHT_BATTERY,
      "ff 2e": u8("press"),
    },
  },
  values: {
    ...BATTERY_VALUES,
  },
  actions: {
    press: { event: "Button/Pressed", words: { 1: "short", 2: "long", 3: "double" } },
  },
};
