import { skipped, u32 } from "../../codecs/payload-fields.ts";
import type { ChirpstackProfile } from "../chirpstack-profile.ts";
import {
  BATTERY_VALUES,
  CLIMATE_VALUES,
  MILESIGHT_BATTERY,
  MILESIGHT_CLIMATE,
  milesight,
} from "../lorawan-device.ts";

/** Cubic metres. Another meter's pulse is said by a profile that extends this one, in `values.pulses.scale`. */
const LITRE = 0.001;

/** Counts the pulses of a water meter that gives one a litre. */
export const milesightEm300Di: ChirpstackProfile = {
  ...milesight("EM300-DI"),
  id: "meter/milesight-em300-di",
  title: {
    zh: "Milesight 脉冲水表采集器 EM300-DI（每升一个脉冲）",
    en: "Milesight pulse counter EM300-DI on a water meter, a pulse a litre",
  },
  class: "meter",
  payload: {
    kind: "channels",
    fields: {
      ...MILESIGHT_BATTERY,
      ...MILESIGHT_CLIMATE,
      "05 c8": u32("pulses"),
      "05 00": skipped("input", 1),
      "85 00": skipped("input alarm", 2),
      // Its own reckoning of water, a floating-point number, where that is switched on in place of the pulses.
      "05 e1": skipped("water", 8),
      "85 e1": skipped("water alarm", 9),
      "20 ce": skipped("history", 13),
      "21 ce": skipped("history of water", 18),
    },
  },
  values: {
    ...BATTERY_VALUES,
    ...CLIMATE_VALUES,
    pulses: { metric: "Water/Volume", scale: LITRE },
  },
};
