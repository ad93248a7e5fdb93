import { displayString, measured, numberedFlag, SnmpType, timeTicksSeconds } from "../../codecs/snmp.ts";
import { systemAttributes, systemScalars } from "../snmp-parts.ts";
import type { SnmpProfile } from "../snmp-profile.ts";
import { genericUpsMib } from "./generic-ups-mib.ts";

const UPS = "1.3.6.1.4.1.318.1.1.1";

/** APC Smart-UPS with a network management card. */
export const apcPowernet: SnmpProfile = {
  ...genericUpsMib,
  id: "ups/apc-powernet",
  vendor: "APC",
  model: "Smart-UPS",
  title: { zh: "APC Smart-UPS（PowerNet）", en: "APC Smart-UPS (PowerNet)" },
  sources: ["PowerNet-MIB: ups.upsIdent, upsBattery, upsOutput"],
  attributes: [
    ...systemAttributes,
    { metric: "Properties/Model", oid: `${UPS}.1.1.1.0`, codec: displayString },
    { metric: "Properties/Firmware", oid: `${UPS}.1.2.1.0`, codec: displayString },
    { metric: "Properties/Serial", oid: `${UPS}.1.2.3.0`, codec: displayString },
  ],
  scalars: [
    ...systemScalars,
    // upsBasicOutputStatus: onLine(2), onSmartBoost(4), bypasses (6, 9, 10) and onSmartTrim(12) draw from the mains.
    { metric: "Ups/OnBattery", oid: `${UPS}.4.1.1.0`, codec: numberedFlag([3], [2, 4, 6, 9, 10, 12]) },
    { metric: "Ups/BatteryLow", oid: `${UPS}.2.1.1.0`, codec: numberedFlag([3], [2]) },
    { metric: "Ups/Load", oid: `${UPS}.4.2.3.0`, codec: measured(SnmpType.Gauge32) },
    { metric: "Ups/Runtime", oid: `${UPS}.2.2.3.0`, codec: timeTicksSeconds },
    { metric: "Battery/Level", oid: `${UPS}.2.2.1.0`, codec: measured(SnmpType.Gauge32) },
    { metric: "Battery/Voltage", oid: `${UPS}.2.2.8.0`, codec: measured(SnmpType.Integer) },
    { metric: "System/Temperature", oid: `${UPS}.2.2.2.0`, codec: measured(SnmpType.Gauge32) },
  ],
  figures: [],
};
