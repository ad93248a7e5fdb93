/** SNMP profiles: which object of which MIB is which metric. */
import type { TableCodec } from "../codecs/mib-tables.ts";
import { isBelow, isException, type Varbind, type VarbindCodec } from "../codecs/snmp.ts";
import { type MetricName, parseMetricName } from "../vocabulary/index.ts";
import type { ProfileCommon } from "./profile.ts";
import { hasPort, type PortNumbering, portOf, type RowIndex, rowOf } from "./snmp-numbering.ts";

export type { PortNumbering } from "./snmp-numbering.ts";

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
  readonly index: RowIndex;
  readonly codec: VarbindCodec;
  readonly writable?: boolean;
}

/** A metric made of the rows of a table. Left out where the device has no such rows. */
export interface SnmpFigure {
  readonly metric: MetricName;
  readonly table: TableCodec;
}

export interface SnmpProfile extends ProfileCommon {
  readonly protocol: "snmp";
  /** Facts for the birth, read once. What a device does not have is left out. */
  readonly attributes: readonly SnmpScalar[];
  readonly scalars: readonly SnmpScalar[];
  readonly columns: readonly SnmpColumn[];
  readonly figures?: readonly SnmpFigure[];
  /** True: the ports are those that the device itself names, see `discoverPorts`. */
  readonly discoversPorts?: boolean;
  /** True: tells LLDP neighbours as `Port/<n>/Neighbour`, and who was heard where as `Port/<n>/Stations`. */
  readonly topology?: boolean;
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
  const scalar = scalarWhere(profile, (each) => each.metric === metric);
  if (scalar !== undefined) return { ...scalar, writable: false };

  const name = parseMetricName(metric);
  if (name?.instance === undefined || !PORT_NUMBER.test(name.instance)) return undefined;
  const column = profile.columns.find(
    (each) => each.capability === name.capability && each.metric === name.metric,
  );
  return column === undefined ? undefined : objectInRow(column, numbering, Number(name.instance));
}

const PORT_NUMBER = /^[1-9][0-9]{0,9}$/;

/** The object behind an `oid` that a device sent, or undefined when the profile does not speak of it. */
export function objectAt(
  profile: SnmpProfile,
  numbering: PortNumbering,
  oid: string,
): SnmpObject | undefined {
  const scalar = scalarWhere(profile, (each) => each.oid === oid);
  if (scalar !== undefined) return { ...scalar, writable: false };
  const column = profile.columns.find((each) => isBelow(oid, each.oid));
  if (column === undefined) return undefined;
  const port = portOf(column.index, numbering, oid.slice(column.oid.length + 1));
  return port === undefined || !(port >= 1) ? undefined : objectInRow(column, numbering, port);
}

function scalarWhere(profile: SnmpProfile, is: (scalar: SnmpScalar) => boolean): SnmpScalar | undefined {
  return profile.attributes.find(is) ?? profile.scalars.find(is);
}

function objectInRow(column: SnmpColumn, numbering: PortNumbering, port: number): SnmpObject | undefined {
  const row = hasPort(numbering, port) ? rowOf(column.index, numbering, port) : undefined;
  if (row === undefined) return undefined;
  return {
    metric: metricOf(column, port),
    oid: `${column.oid}.${row}`,
    codec: column.codec,
    writable: column.writable === true,
    port,
  };
}

/** The names of a column's metrics by port, made once: every look at every switch says them all. */
const NAMES = new WeakMap<SnmpColumn, Map<number, MetricName>>();
/** Front panels end before this; what a device calls a port beyond it gets its name anew each time. */
const NAMED_PORT_MAX = 512;

function metricOf(column: SnmpColumn, port: number): MetricName {
  const names = NAMES.get(column) ?? new Map<number, MetricName>();
  const name = names.get(port) ?? `${column.capability}/${port}/${column.metric}`;
  if (port <= NAMED_PORT_MAX) NAMES.set(column, names.set(port, name));
  return name;
}

/** The objects of the profile in `varbinds`, each with what the device said of it. */
export function objectsIn(
  profile: SnmpProfile,
  numbering: PortNumbering,
  varbinds: readonly Varbind[],
): readonly (readonly [SnmpObject, Varbind])[] {
  return varbinds.flatMap((varbind) => {
    const object = isException(varbind) ? undefined : objectAt(profile, numbering, varbind.oid);
    return object === undefined ? [] : [[object, varbind] as const];
  });
}
