import {
  hostFigures,
  ifMibColumns,
  RFC,
  systemAttributes,
  systemScalars,
  temperatureFigure,
} from "../snmp-parts.ts";
import type { SnmpProfile } from "../snmp-profile.ts";

/** A Linux machine that runs snmpd: a school's server, a recorder's host, another box. */
export const genericNetSnmp: SnmpProfile = {
  protocol: "snmp",
  id: "edge-box/generic-net-snmp",
  vendor: "generic",
  model: "snmpd",
  title: { zh: "Linux 主机（snmpd）", en: "Linux machine (snmpd)" },
  class: "edge-box",
  proven: "peer",
  sources: [RFC.interfaces, RFC.system, RFC.host, RFC.sensor],
  pollInterval_ms: 30_000,
  attributes: systemAttributes,
  scalars: systemScalars,
  columns: ifMibColumns,
  figures: [...hostFigures, temperatureFigure],
  numbering: { uplinks: [], ifIndexOffset: 0, poeGroup: 1 },
};
