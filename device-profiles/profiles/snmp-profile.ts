/**
 * SNMP profiles: which object of which MIB is which metric.
 *
 * A port is known by the number printed on the front of the switch. `ifIndex` of IF-MIB and the port index of
 * POWER-ETHERNET-MIB are two other numberings; {@link PortNumbering} leads from one to the other.
 */
import {
  isBelow,
  isException,
  UnexpectedVarbindError,
  type Varbind,
  type VarbindCodec,
} from "../codecs/snmp.ts";
import { GOOD, type MetricName, parseMetricName, type Sample, type Timestamp } from "../vocabulary/index.ts";
import type { ProfileCommon } from "./profile.ts";

/** One scalar object; `oid` includes its instance, `.0`. */
export interface SnmpScalar {
  readonly metric: MetricName;
  readonly oid: string;
  readonly codec: VarbindCodec;
}

/** One column of a conceptual table: a metric of every port. */
export interface SnmpColumn {
  readonly capability: "Port" | "PoE";
  readonly metric: string;
  readonly oid: string;
  /** How the table names its rows: `ifIndex`, or the group and port of RFC 3621. */
  readonly index: "ifIndex" | "pethPsePort";
  readonly codec: VarbindCodec;
  readonly writable?: boolean;
}

/** Turns a front-panel port number into the numbers of the MIBs. */
export interface PortNumbering {
  /** Front-panel ports; absent means every row the device has. */
  readonly ports?: readonly number[];
  /** Ports that carry other devices: a command that cuts their power is refused. */
  readonly uplinks: readonly number[];
  /** `ifIndex` = port number + this. Many vendors begin at 10101 or the like. */
  readonly ifIndexOffset: number;
  /** pethPsePortGroupIndex: the module of a chassis or the member of a stack. */
  readonly poeGroup: number;
}

export interface SnmpProfile extends ProfileCommon {
  readonly protocol: "snmp";
  /** Facts for the birth, read once. What a device does not have is left out. */
  readonly attributes: readonly SnmpScalar[];
  readonly scalars: readonly SnmpScalar[];
  readonly columns: readonly SnmpColumn[];
  readonly numbering: PortNumbering;
}

/** Where a metric lives in a device. */
export interface SnmpObject {
  readonly metric: MetricName;
  readonly oid: string;
  readonly codec: VarbindCodec;
  readonly writable: boolean;
  /** Front-panel port number; absent for a scalar. */
  readonly port?: number;
}

/** The object that holds `metric`, or undefined when the profile has none. */
export function objectOf(
  profile: SnmpProfile,
  numbering: PortNumbering,
  metric: MetricName,
): SnmpObject | undefined {
  const scalar = [...profile.attributes, ...profile.scalars].find((each) => each.metric === metric);
  if (scalar !== undefined) return { ...scalar, writable: false };

  const name = parseMetricName(metric);
  if (name?.instance === undefined || !PORT_NUMBER.test(name.instance)) return undefined;
  const port = Number(name.instance);
  const column = profile.columns.find(
    (each) => each.capability === name.capability && each.metric === name.metric,
  );
  if (column === undefined || !hasPort(numbering, port)) return undefined;
  return {
    metric,
    oid: `${column.oid}.${rowOf(column, numbering, port)}`,
    codec: column.codec,
    writable: column.writable === true,
    port,
  };
}

const PORT_NUMBER = /^[1-9][0-9]{0,9}$/;

/** The object behind an `oid` that a device sent, or undefined when the profile does not speak of it. */
export function objectAt(
  profile: SnmpProfile,
  numbering: PortNumbering,
  oid: string,
): SnmpObject | undefined {
  const scalar = [...profile.attributes, ...profile.scalars].find((each) => each.oid === oid);
  if (scalar !== undefined) return { ...scalar, writable: false };
  const column = profile.columns.find((each) => isBelow(oid, each.oid));
  if (column === undefined) return undefined;
  const port = portOf(column, numbering, oid.slice(column.oid.length + 1));
  return port === undefined
    ? undefined
    : objectOf(profile, numbering, `${column.capability}/${port}/${column.metric}`);
}

/** The row index of a port, as it is appended to a column's OID. */
function rowOf(column: SnmpColumn, numbering: PortNumbering, port: number): string {
  return column.index === "ifIndex" ? `${port + numbering.ifIndexOffset}` : `${numbering.poeGroup}.${port}`;
}

function portOf(column: SnmpColumn, numbering: PortNumbering, row: string): number | undefined {
  const [first, second, ...rest] = row.split(".").map(Number);
  if (first === undefined || rest.length > 0) return undefined;
  if (column.index === "ifIndex") return second === undefined ? first - numbering.ifIndexOffset : undefined;
  return first === numbering.poeGroup ? second : undefined;
}

function hasPort(numbering: PortNumbering, port: number): boolean {
  return numbering.ports === undefined || numbering.ports.includes(port);
}

/**
 * What a device's answer says. Rows of other ports, other groups and objects that do not exist are left out; a value
 * that the MIB does not allow becomes null with bad quality.
 */
export function samplesFromVarbinds(
  profile: SnmpProfile,
  numbering: PortNumbering,
  varbinds: readonly Varbind[],
  eventTime: Timestamp,
): Sample[] {
  const samples: Sample[] = [];
  for (const varbind of varbinds) {
    const object = isException(varbind) ? undefined : objectAt(profile, numbering, varbind.oid);
    if (object === undefined) continue;
    samples.push(sampleOf(object, varbind, eventTime));
  }
  return samples;
}

function sampleOf({ metric, codec }: SnmpObject, varbind: Varbind, eventTime: Timestamp): Sample {
  try {
    return { metric, value: codec.decode(varbind), quality: GOOD, eventTime };
  } catch (error) {
    if (!(error instanceof UnexpectedVarbindError)) throw error;
    return { metric, value: null, quality: { status: "bad", reason: "out-of-range" }, eventTime };
  }
}
