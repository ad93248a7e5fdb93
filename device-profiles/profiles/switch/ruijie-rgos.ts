import { column } from "../../codecs/mib-tables.ts";
import { measured, SnmpType } from "../../codecs/snmp.ts";
import { systemScalars, temperatureFigure } from "../snmp-parts.ts";
import type { SnmpProfile } from "../snmp-profile.ts";
import { genericManaged } from "./generic-managed.ts";

/** Ruijie switches with RGOS. */
export const ruijieRgos: SnmpProfile = {
  ...genericManaged,
  id: "switch/ruijie-rgos",
  vendor: "Ruijie",
  model: "RGOS",
  title: { zh: "锐捷交换机（RGOS）", en: "Ruijie switch (RGOS)" },
  sources: [
    ...genericManaged.sources,
    "RUIJIE-PROCESS-MIB: ruijieCPUUtilization5Min",
    "RUIJIE-MEMORY-MIB: ruijieMemoryPoolCurrentUtilization",
  ],
  scalars: [
    ...systemScalars,
    {
      metric: "System/Processor",
      oid: "1.3.6.1.4.1.4881.1.1.10.2.36.1.1.3.0",
      codec: measured(SnmpType.Integer),
    },
  ],
  figures: [
    {
      metric: "System/Memory",
      table: column({ oid: "1.3.6.1.4.1.4881.1.1.10.2.35.1.1.1.3", fold: "max" }),
    },
    temperatureFigure,
  ],
};
