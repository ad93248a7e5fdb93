/** Object identifiers, by the names their MIBs give them. */

/** SNMPv2-MIB (RFC 3418): the instances of its scalars. */
export const SYSTEM = {
  sysDescr: "1.3.6.1.2.1.1.1.0",
  sysUpTime: "1.3.6.1.2.1.1.3.0",
  sysName: "1.3.6.1.2.1.1.5.0",
} as const;

/** IF-MIB (RFC 2863): columns of ifTable and ifXTable, indexed by ifIndex. */
export const IF_MIB = {
  ifType: "1.3.6.1.2.1.2.2.1.3",
  ifAdminStatus: "1.3.6.1.2.1.2.2.1.7",
  ifOperStatus: "1.3.6.1.2.1.2.2.1.8",
  ifInErrors: "1.3.6.1.2.1.2.2.1.14",
  ifOutErrors: "1.3.6.1.2.1.2.2.1.20",
  ifName: "1.3.6.1.2.1.31.1.1.1.1",
  ifHCInOctets: "1.3.6.1.2.1.31.1.1.1.6",
  ifHCOutOctets: "1.3.6.1.2.1.31.1.1.1.10",
  ifHighSpeed: "1.3.6.1.2.1.31.1.1.1.15",
  ifConnectorPresent: "1.3.6.1.2.1.31.1.1.1.17",
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

/** ENTITY-SENSOR-MIB (RFC 3433): columns of entPhySensorTable, indexed by entPhysicalIndex. */
export const ENTITY_SENSOR_MIB = {
  entPhySensorType: "1.3.6.1.2.1.99.1.1.1.1",
  entPhySensorScale: "1.3.6.1.2.1.99.1.1.1.2",
  entPhySensorPrecision: "1.3.6.1.2.1.99.1.1.1.3",
  entPhySensorValue: "1.3.6.1.2.1.99.1.1.1.4",
  entPhySensorOperStatus: "1.3.6.1.2.1.99.1.1.1.5",
} as const;

/** HOST-RESOURCES-MIB (RFC 2790): columns of hrStorageTable and hrProcessorTable. */
export const HOST_RESOURCES_MIB = {
  hrStorageType: "1.3.6.1.2.1.25.2.3.1.2",
  hrStorageSize: "1.3.6.1.2.1.25.2.3.1.5",
  hrStorageUsed: "1.3.6.1.2.1.25.2.3.1.6",
  hrProcessorLoad: "1.3.6.1.2.1.25.3.3.1.2",
  /** A value of hrStorageType. */
  hrStorageRam: "1.3.6.1.2.1.25.2.1.2",
} as const;

/** BRIDGE-MIB (RFC 4188) and Q-BRIDGE-MIB (RFC 4363): who was heard behind which bridge port. */
export const BRIDGE_MIB = {
  dot1dBasePortIfIndex: "1.3.6.1.2.1.17.1.4.1.2",
  /** Indexed by MAC address. */
  dot1dTpFdbPort: "1.3.6.1.2.1.17.4.3.1.2",
  dot1dTpFdbStatus: "1.3.6.1.2.1.17.4.3.1.3",
  /** Indexed by forwarding database and MAC address. */
  dot1qTpFdbPort: "1.3.6.1.2.1.17.7.1.2.2.1.2",
  dot1qTpFdbStatus: "1.3.6.1.2.1.17.7.1.2.2.1.3",
} as const;

/** LLDP-MIB (IEEE 802.1AB-2005, clause 12.3): columns of the local ports and of the remote systems. */
export const LLDP_MIB = {
  lldpLocPortIdSubtype: "1.0.8802.1.1.2.1.3.7.1.2",
  lldpLocPortId: "1.0.8802.1.1.2.1.3.7.1.3",
  /** Indexed by time mark, local port number and remote index, as are the others below. */
  lldpRemChassisIdSubtype: "1.0.8802.1.1.2.1.4.1.1.4",
  lldpRemChassisId: "1.0.8802.1.1.2.1.4.1.1.5",
  lldpRemSysName: "1.0.8802.1.1.2.1.4.1.1.9",
  lldpRemSysCapEnabled: "1.0.8802.1.1.2.1.4.1.1.12",
} as const;

/** UPS-MIB (RFC 1628): scalars, and the column of upsOutputTable that is indexed by output line. */
export const UPS_MIB = {
  upsIdentManufacturer: "1.3.6.1.2.1.33.1.1.1.0",
  upsIdentModel: "1.3.6.1.2.1.33.1.1.2.0",
  upsIdentUPSSoftwareVersion: "1.3.6.1.2.1.33.1.1.3.0",
  upsBatteryStatus: "1.3.6.1.2.1.33.1.2.1.0",
  upsEstimatedMinutesRemaining: "1.3.6.1.2.1.33.1.2.3.0",
  upsEstimatedChargeRemaining: "1.3.6.1.2.1.33.1.2.4.0",
  upsBatteryVoltage: "1.3.6.1.2.1.33.1.2.5.0",
  upsBatteryTemperature: "1.3.6.1.2.1.33.1.2.7.0",
  upsOutputSource: "1.3.6.1.2.1.33.1.4.1.0",
  upsOutputPercentLoad: "1.3.6.1.2.1.33.1.4.4.1.5",
} as const;
