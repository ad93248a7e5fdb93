import { column } from "../../codecs/mib-tables.ts";
import { measured, numberedFlag, SnmpType } from "../../codecs/snmp.ts";
import { portColumns } from "../snmp-parts.ts";
import type { SnmpProfile } from "../snmp-profile.ts";
import { genericManaged } from "./generic-managed.ts";

const ENTITY_STATE = "1.3.6.1.4.1.2011.5.25.31.1.1.1.1";
const POE_PORT = "1.3.6.1.4.1.2011.5.25.195.3.1";
const NO_THERMOMETER = 2_147_483_647;

/** Huawei S-series switches with VRP. Their PoE table is a MIB of their own, indexed by ifIndex. */
export const huaweiVrp: SnmpProfile = {
  ...genericManaged,
  id: "switch/huawei-vrp",
  vendor: "Huawei",
  model: "VRP",
  title: { zh: "华为交换机（VRP）", en: "Huawei switch (VRP)" },
  sources: [
    ...genericManaged.sources,
    "HUAWEI-ENTITY-EXTENT-MIB: hwEntityStateTable",
    "HUAWEI-POE-MIB: hwPoePortTable, hwPoePortEnable enabled(1), hwPoePortConsumingPower in mW",
  ],
  columns: [
    ...portColumns,
    {
      capability: "PoE",
      metric: "Enabled",
      oid: `${POE_PORT}.3`,
      index: "ifIndex",
      codec: numberedFlag([1], [2]),
      writable: true,
    },
    {
      capability: "PoE",
      metric: "Power",
      oid: `${POE_PORT}.10`,
      index: "ifIndex",
      codec: measured(SnmpType.Integer, { scale: 0.001 }),
    },
  ],
  figures: [
    { metric: "System/Processor", table: column({ oid: `${ENTITY_STATE}.5`, fold: "max" }) },
    { metric: "System/Memory", table: column({ oid: `${ENTITY_STATE}.7`, fold: "max" }) },
    {
      metric: "System/Temperature",
      table: column({ oid: `${ENTITY_STATE}.11`, fold: "max", absent: [NO_THERMOMETER, 0] }),
    },
  ],
};
