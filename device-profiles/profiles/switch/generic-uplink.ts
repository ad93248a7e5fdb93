import { IF_MIB } from "../../codecs/mib-objects.ts";
import { measured, operIsUp, SnmpType } from "../../codecs/snmp.ts";
import { ifMibColumns, RFC, systemAttributes, systemScalars } from "../snmp-parts.ts";
import type { SnmpProfile } from "../snmp-profile.ts";

/** Interface of the router that the line to the county hangs from; a profile of your own names another. */
const UPLINK = 1;

/**
 * The router at the school's line: whether the line is up, and what it is rated at. What the line really carries is the
 * traffic of that port.
 */
export const genericUplink: SnmpProfile = {
  protocol: "snmp",
  id: "switch/generic-uplink",
  vendor: "generic",
  model: "IF-MIB, interface 1 is the uplink",
  title: {
    zh: "通用出口路由器（IF-MIB，1 号接口为出口）",
    en: "Any router whose interface 1 is the uplink (IF-MIB)",
  },
  class: "switch",
  proven: "vectors",
  sources: [RFC.interfaces, RFC.system],
  pollInterval_ms: 10_000,
  attributes: systemAttributes,
  scalars: [
    ...systemScalars,
    { metric: "Uplink/Up", oid: `${IF_MIB.ifOperStatus}.${UPLINK}`, codec: operIsUp },
    {
      metric: "Uplink/Download",
      oid: `${IF_MIB.ifHighSpeed}.${UPLINK}`,
      codec: measured(SnmpType.Gauge32),
    },
  ],
  // Its link is told as that of the line.
  columns: ifMibColumns.filter(({ metric }) => metric !== "Oper"),
  numbering: { ports: [UPLINK], uplinks: [], ifIndexOffset: 0, poeGroup: 1 },
};
