import { ifMibColumns, RFC, systemAttributes, systemScalars } from "../snmp-parts.ts";
import type { SnmpProfile } from "../snmp-profile.ts";

/** Any switch, router or host with IF-MIB. A port is named by its ifIndex; every interface is reported. */
export const genericIfMib: SnmpProfile = {
  protocol: "snmp",
  id: "switch/generic-if-mib",
  vendor: "generic",
  model: "IF-MIB",
  title: { zh: "通用网络设备（IF-MIB）", en: "Any network device (IF-MIB)" },
  class: "switch",
  proven: "peer",
  sources: [RFC.interfaces, RFC.system],
  pollInterval_ms: 10_000,
  attributes: systemAttributes,
  scalars: systemScalars,
  columns: ifMibColumns,
  numbering: { uplinks: [], ifIndexOffset: 0, poeGroup: 1 },
};
