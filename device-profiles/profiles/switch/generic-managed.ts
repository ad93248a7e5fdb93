import {
  chassisAttributes,
  hostFigures,
  poeColumns,
  portColumns,
  RFC,
  systemAttributes,
  systemScalars,
  temperatureFigure,
} from "../snmp-parts.ts";
import type { SnmpProfile } from "../snmp-profile.ts";

/**
 * Any managed switch of 8, 24 or 48 ports, with or without PoE: it is asked for its own ports, and what hangs from
 * them. The vendors' profiles add their own figures to it.
 */
export const genericManaged: SnmpProfile = {
  protocol: "snmp",
  id: "switch/generic-managed",
  vendor: "generic",
  model: "IF-MIB, BRIDGE-MIB, LLDP-MIB",
  title: { zh: "通用网管交换机（自动识别端口）", en: "Any managed switch; finds its ports by itself" },
  class: "switch",
  proven: "vectors",
  sources: [RFC.interfaces, RFC.system, RFC.power, RFC.entity, RFC.sensor, RFC.host, RFC.bridge, RFC.lldp],
  pollInterval_ms: 10_000,
  attributes: [...systemAttributes, ...chassisAttributes],
  scalars: systemScalars,
  columns: [...portColumns, ...poeColumns],
  figures: [...hostFigures, temperatureFigure],
  discoversPorts: true,
  topology: true,
  numbering: { uplinks: [], ifIndexOffset: 0, poeGroup: 1 },
};
