import type { PjlinkProfile } from "../pjlink-profile.ts";
import { genericPjlinkClass2 } from "./generic-pjlink-class-2.ts";

/** A projector whose light is a laser or LEDs: it has no lamp to count the hours of, and is not asked for it. */
export const genericPjlinkLaser: PjlinkProfile = {
  ...genericPjlinkClass2,
  id: "projector/generic-pjlink-laser",
  model: "PJLink class 2, laser",
  title: { zh: "通用激光投影机（PJLink 2 类）", en: "Generic laser projector (PJLink class 2)" },
  proven: "vectors",
  lamp: false,
};
