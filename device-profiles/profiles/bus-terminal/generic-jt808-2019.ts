import type { Jt808Profile } from "../jt808-profile.ts";
import { jt808Terminal } from "./jt808-terminal.ts";

/** Any terminal of JT/T 808-2019: satellite position, ignition, doors, alarms, driver's card. */
export const genericJt8082019: Jt808Profile = {
  ...jt808Terminal,
  id: "bus-terminal/generic-jt808-2019",
  model: "JT/T 808-2019",
  title: { zh: "通用校车终端（JT/T 808-2019）", en: "Any bus terminal of JT/T 808-2019" },
  edition: 2019,
  sources: [
    "JT/T 808-2019: header and check code, registration, location with alarm and status bits and additional items 01 and 02, batch of locations, driver's identity",
  ],
};
