import { UPS_MIB } from "../../codecs/mib-objects.ts";
import { column } from "../../codecs/mib-tables.ts";
import { displayString, measured, numberedFlag, SnmpType } from "../../codecs/snmp.ts";
import { systemAttributes, systemScalars } from "../snmp-parts.ts";
import type { SnmpProfile } from "../snmp-profile.ts";

/** Any UPS with a network card that speaks UPS-MIB. Of its output lines the fullest counts. */
export const genericUpsMib: SnmpProfile = {
  protocol: "snmp",
  id: "ups/generic-ups-mib",
  vendor: "generic",
  model: "UPS-MIB",
  title: { zh: "通用 UPS（UPS-MIB）", en: "Any UPS (UPS-MIB)" },
  class: "ups",
  proven: "vectors",
  sources: ["RFC 1628 UPS Management Information Base, clause 4"],
  pollInterval_ms: 10_000,
  attributes: [
    ...systemAttributes,
    { metric: "Properties/Vendor", oid: UPS_MIB.upsIdentManufacturer, codec: displayString },
    { metric: "Properties/Model", oid: UPS_MIB.upsIdentModel, codec: displayString },
    { metric: "Properties/Firmware", oid: UPS_MIB.upsIdentUPSSoftwareVersion, codec: displayString },
  ],
  scalars: [
    ...systemScalars,
    // upsOutputSource: normal(3), bypass(4), booster(6) and reducer(7) draw from the mains, battery(5) does not.
    { metric: "Ups/OnBattery", oid: UPS_MIB.upsOutputSource, codec: numberedFlag([5], [3, 4, 6, 7]) },
    // upsBatteryStatus: batteryNormal(2), batteryLow(3), batteryDepleted(4).
    { metric: "Ups/BatteryLow", oid: UPS_MIB.upsBatteryStatus, codec: numberedFlag([3, 4], [2]) },
    {
      metric: "Ups/Runtime",
      oid: UPS_MIB.upsEstimatedMinutesRemaining,
      codec: measured(SnmpType.Integer, { scale: 60 }),
    },
    { metric: "Battery/Level", oid: UPS_MIB.upsEstimatedChargeRemaining, codec: measured(SnmpType.Integer) },
    {
      metric: "Battery/Voltage",
      oid: UPS_MIB.upsBatteryVoltage,
      codec: measured(SnmpType.Integer, { scale: 0.1 }),
    },
    { metric: "System/Temperature", oid: UPS_MIB.upsBatteryTemperature, codec: measured(SnmpType.Integer) },
  ],
  columns: [],
  figures: [{ metric: "Ups/Load", table: column({ oid: UPS_MIB.upsOutputPercentLoad, fold: "max" }) }],
  numbering: { uplinks: [], ifIndexOffset: 0, poeGroup: 1 },
};
