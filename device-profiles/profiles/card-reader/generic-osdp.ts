import type { OsdpProfile } from "../osdp-profile.ts";

/** Any card reader with OSDP version 2, with or without a key of its own. */
export const genericOsdp: OsdpProfile = {
  protocol: "osdp",
  id: "card-reader/generic-osdp",
  vendor: "generic",
  model: "OSDP v2",
  title: { zh: "通用读卡器（OSDP v2）", en: "Any card reader (OSDP v2)" },
  class: "card-reader",
  proven: "vectors",
  sources: [
    "IEC 60839-11-5:2020, Open supervised device protocol: clauses 5 to 7, annex D",
    "A session recorded on a bus by SIA's libosdp-conformance 1.38: identity, secure channel, status",
  ],
  pollInterval_ms: 2_000,
  keypad: false,
};
