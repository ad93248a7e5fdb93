import { ENTITY_MIB, POWER_ETHERNET_MIB } from "../../codecs/mib-objects.ts";
import { displayString, pethPsePortDetectionStatus, truthValue } from "../../codecs/snmp.ts";
import type { SnmpProfile } from "../snmp-profile.ts";
import { ifMibColumns, systemAttributes, systemScalars } from "./generic-if-mib.ts";

/** A switch that powers cameras: eight PoE ports and two uplinks, as most classroom-floor switches have. */
export const genericPoe: SnmpProfile = {
  protocol: "snmp",
  id: "switch/generic-poe",
  vendor: "generic",
  model: "IF-MIB + POWER-ETHERNET-MIB, 8 + 2 ports",
  title: { zh: "通用 PoE 交换机（8 口 + 2 上联）", en: "PoE switch, 8 ports + 2 uplinks" },
  class: "switch",
  proven: "vectors",
  sources: [
    "RFC 2863 The Interfaces Group MIB, clause 6",
    "RFC 3418 MIB for SNMP, clause 2",
    "RFC 3621 Power Ethernet MIB, clause 4",
    "RFC 6933 Entity MIB, clause 3",
  ],
  pollInterval_ms: 10_000,
  attributes: [
    ...systemAttributes,
    { metric: "Properties/Vendor", oid: ENTITY_MIB.chassisMfgName, codec: displayString },
    { metric: "Properties/Model", oid: ENTITY_MIB.chassisModelName, codec: displayString },
    { metric: "Properties/Serial", oid: ENTITY_MIB.chassisSerialNum, codec: displayString },
    { metric: "Properties/Firmware", oid: ENTITY_MIB.chassisSoftwareRev, codec: displayString },
  ],
  scalars: systemScalars,
  columns: [
    ...ifMibColumns,
    {
      capability: "PoE",
      metric: "Enabled",
      oid: POWER_ETHERNET_MIB.pethPsePortAdminEnable,
      index: "pethPsePort",
      codec: truthValue,
      writable: true,
    },
    {
      capability: "PoE",
      metric: "Detection",
      oid: POWER_ETHERNET_MIB.pethPsePortDetectionStatus,
      index: "pethPsePort",
      codec: pethPsePortDetectionStatus,
    },
  ],
  numbering: { ports: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], uplinks: [9, 10], ifIndexOffset: 0, poeGroup: 1 },
};
