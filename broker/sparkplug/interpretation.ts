/**
 * From what the wire says to what the datatype means.
 *
 * Protobuf gives a metric six scalar fields; fifteen datatypes share them. A signed integer travels as its two's
 * complement in an unsigned field, an array in bytes. What a value means is therefore known only with its datatype,
 * and DATA leaves that to the birth: the decoder hands such a value over as it came (*raw*), and the alias table
 * interprets it.
 *
 * Raw values are numbers (unsigned, or floating), bigints from 2^53 up, booleans, strings, bytes, data sets, templates.
 * Senders differ in which integer field they use for which type, so the value counts and not the field it came in.
 */
import { DataType } from "@campus-ops/device-profiles/vocabulary";
import { exactInteger, isArrayType, unpackArray } from "./arrays.ts";
import type { MetricValue } from "./payload.ts";

const TWO_32 = 2 ** 32;
const TWO_63 = 2n ** 63n;

/** The value under `datatype`; undefined when it cannot be one. `null` fits every type. */
export function interpret(raw: MetricValue, datatype: DataType): MetricValue | undefined {
  if (raw === null) return null;
  switch (datatype) {
    case DataType.Double:
    case DataType.Float:
      return typeof raw === "number" ? raw : undefined;
    case DataType.Boolean:
      return typeof raw === "boolean" ? raw : undefined;
    case DataType.String:
    case DataType.Text:
    case DataType.UUID:
      return typeof raw === "string" ? raw : undefined;
    case DataType.Int8:
      return signed(raw, 8);
    case DataType.Int16:
      return signed(raw, 16);
    case DataType.Int32:
      return signed(raw, 32);
    case DataType.Int64:
      return signed64(raw);
    case DataType.UInt8:
      return unsigned(raw, 0xff);
    case DataType.UInt16:
      return unsigned(raw, 0xffff);
    case DataType.UInt32:
      return unsigned(raw, 0xffff_ffff);
    case DataType.UInt64:
    case DataType.DateTime:
      return typeof raw === "bigint" ? raw : unsigned(raw, Number.MAX_SAFE_INTEGER);
    case DataType.Bytes:
    case DataType.File:
      return raw instanceof Uint8Array ? raw : undefined;
    case DataType.DataSet:
      return isKind(raw, "dataset") ? raw : undefined;
    case DataType.Template:
      return isKind(raw, "template") ? raw : undefined;
    case DataType.Unknown:
      return raw;
    default:
      return isArrayType(datatype) && raw instanceof Uint8Array ? unpackArray(datatype, raw) : undefined;
  }
}

function isKind(raw: MetricValue, kind: "dataset" | "template"): boolean {
  return typeof raw === "object" && raw !== null && "kind" in raw && raw.kind === kind;
}

function unsigned(raw: MetricValue, max: number): number | undefined {
  return typeof raw === "number" && Number.isInteger(raw) && raw >= 0 && raw <= max ? raw : undefined;
}

/** A sender may extend the sign to 32 bits, as most do, or stop at the type's own width. */
function signed(raw: MetricValue, bits: number): number | undefined {
  if (typeof raw !== "number" || !Number.isInteger(raw)) return undefined;
  const half = 2 ** (bits - 1);
  if (raw >= -half && raw < half) return raw;
  if (raw < 2 * half && raw >= half) return raw - 2 * half;
  return raw < TWO_32 && raw >= TWO_32 - half ? raw - TWO_32 : undefined;
}

function signed64(raw: MetricValue): number | bigint | undefined {
  if (typeof raw === "bigint") return exactInteger(raw >= TWO_63 ? BigInt.asIntN(64, raw) : raw);
  return typeof raw === "number" && Number.isSafeInteger(raw) ? raw : undefined;
}
