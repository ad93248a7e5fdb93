/**
 * Figures that a MIB spreads over the rows of a table: the load of all processors, the memory among the storages, the
 * warmest sensor. Each codec reads them and, for the simulator, writes rows that hold a given value.
 */
import type { SampleValue } from "../vocabulary/index.ts";
import { ENTITY_SENSOR_MIB, HOST_RESOURCES_MIB } from "./mib-objects.ts";
import { isBelow, SnmpType, UnexpectedVarbindError, type Varbind } from "./snmp.ts";

export interface TableCodec {
  /** What has to be walked. */
  readonly columns: readonly string[];
  /** Undefined when the device has no such rows. Throws {@link UnexpectedVarbindError}. */
  decode(varbinds: readonly Varbind[]): SampleValue | undefined;
  /** Throws {@link UnexpectedVarbindError} when no rows can say so. */
  encode(value: SampleValue): readonly Varbind[];
}

export interface ColumnOptions {
  readonly oid: string;
  readonly fold: "max" | "mean" | "sum";
  readonly scale?: number;
  /** Rows that have no such value, for example a fan in a column of temperatures, say one of these. */
  readonly absent?: readonly number[];
}

/** One number out of a column of INTEGER or Gauge32. */
export function column({ oid, fold, scale = 1, absent = [] }: ColumnOptions): TableCodec {
  return {
    columns: [oid],
    decode(varbinds) {
      const numbers = [...rowsOf(varbinds, oid).values()]
        .map((varbind) => numberOf(varbind))
        .filter((number) => !absent.includes(number));
      if (numbers.length === 0) return undefined;
      return folded(numbers, fold) * scale;
    },
    encode: (value) => [integer(`${oid}.1`, numeric(value) / scale)],
  };
}

/** The share of two columns of one pool, in percent: used against used and free. The fullest pool counts. */
export function shareUsed(used: string, free: string): TableCodec {
  return {
    columns: [used, free],
    decode(varbinds) {
      const frees = rowsOf(varbinds, free);
      const shares = [...rowsOf(varbinds, used)].flatMap(([row, varbind]) => {
        const left = frees.get(row);
        const taken = numberOf(varbind);
        const whole = left === undefined ? 0 : taken + numberOf(left);
        return whole > 0 ? [(taken / whole) * 100] : [];
      });
      return shares.length === 0 ? undefined : Math.max(...shares);
    },
    encode: (value) => [
      gauge(`${used}.1`, numeric(value) * 100),
      gauge(`${free}.1`, (100 - numeric(value)) * 100),
    ],
  };
}

/** hrProcessorLoad (RFC 2790): the mean over all processors, in percent. */
export const hostProcessorLoad = column({ oid: HOST_RESOURCES_MIB.hrProcessorLoad, fold: "mean" });

/** Physical memory among the storages of RFC 2790, used, in percent. */
export const hostMemoryUsed: TableCodec = {
  columns: [
    HOST_RESOURCES_MIB.hrStorageType,
    HOST_RESOURCES_MIB.hrStorageSize,
    HOST_RESOURCES_MIB.hrStorageUsed,
  ],
  decode(varbinds) {
    const sizes = rowsOf(varbinds, HOST_RESOURCES_MIB.hrStorageSize);
    const uses = rowsOf(varbinds, HOST_RESOURCES_MIB.hrStorageUsed);
    for (const [row, { value }] of rowsOf(varbinds, HOST_RESOURCES_MIB.hrStorageType)) {
      const size = sizes.get(row);
      const used = uses.get(row);
      if (value !== HOST_RESOURCES_MIB.hrStorageRam || size === undefined || used === undefined) continue;
      const whole = numberOf(size);
      return whole > 0 ? (numberOf(used) / whole) * 100 : undefined;
    }
    return undefined;
  },
  encode: (value) => [
    {
      oid: `${HOST_RESOURCES_MIB.hrStorageType}.1`,
      type: SnmpType.ObjectIdentifier,
      value: HOST_RESOURCES_MIB.hrStorageRam,
    },
    integer(`${HOST_RESOURCES_MIB.hrStorageSize}.1`, 10_000),
    integer(`${HOST_RESOURCES_MIB.hrStorageUsed}.1`, numeric(value) * 100),
  ],
};

