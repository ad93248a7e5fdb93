import type { PjlinkProfile } from "../pjlink-profile.ts";
import { genericPjlinkClass2 } from "./generic-pjlink-class-2.ts";

/** Any projector with PJLink class 1: no serial number, no firmware version, no notices. */
export const genericPjlinkClass1: PjlinkProfile = {
  ...genericPjlinkClass2,
  id: "projector/generic-pjlink-class-1",
  model: "PJLink class 1",
  title: { zh: "通用投影机（PJLink 1 类）", en: "Generic projector (PJLink class 1)" },
  sources: ["PJLink Specifications, JBMIA, Version 1.04, 2013-12-10"],
  pjlinkClass: 1,
};
