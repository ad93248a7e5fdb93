import { IF_MIB, SYSTEM } from "../../codecs/mib-objects.ts";
import { counter64, displayString, ifOperStatus, timeTicksSeconds } from "../../codecs/snmp.ts";
import type { SnmpColumn, SnmpProfile, SnmpScalar } from "../snmp-profile.ts";

export const systemAttributes: readonly SnmpScalar[] = [
  { metric: "System/Name", oid: SYSTEM.sysName, codec: displayString },
  { metric: "System/Description", oid: SYSTEM.sysDescr, codec: displayString },
];

export const systemScalars: readonly SnmpScalar[] = [
  { metric: "System/Uptime", oid: SYSTEM.sysUpTime, codec: timeTicksSeconds },
];

export const ifMibColumns: readonly SnmpColumn[] = [
  { capability: "Port", metric: "Oper", oid: IF_MIB.ifOperStatus, index: "ifIndex", codec: ifOperStatus },
  { capability: "Port", metric: "InOctets", oid: IF_MIB.ifHCInOctets, index: "ifIndex", codec: counter64 },
  { capability: "Port", metric: "OutOctets", oid: IF_MIB.ifHCOutOctets, index: "ifIndex", codec: counter64 },
];

/** Any switch, router or host with IF-MIB. A port is named by its ifIndex; every interface is reported. */
export const genericIfMib: SnmpProfile = {
  protocol: "snmp",
  id: "switch/generic-if-mib",
  vendor: "generic",
  model: "IF-MIB",
  title: { zh: "通用网络设备（IF-MIB）", en: "Any network device (IF-MIB)" },
  class: "switch",
  proven: "peer",
  sources: ["RFC 2863 The Interfaces Group MIB, clause 6", "RFC 3418 MIB for SNMP, clause 2"],
  pollInterval_ms: 10_000,
  attributes: systemAttributes,
  scalars: systemScalars,
  columns: ifMibColumns,
  numbering: { uplinks: [], ifIndexOffset: 0, poeGroup: 1 },
};
