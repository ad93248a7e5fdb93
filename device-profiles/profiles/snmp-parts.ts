/** The MIBs that many devices have, as parts of which profiles are put together. */
import { ENTITY_MIB, IF_MIB, POWER_ETHERNET_MIB, SYSTEM } from "../codecs/mib-objects.ts";
import { hostMemoryUsed, hostProcessorLoad, warmestSensor } from "../codecs/mib-tables.ts";
import {
  counter32,
  counter64,
  displayString,
  ifAdminStatus,
  ifOperStatus,
  measured,
  pethPsePortDetectionStatus,
  SnmpType,
  timeTicksSeconds,
  truthValue,
} from "../codecs/snmp.ts";
import type { SnmpColumn, SnmpFigure, SnmpScalar } from "./snmp-profile.ts";

export const RFC = {
  bridge: "RFC 4188 Bridge MIB, clause 4; RFC 4363 Q-BRIDGE-MIB, clause 5",
  entity: "RFC 6933 Entity MIB, clause 3",
  host: "RFC 2790 Host Resources MIB, clause 4",
  interfaces: "RFC 2863 The Interfaces Group MIB, clause 6",
  lldp: "IEEE 802.1AB-2005, clause 12.3: LLDP-MIB",
  power: "RFC 3621 Power Ethernet MIB, clause 4",
  sensor: "RFC 3433 Entity Sensor MIB, clause 3",
  system: "RFC 3418 MIB for SNMP, clause 2",
} as const;

export const systemAttributes: readonly SnmpScalar[] = [
  { metric: "System/Name", oid: SYSTEM.sysName, codec: displayString },
  { metric: "System/Description", oid: SYSTEM.sysDescr, codec: displayString },
];

/** What the chassis says of itself. */
export const chassisAttributes: readonly SnmpScalar[] = [
  { metric: "Properties/Vendor", oid: ENTITY_MIB.chassisMfgName, codec: displayString },
  { metric: "Properties/Model", oid: ENTITY_MIB.chassisModelName, codec: displayString },
  { metric: "Properties/Serial", oid: ENTITY_MIB.chassisSerialNum, codec: displayString },
  { metric: "Properties/Firmware", oid: ENTITY_MIB.chassisSoftwareRev, codec: displayString },
];

export const systemScalars: readonly SnmpScalar[] = [
  { metric: "System/Uptime", oid: SYSTEM.sysUpTime, codec: timeTicksSeconds },
];

const port = (metric: string, oid: string, codec: SnmpColumn["codec"]): SnmpColumn => ({
  capability: "Port",
  metric,
  oid,
  index: "ifIndex",
  codec,
});

/** Link and traffic. */
export const ifMibColumns: readonly SnmpColumn[] = [
  port("Oper", IF_MIB.ifOperStatus, ifOperStatus),
  port("InOctets", IF_MIB.ifHCInOctets, counter64),
  port("OutOctets", IF_MIB.ifHCOutOctets, counter64),
];

/** Name, speed, errors, and the switch of the port itself. */
export const portColumns: readonly SnmpColumn[] = [
  ...ifMibColumns,
  port("Name", IF_MIB.ifName, displayString),
  { ...port("Admin", IF_MIB.ifAdminStatus, ifAdminStatus), writable: true },
  port("Speed", IF_MIB.ifHighSpeed, measured(SnmpType.Gauge32)),
  port("InErrors", IF_MIB.ifInErrors, counter32),
  port("OutErrors", IF_MIB.ifOutErrors, counter32),
];

const poe = (metric: string, oid: string, codec: SnmpColumn["codec"]): SnmpColumn => ({
  capability: "PoE",
  metric,
  oid,
  index: "pethPsePort",
  codec,
});

export const poeColumns: readonly SnmpColumn[] = [
  { ...poe("Enabled", POWER_ETHERNET_MIB.pethPsePortAdminEnable, truthValue), writable: true },
  poe("Detection", POWER_ETHERNET_MIB.pethPsePortDetectionStatus, pethPsePortDetectionStatus),
];

/** RFC 3621 tells the power of the whole device only; that of a port is in the vendors' own MIBs, in milliwatts. */
export const poePower = (oid: string, type: typeof SnmpType.Integer | typeof SnmpType.Gauge32): SnmpColumn =>
  poe("Power", oid, measured(type, { scale: 0.001 }));

/** Processor, memory and temperature, as RFC 2790 and RFC 3433 tell them. */
export const hostFigures: readonly SnmpFigure[] = [
  { metric: "System/Processor", table: hostProcessorLoad },
  { metric: "System/Memory", table: hostMemoryUsed },
];

export const temperatureFigure: SnmpFigure = { metric: "System/Temperature", table: warmestSensor };
