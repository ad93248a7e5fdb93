/** Object identifiers, by the names their MIBs give them. */

/** SNMPv2-MIB (RFC 3418): the instances of its scalars. */
export const SYSTEM = {
  sysDescr: "1.3.6.1.2.1.1.1.0",
  sysUpTime: "1.3.6.1.2.1.1.3.0",
  sysName: "1.3.6.1.2.1.1.5.0",
} as const;

/** IF-MIB (RFC 2863): columns of ifTable and ifXTable, indexed by ifIndex. */
export const IF_MIB = {
  ifOperStatus: "1.3.6.1.2.1.2.2.1.8",
  ifHCInOctets: "1.3.6.1.2.1.31.1.1.1.6",
  ifHCOutOctets: "1.3.6.1.2.1.31.1.1.1.10",
} as const;

/** POWER-ETHERNET-MIB (RFC 3621): columns of pethPsePortTable, indexed by group and port. */
export const POWER_ETHERNET_MIB = {
  pethPsePortAdminEnable: "1.3.6.1.2.1.105.1.1.1.3",
  pethPsePortDetectionStatus: "1.3.6.1.2.1.105.1.1.1.6",
} as const;

/** ENTITY-MIB (RFC 6933): columns of entPhysicalTable, at row 1, which is the chassis in a device of one box. */
export const ENTITY_MIB = {
  chassisSoftwareRev: "1.3.6.1.2.1.47.1.1.1.1.10.1",
  chassisSerialNum: "1.3.6.1.2.1.47.1.1.1.1.11.1",
  chassisMfgName: "1.3.6.1.2.1.47.1.1.1.1.12.1",
  chassisModelName: "1.3.6.1.2.1.47.1.1.1.1.13.1",
} as const;
