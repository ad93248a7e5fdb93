import { column } from "../../codecs/mib-tables.ts";
import { SnmpType } from "../../codecs/snmp.ts";
import { poePower } from "../snmp-parts.ts";
import type { SnmpProfile } from "../snmp-profile.ts";
import { genericManaged } from "./generic-managed.ts";

const ENTITY_EXT = "1.3.6.1.4.1.25506.2.6.1.1.1.1";
/** What hh3cEntityExtTemperature says of an entity without a thermometer. */
const NO_THERMOMETER = 65_535;

/** H3C switches with Comware 5 and 7. Of the entities of a chassis the busiest and the warmest counts. */
export const h3cComware: SnmpProfile = {
  ...genericManaged,
  id: "switch/h3c-comware",
  vendor: "H3C",
  model: "Comware",
  title: { zh: "H3C 交换机（Comware）", en: "H3C switch (Comware)" },
  sources: [
    ...genericManaged.sources,
    "HH3C-ENTITY-EXT-MIB: hh3cEntityExtStateTable",
    "HH3C-POWER-ETH-EXT-MIB: hh3cPsePortCurrentPower, mW",
  ],
  columns: [...genericManaged.columns, poePower("1.3.6.1.4.1.25506.2.14.1.1.5", SnmpType.Integer)],
  figures: [
    { metric: "System/Processor", table: column({ oid: `${ENTITY_EXT}.6`, fold: "max" }) },
    { metric: "System/Memory", table: column({ oid: `${ENTITY_EXT}.8`, fold: "max" }) },
    {
      metric: "System/Temperature",
      table: column({ oid: `${ENTITY_EXT}.12`, fold: "max", absent: [NO_THERMOMETER, 0] }),
    },
  ],
};
