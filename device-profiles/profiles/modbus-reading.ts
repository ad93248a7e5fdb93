/** Between a device's cells and the platform's values, in both directions, as its profile says. */
import type { ModbusImage } from "../codecs/modbus-image.ts";
import type { WriteRequest } from "../codecs/modbus-pdu.ts";
import {
  GOOD,
  type MetricName,
  metricDefinition,
  type Quality,
  type Sample,
  type SampleValue,
  type Timestamp,
} from "../vocabulary/index.ts";
import type { BitPoint, ModbusPoint, RegisterField } from "./modbus-profile.ts";

export interface Decoded {
  readonly value: SampleValue;
  readonly quality: Quality;
}

/** The profile and the code that uses it disagree: the value cannot be laid out as the profile says. */
export class ModbusValueError extends Error {
  override readonly name = "ModbusValueError";
}

const NO_READING: Decoded = { value: null, quality: { status: "bad", reason: "sentinel" } };
const UNKNOWN_CODE: Decoded = { value: null, quality: { status: "bad", reason: "out-of-range" } };

/** What `words` say. `plausible` is the dictionary's range for this value, if it has one. */
export function decodeField(
  field: RegisterField,
  words: readonly number[],
  plausible?: readonly [min: number, max: number],
): Decoded {
  switch (field.type) {
    case "number": {
      const raw = field.codec.decode(words);
      if (field.sentinels?.includes(raw) === true || Number.isNaN(raw)) return NO_READING;
      const value = raw / (field.divisor ?? 1);
      const outside = plausible !== undefined && (value < plausible[0] || value > plausible[1]);
      return { value, quality: outside ? { status: "bad", reason: "out-of-range" } : GOOD };
    }
    case "choice": {
      const value = field.values[field.codec.decode(words)];
      return value === undefined ? UNKNOWN_CODE : { value, quality: GOOD };
    }
    case "flag":
      return { value: (field.codec.decode(words) & field.mask) !== 0, quality: GOOD };
    case "text": {
      const value = field.codec.decode(words);
      return { value: value === "" ? null : value, quality: GOOD };
    }
  }
}

/**
 * The words that say `value`; null is said with the first sentinel, or with nought where there is none. `before` are the
 * words that stand there: the other bits of a flag's register stay as they are.
 */
export function encodeField(
  field: RegisterField,
  value: SampleValue,
  before: readonly number[] = [],
): readonly number[] {
  switch (field.type) {
    case "number":
      if (value === null) return field.codec.encode(field.sentinels?.[0] ?? 0);
      if (typeof value !== "number") throw new ModbusValueError(`${String(value)} is not a number`);
      return field.codec.encode(registerValue(field, value));
    case "choice": {
      const code = Object.entries(field.values).find(([, name]) => name === value)?.[0];
      if (code === undefined && value !== null) {
        throw new ModbusValueError(
          `${JSON.stringify(value)} is none of ${Object.values(field.values).join(", ")}`,
        );
      }
      return field.codec.encode(Number(code ?? 0));
    }
    case "flag": {
      const bits = before.length === 0 ? 0 : field.codec.decode(before);
      return field.codec.encode((value === true ? bits | field.mask : bits & ~field.mask) >>> 0);
    }
    case "text":
      if (value !== null && typeof value !== "string") throw new ModbusValueError(`${value} is not a text`);
      return field.codec.encode(value ?? "");
  }
}

function registerValue(field: Extract<RegisterField, { type: "number" }>, value: number): number {
  const scaled = value * (field.divisor ?? 1);
  return field.codec.fractions === true || field.divisor === undefined ? scaled : Math.round(scaled);
}

/** What the image says of a point; undefined when a cell it needs has not been read. */
export function decodePoint(metric: MetricName, point: ModbusPoint, image: ModbusImage): Decoded | undefined {
  switch (point.kind) {
    case "register": {
      const words = image.read(point.table, point.pduAddress, point.codec.registers);
      return words === undefined ? undefined : decodeField(point, words, metricDefinition(metric)?.plausible);
    }
    case "bit": {
      const bit = image.read(point.table, point.pduAddress, 1);
      const latched = isLatched(point, image);
      return bit === undefined ? undefined : { value: bit[0] === 1 || latched, quality: GOOD };
    }
    case "antivalent": {
      const makes = image.read(point.table, point.makes, 1);
      const breaks = image.read(point.table, point.breaks, 1);
      if (makes === undefined || breaks === undefined) return undefined;
      return { value: makes[0] === breaks[0], quality: GOOD };
    }
  }
}

/** True when the device is holding a signal of this point for us. */
export function isLatched(point: BitPoint, image: ModbusImage): boolean {
  return point.latchCoil !== undefined && image.read("coil", point.latchCoil, 1)?.[0] === 1;
}

/** One sample a point, all true at `eventTime`. Points whose cells are not in the image are left out. */
export function readPoints(
  points: Readonly<Record<MetricName, ModbusPoint>>,
  image: ModbusImage,
  eventTime: Timestamp,
): readonly Sample[] {
  return Object.entries(points).flatMap(([metric, point]) => {
    const decoded = decodePoint(metric, point, image);
    return decoded === undefined ? [] : [{ metric, ...decoded, eventTime }];
  });
}

/** The request that writes `value`; undefined when the profile or the dictionary does not let it be written. */
export function encodeWrite(
  metric: MetricName,
  point: ModbusPoint,
  value: SampleValue,
): WriteRequest | undefined {
  if (metricDefinition(metric)?.writable !== true) return undefined;
  if (point.kind === "bit" && point.table === "coil") {
    if (typeof value !== "boolean")
      throw new ModbusValueError(`${metric} takes true or false, not ${String(value)}`);
    return { operation: "write", table: "coil", pduAddress: point.pduAddress, cells: [value ? 1 : 0] };
  }
  if (point.kind === "register" && point.table === "holding" && point.type !== "flag") {
    return {
      operation: "write",
      table: "holding",
      pduAddress: point.pduAddress,
      cells: encodeField(point, value),
    };
  }
  return undefined;
}
