import { column } from "../../codecs/mib-tables.ts";
import { systemAttributes } from "../snmp-parts.ts";
import type { SnmpProfile } from "../snmp-profile.ts";
import { genericAccessPoint } from "./generic-snmp.ts";

/** Ubiquiti UniFi: the stations of all its networks, and the busiest of its radios. */
export const ubiquitiUnifi: SnmpProfile = {
  ...genericAccessPoint,
  id: "access-point/ubiquiti-unifi",
  vendor: "Ubiquiti",
  model: "UniFi",
  title: { zh: "Ubiquiti UniFi 无线接入点", en: "Ubiquiti UniFi access point" },
  sources: [...genericAccessPoint.sources, "UBNT-UniFi-MIB: unifiVapNumStations, unifiRadioCuTotal"],
  attributes: systemAttributes,
  figures: [
    ...(genericAccessPoint.figures ?? []),
    {
      metric: "Wireless/Clients",
      table: column({ oid: "1.3.6.1.4.1.41112.1.6.1.2.1.8", fold: "sum" }),
    },
    {
      metric: "Wireless/ChannelLoad",
      table: column({ oid: "1.3.6.1.4.1.41112.1.6.1.1.1.6", fold: "max" }),
    },
  ],
};