/** EntitySensorDataType celsius(8), EntitySensorStatus ok(1), EntitySensorDataScale units(9) of RFC 3433. */
const CELSIUS = 8;
const SENSOR_OK = 1;
const SCALE_UNITS = 9;

/** The warmest thermometer of RFC 3433 that works, in degrees Celsius. */
export const warmestSensor: TableCodec = {
  columns: Object.values(ENTITY_SENSOR_MIB),
  decode(varbinds) {
    const cell = (oid: string, row: string): number | undefined => {
      const varbind = rowsOf(varbinds, oid).get(row);
      return varbind === undefined ? undefined : numberOf(varbind);
    };
    const degrees = [...rowsOf(varbinds, ENTITY_SENSOR_MIB.entPhySensorType)].flatMap(([row, type]) => {
      const value = cell(ENTITY_SENSOR_MIB.entPhySensorValue, row);
      const works = cell(ENTITY_SENSOR_MIB.entPhySensorOperStatus, row) === SENSOR_OK;
      if (numberOf(type) !== CELSIUS || !works || value === undefined) return [];
      const thousands = (cell(ENTITY_SENSOR_MIB.entPhySensorScale, row) ?? SCALE_UNITS) - SCALE_UNITS;
      const places = cell(ENTITY_SENSOR_MIB.entPhySensorPrecision, row) ?? 0;
      return [value * 10 ** (3 * thousands - places)];
    });
    return degrees.length === 0 ? undefined : Math.max(...degrees);
  },
  encode: (value) => [
    integer(`${ENTITY_SENSOR_MIB.entPhySensorType}.1`, CELSIUS),
    integer(`${ENTITY_SENSOR_MIB.entPhySensorScale}.1`, SCALE_UNITS),
    integer(`${ENTITY_SENSOR_MIB.entPhySensorPrecision}.1`, 1),
    integer(`${ENTITY_SENSOR_MIB.entPhySensorValue}.1`, numeric(value) * 10),
    integer(`${ENTITY_SENSOR_MIB.entPhySensorOperStatus}.1`, SENSOR_OK),
  ],
};

/** The cells of one column by their row, as it is appended to the column's identifier. */
export function rowsOf(varbinds: readonly Varbind[], oid: string): ReadonlyMap<string, Varbind> {
  const below = varbinds.filter((varbind) => isBelow(varbind.oid, oid));
  return new Map(below.map((varbind) => [varbind.oid.slice(oid.length + 1), varbind]));
}

function numberOf({ oid, type, value }: Varbind): number {
  if ((type !== SnmpType.Integer && type !== SnmpType.Gauge32) || typeof value !== "number") {
    throw new UnexpectedVarbindError(`${oid}: expected a number, got ASN.1 type ${type}`);
  }
  return value;
}

function numeric(value: SampleValue): number {
  if (typeof value !== "number" || !Number.isFinite(value)) {
    throw new UnexpectedVarbindError(`${String(value)} is not a number`);
  }
  return value;
}

function folded(numbers: readonly number[], fold: ColumnOptions["fold"]): number {
  if (fold === "max") return Math.max(...numbers);
  const sum = numbers.reduce((total, each) => total + each, 0);
  return fold === "sum" ? sum : sum / numbers.length;
}

const integer = (oid: string, value: number): Varbind => ({
  oid,
  type: SnmpType.Integer,
  value: Math.round(value),
});

const gauge = (oid: string, value: number): Varbind => ({
  oid,
  type: SnmpType.Gauge32,
  value: Math.round(value),
});
