import { column, shareUsed } from "../../codecs/mib-tables.ts";
import { SnmpType } from "../../codecs/snmp.ts";
import { poePower } from "../snmp-parts.ts";
import type { SnmpProfile } from "../snmp-profile.ts";
import { genericManaged } from "./generic-managed.ts";

/** Cisco Catalyst with IOS or IOS XE. */
export const ciscoIos: SnmpProfile = {
  ...genericManaged,
  id: "switch/cisco-ios",
  vendor: "Cisco",
  model: "Catalyst",
  title: { zh: "思科交换机（Catalyst）", en: "Cisco switch (Catalyst)" },
  sources: [
    ...genericManaged.sources,
    "CISCO-PROCESS-MIB: cpmCPUTotal5minRev",
    "CISCO-MEMORY-POOL-MIB: ciscoMemoryPoolUsed, ciscoMemoryPoolFree",
    "CISCO-ENVMON-MIB: ciscoEnvMonTemperatureStatusValue",
    "CISCO-POWER-ETHERNET-EXT-MIB: cpeExtPsePortPwrConsumption, mW",
  ],
  columns: [...genericManaged.columns, poePower("1.3.6.1.4.1.9.9.402.1.2.1.9", SnmpType.Gauge32)],
  figures: [
    {
      metric: "System/Processor",
      table: column({ oid: "1.3.6.1.4.1.9.9.109.1.1.1.1.8", fold: "max" }),
    },
    {
      metric: "System/Memory",
      table: shareUsed("1.3.6.1.4.1.9.9.48.1.1.1.5", "1.3.6.1.4.1.9.9.48.1.1.1.6"),
    },
    {
      metric: "System/Temperature",
      table: column({ oid: "1.3.6.1.4.1.9.9.13.1.3.1.3", fold: "max" }),
    },
  ],
};
