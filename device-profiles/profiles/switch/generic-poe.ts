import {
  chassisAttributes,
  ifMibColumns,
  poeColumns,
  RFC,
  systemAttributes,
  systemScalars,
} from "../snmp-parts.ts";
import type { SnmpProfile } from "../snmp-profile.ts";

/** A switch that powers cameras: eight PoE ports and two uplinks, as most classroom-floor switches have. */
export const genericPoe: SnmpProfile = {
  protocol: "snmp",
  id: "switch/generic-poe",
  vendor: "generic",
  model: "IF-MIB + POWER-ETHERNET-MIB, 8 + 2 ports",
  title: { zh: "通用 PoE 交换机（8 口 + 2 上联）", en: "PoE switch, 8 ports + 2 uplinks" },
  class: "switch",
  proven: "vectors",
  sources: [RFC.interfaces, RFC.system, RFC.power, RFC.entity],
  pollInterval_ms: 10_000,
  attributes: [...systemAttributes, ...chassisAttributes],
  scalars: systemScalars,
  columns: [...ifMibColumns, ...poeColumns],
  numbering: { ports: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], uplinks: [9, 10], ifIndexOffset: 0, poeGroup: 1 },
};
