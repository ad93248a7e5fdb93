import type { PjlinkProfile } from "../pjlink-profile.ts";

/** Any projector or display with PJLink class 2; inputs by the specification's own names. */
export const genericPjlinkClass2: PjlinkProfile = {
  id: "projector/generic-pjlink-class-2",
  protocol: "pjlink",
  vendor: "generic",
  model: "PJLink class 2",
  title: { zh: "通用投影机（PJLink 2 类）", en: "Generic projector (PJLink class 2)" },
  class: "projector",
  proven: "peer",
  sources: [
    "PJLink Specifications Class 2, JBMIA (PJLink_5-1.pdf): commands of both classes",
    "Panasonic PT-MZ670 operating instructions, page 209, “PJLink protocol”: the same commands as a maker lists them",
  ],
  pollInterval_ms: 5_000,
  pjlinkClass: 2,
  inputs: {
    11: "rgb-1",
    12: "rgb-2",
    21: "video-1",
    31: "digital-1",
    32: "digital-2",
    41: "storage-1",
    51: "network-1",
  },
};
