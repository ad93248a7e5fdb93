import {
  chassisAttributes,
  hostFigures,
  ifMibColumns,
  RFC,
  systemAttributes,
  systemScalars,
} from "../snmp-parts.ts";
import type { SnmpProfile } from "../snmp-profile.ts";

/** Any access point that is managed on its own: its uplink port, its load. A port is named by its ifIndex. */
export const genericAccessPoint: SnmpProfile = {
  protocol: "snmp",
  id: "access-point/generic-snmp",
  vendor: "generic",
  model: "IF-MIB, HOST-RESOURCES-MIB",
  title: { zh: "通用无线接入点（SNMP）", en: "Any access point (SNMP)" },
  class: "access-point",
  proven: "vectors",
  sources: [RFC.interfaces, RFC.system, RFC.entity, RFC.host],
  pollInterval_ms: 30_000,
  attributes: [...systemAttributes, ...chassisAttributes],
  scalars: systemScalars,
  columns: ifMibColumns,
  figures: hostFigures,
  numbering: { uplinks: [], ifIndexOffset: 0, poeGroup: 1 },
};
