/**
 * The array datatypes of chapter 6.4.16.1: packed little-endian values in the metric's bytes. BooleanArray is a count of
 * four bytes and then the bits, the most significant first; StringArray is strings, each closed by a zero byte.
 *
 * (The examples that the specification prints for FloatArray and DoubleArray are big-endian; its text, and every
 * implementation, is little-endian.)
 */
import { DataType } from "@campus-ops/device-profiles/vocabulary";
import type { MetricValue } from "./payload.ts";

export type ArrayValue = readonly (number | bigint)[] | readonly boolean[] | readonly string[];

/** A longer array is not read or written as one: a few bytes must never become many objects. */
export const ARRAY_ITEMS_MAX = 262_144;

/** How a number of fixed size is written: its bytes and the DataView's methods for it. */
interface Packing {
  readonly size: number;
  readonly read: (view: DataView, at: number) => number | bigint;
  /** Throws on a value of the wrong kind; {@link packArray} has looked before. */
  readonly write: (view: DataView, at: number, value: number | bigint) => void;
  readonly fits: (value: number | bigint) => boolean;
}

const integer = (min: number, max: number) => (value: number | bigint) =>
  typeof value === "number" && Number.isInteger(value) && value >= min && value <= max;

const integer64 = (min: bigint, max: bigint) => (value: number | bigint) =>
  typeof value === "bigint" ? value >= min && value <= max : Number.isSafeInteger(value) && value >= min;

/** A bigint only where a number would not be exact. */
export function exactInteger(value: bigint): number | bigint {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}

const anyNumber = (value: number | bigint): boolean => typeof value === "number";

const INT64: Packing = {
  size: 8,
  read: (view, at) => exactInteger(view.getBigInt64(at, true)),
  write: (view, at, value) => view.setBigInt64(at, BigInt(value), true),
  fits: integer64(-(2n ** 63n), 2n ** 63n - 1n),
};
const UINT64: Packing = {
  size: 8,
  read: (view, at) => exactInteger(view.getBigUint64(at, true)),
  write: (view, at, value) => view.setBigUint64(at, BigInt(value), true),
  fits: integer64(0n, 2n ** 64n - 1n),
};

const PACKINGS: Readonly<Partial<Record<DataType, Packing>>> = {
  [DataType.Int8Array]: {
    size: 1,
    read: (view, at) => view.getInt8(at),
    write: (view, at, value) => view.setInt8(at, Number(value)),
    fits: integer(-0x80, 0x7f),
  },
  [DataType.Int16Array]: {
    size: 2,
    read: (view, at) => view.getInt16(at, true),
    write: (view, at, value) => view.setInt16(at, Number(value), true),
    fits: integer(-0x8000, 0x7fff),
  },
  [DataType.Int32Array]: {
    size: 4,
    read: (view, at) => view.getInt32(at, true),
    write: (view, at, value) => view.setInt32(at, Number(value), true),
    fits: integer(-0x8000_0000, 0x7fff_ffff),
  },
  [DataType.Int64Array]: INT64,
  [DataType.UInt8Array]: {
    size: 1,
    read: (view, at) => view.getUint8(at),
    write: (view, at, value) => view.setUint8(at, Number(value)),
    fits: integer(0, 0xff),
  },
  [DataType.UInt16Array]: {
    size: 2,
    read: (view, at) => view.getUint16(at, true),
    write: (view, at, value) => view.setUint16(at, Number(value), true),
    fits: integer(0, 0xffff),
  },
  [DataType.UInt32Array]: {
    size: 4,
    read: (view, at) => view.getUint32(at, true),
    write: (view, at, value) => view.setUint32(at, Number(value), true),
    fits: integer(0, 0xffff_ffff),
  },
  [DataType.UInt64Array]: UINT64,
  [DataType.FloatArray]: {
    size: 4,
    read: (view, at) => view.getFloat32(at, true),
    write: (view, at, value) => view.setFloat32(at, Number(value), true),
    fits: anyNumber,
  },
  [DataType.DoubleArray]: {
    size: 8,
    read: (view, at) => view.getFloat64(at, true),
    write: (view, at, value) => view.setFloat64(at, Number(value), true),
    fits: anyNumber,
  },
  [DataType.DateTimeArray]: UINT64,
};

export function isArrayType(datatype: DataType): boolean {
  return datatype >= DataType.Int8Array && datatype <= DataType.DateTimeArray;
}

/** The bytes of an array; undefined when `value` is not an array of that type. */
export function packArray(datatype: DataType, value: MetricValue): Uint8Array | undefined {
  if (!Array.isArray(value) || value.length > ARRAY_ITEMS_MAX) return undefined;
  const items: readonly unknown[] = value;
  if (datatype === DataType.BooleanArray) return packBooleans(items);
  if (datatype === DataType.StringArray) return packStrings(items);
  const packing = PACKINGS[datatype];
  if (packing === undefined) return undefined;
  const view = new DataView(new ArrayBuffer(items.length * packing.size));
  for (const [index, item] of items.entries()) {
    if ((typeof item !== "number" && typeof item !== "bigint") || !packing.fits(item)) return undefined;
    packing.write(view, index * packing.size, item);
  }
  return new Uint8Array(view.buffer);
}

/** The array in the bytes; undefined when their length or their form is not one that the type has. */
export function unpackArray(datatype: DataType, bytes: Uint8Array): ArrayValue | undefined {
  if (datatype === DataType.BooleanArray) return unpackBooleans(bytes);
  if (datatype === DataType.StringArray) return unpackStrings(bytes);
  const packing = PACKINGS[datatype];
  if (packing === undefined || bytes.length % packing.size !== 0) return undefined;
  if (bytes.length > ARRAY_ITEMS_MAX * packing.size) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values: (number | bigint)[] = [];
  for (let at = 0; at < bytes.length; at += packing.size) values.push(packing.read(view, at));
  return values;
}

const COUNT_BYTES = 4;

function packBooleans(items: readonly unknown[]): Uint8Array | undefined {
  const bytes = new Uint8Array(COUNT_BYTES + Math.ceil(items.length / 8));
  new DataView(bytes.buffer).setUint32(0, items.length, true);
  for (const [index, item] of items.entries()) {
    if (typeof item !== "boolean") return undefined;
    const at = COUNT_BYTES + (index >> 3);
    if (item) bytes[at] = (bytes[at] ?? 0) | (0x80 >> (index & 7));
  }
  return bytes;
}

function unpackBooleans(bytes: Uint8Array): readonly boolean[] | undefined {
  if (bytes.length < COUNT_BYTES) return undefined;
  const count = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  if (count > ARRAY_ITEMS_MAX || bytes.length !== COUNT_BYTES + Math.ceil(count / 8)) return undefined;
  const values: boolean[] = [];
  for (let index = 0; index < count; index += 1) {
    values.push(((bytes[COUNT_BYTES + (index >> 3)] ?? 0) & (0x80 >> (index & 7))) !== 0);
  }
  return values;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function packStrings(items: readonly unknown[]): Uint8Array | undefined {
  const texts = items.filter((item) => typeof item === "string" && !item.includes("\0"));
  if (texts.length !== items.length) return undefined;
  return encoder.encode(texts.map((text) => `${text}\0`).join(""));
}

function unpackStrings(bytes: Uint8Array): readonly string[] | undefined {
  if (bytes.length === 0) return [];
  if (bytes[bytes.length - 1] !== 0) return undefined;
  try {
    const texts = decoder.decode(bytes.subarray(0, -1)).split("\0");
    return texts.length > ARRAY_ITEMS_MAX ? undefined : texts;
  } catch {
    return undefined;
  }
}
