import type { OsdpProfile } from "../osdp-profile.ts";
import { genericOsdp } from "./generic-osdp.ts";

/** A reader with keys. A code is told when `#` is pressed; the keys themselves leave the box as little as a card number. */
export const genericOsdpKeypad: OsdpProfile = {
  ...genericOsdp,
  id: "card-reader/generic-osdp-keypad",
  model: "OSDP v2 with keypad",
  title: { zh: "通用密码读卡器（OSDP v2）", en: "Any card reader with keypad (OSDP v2)" },
  keypad: true,
};
