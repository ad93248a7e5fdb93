import { hikvisionTerminal } from "../access-gate/hikvision-isapi-terminal.ts";
import type { IsapiProfile } from "../isapi-profile.ts";

/** Face terminals of Hikvision with a thermal module: a gate that measures foreheads. */
export const hikvisionThermalTerminal: IsapiProfile = {
  ...hikvisionTerminal,
  id: "temperature-scanner/hikvision-isapi-thermal-terminal",
  model: "DS-K1TA70 / DS-K5671 series (ISAPI)",
  title: { zh: "海康威视测温人脸终端（ISAPI）", en: "Hikvision face terminal with thermometry (ISAPI)" },
  class: "temperature-scanner",
  access: { readers: { 1: "in" }, thermometry: true },
};
