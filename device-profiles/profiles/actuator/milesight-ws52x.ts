import { masked, u8, u16, u32 } from "../../codecs/payload-fields.ts";
import type { ChirpstackProfile } from "../chirpstack-profile.ts";
import { milesight } from "../lorawan-device.ts";

export const milesightWs52x: ChirpstackProfile = {
  ...milesight("WS52x"),
  id: "actuator/milesight-ws52x",
  title: { zh: "Milesight 计量插座 WS52x", en: "Milesight metering socket WS52x" },
  class: "actuator",
  payload: {
    kind: "channels",
    fields: {
      "03 74": u16("voltage"),
      "04 80": u32("power"),
      "05 81": u8("factor"),
      "06 83": u32("energy"),
      "07 c9": u16("current"),
      "08 70": masked(u8("socket"), 1),
    },
  },
  values: {
    voltage: { metric: "Phase/1/Voltage", scale: 0.1 },
    power: { metric: "Meter/Power", scale: 0.001 },
    factor: { metric: "Meter/PowerFactor", scale: 0.01 },
    energy: { metric: "Meter/Energy", scale: 0.001 },
    current: { metric: "Phase/1/Current", scale: 0.001 },
    socket: { metric: "Outlet/On" },
  },
  downlinks: {
    "Outlet/On": {
      port: 85,
      payloads: [
        [true, "0801ffff"],
        [false, "0800ffff"],
      ],
    },
  },
};
