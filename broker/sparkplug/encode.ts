/** Payload to bytes. */
import { DataType } from "@campus-ops/device-profiles/vocabulary";
import { packArray } from "./arrays.ts";
import type {
  DataSet,
  MetaData,
  Metric,
  MetricValue,
  Payload,
  PropertySet,
  PropertyValue,
  Scalar,
  Template,
} from "./payload.ts";
import { ProtobufWriter } from "./protobuf-writer.ts";
import {
  CELL_SCALARS,
  DATASET,
  METADATA,
  METRIC,
  METRIC_SCALARS,
  PARAMETER,
  PARAMETER_SCALARS,
  PAYLOAD,
  PROPERTY,
  PROPERTY_SCALARS,
  PROPERTY_SET,
  PROPERTY_SET_LIST,
  ROW,
  type ScalarTags,
  TEMPLATE,
} from "./wire.ts";

export interface EncodeOptions {
  /**
   * For DATA and commands, whose receiver has the birth: leaves out the datatype of every metric, and the name of those
   * that have an alias [tck-id-payloads-metric-datatype-not-req, tck-id-payloads-alias-data-cmd-requirement]. Members of
   * templates keep theirs. The metrics passed in should still carry their datatypes: they decide the wire field.
   */
  readonly compact?: boolean;
}

/** A programming error of the caller's: a value that is not of its datatype. */
export class EncodeError extends Error {
  override readonly name = "EncodeError";
}

const writer = new ProtobufWriter();

/**
 * The bytes of a payload, in a buffer of their own. Throws {@link EncodeError} when a value is not of its datatype.
 * A metric without a datatype goes in the field its value suggests: whole numbers as integers, others as doubles.
 */
export function encodePayload(payload: Payload, options: EncodeOptions = {}): Uint8Array {
  writer.reset();
  if (payload.timestamp !== undefined) writeUint64(PAYLOAD.timestamp, payload.timestamp);
  const compact = options.compact === true;
  for (const metric of payload.metrics) writeMetric(PAYLOAD.metrics, metric, compact);
  if (payload.seq !== undefined) writeUint64(PAYLOAD.seq, payload.seq);
  writeText(PAYLOAD.uuid, payload.uuid);
  if (payload.body !== undefined) {
    writer.uint32(PAYLOAD.body);
    writer.bytes(payload.body);
  }
  return writer.result();
}

function writeUint64(tag: number, value: number): void {
  writer.uint32(tag);
  writer.uint64(value);
}

function writeText(tag: number, text: string | undefined): void {
  if (text === undefined) return;
  writer.uint32(tag);
  writer.string(text);
}

function writeFlag(tag: number, flag: boolean | undefined): void {
  if (flag === undefined) return;
  writer.uint32(tag);
  writer.uint32(flag ? 1 : 0);
}

function writeMetric(tag: number, metric: Metric, compact: boolean): void {
  const { name, alias, timestamp, datatype, value } = metric;
  writer.uint32(tag);
  const start = writer.begin();
  if (name !== undefined && !(compact && alias !== undefined)) writeText(METRIC.name, name);
  if (alias !== undefined) writeUint64(METRIC.alias, alias);
  if (timestamp !== undefined) writeUint64(METRIC.timestamp, timestamp);
  if (datatype !== undefined && !compact) writeUint64(METRIC.datatype, datatype);
  writeFlag(METRIC.isHistorical, metric.isHistorical);
  writeFlag(METRIC.isTransient, metric.isTransient);
  if (metric.metadata !== undefined) writeMetaData(metric.metadata);
  if (metric.properties !== undefined) writePropertySet(METRIC.properties, metric.properties);
  if (value === null) writeFlag(METRIC.isNull, true);
  else if (!writeValue(value, datatype ?? suggested(value)))
    throw misfit(metricName(metric), value, datatype);
  writer.end(start);
}

const metricName = ({ name, alias }: Metric): string => name ?? `alias ${alias ?? "of none"}`;

function misfit(what: string, value: unknown, datatype: DataType | undefined): EncodeError {
  const shown = typeof value === "object" ? "a composite" : `${typeof value} ${String(value)}`;
  return new EncodeError(`${what}: ${shown} is not of Sparkplug datatype ${datatype ?? DataType.Unknown}`);
}

function suggested(value: MetricValue): DataType {
  switch (typeof value) {
    case "boolean":
      return DataType.Boolean;
    case "string":
      return DataType.String;
    case "bigint":
      return value < 0n ? DataType.Int64 : DataType.UInt64;
    case "number":
      if (!Number.isSafeInteger(value) || Object.is(value, -0)) return DataType.Double;
      if (value < 0) return DataType.Int64;
      return value <= 0xffff_ffff ? DataType.UInt32 : DataType.UInt64;
    default:
      if (value instanceof Uint8Array) return DataType.Bytes;
      return isTemplate(value) ? DataType.Template : isDataSet(value) ? DataType.DataSet : DataType.Unknown;
  }
}

/** Writes the value field; false, with nothing written, when the value is not of the datatype. */
function writeValue(value: MetricValue, datatype: DataType): boolean {
  if (datatype === DataType.Unknown) {
    const guess = suggested(value);
    return guess !== DataType.Unknown && writeValue(value, guess);
  }
  if (datatype <= DataType.UUID) {
    return (typeof value !== "object" || value === null) && writeScalar(value, datatype, METRIC_SCALARS);
  }
  switch (datatype) {
    case DataType.Bytes:
    case DataType.File:
      return value instanceof Uint8Array && writeBytes(value);
    case DataType.DataSet:
      return isDataSet(value) && writeDataSet(value);
    case DataType.Template:
      return isTemplate(value) && writeTemplate(value);
    default: {
      const packed = packArray(datatype, value);
      return packed !== undefined && writeBytes(packed);
    }
  }
}

function writeBytes(value: Uint8Array): boolean {
  writer.uint32(METRIC.bytes);
  writer.bytes(value);
  return true;
}

function isDataSet(value: MetricValue): value is DataSet {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "dataset";
}

function isTemplate(value: MetricValue): value is Template {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "template";
}

const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;
const MAX_UINT64 = 2n ** 64n - 1n;

/** Writes a scalar that is not null in one of the six fields `tags`; false, with nothing written, when it does not fit. */
function writeScalar(value: Scalar, datatype: DataType, tags: ScalarTags): boolean {
  switch (datatype) {
    case DataType.Double:
      if (typeof value !== "number") return false;
      writer.uint32(tags.double);
      writer.double(value);
      return true;
    case DataType.Boolean:
      if (typeof value !== "boolean") return false;
      writer.uint32(tags.boolean);
      writer.uint32(value ? 1 : 0);
      return true;
    case DataType.String:
    case DataType.Text:
    case DataType.UUID:
      if (typeof value !== "string") return false;
      writeText(tags.string, value);
      return true;
    case DataType.Float:
      if (typeof value !== "number") return false;
      writer.uint32(tags.float);
      writer.float(value);
      return true;
    case DataType.Int8:
      return writeInt(value, -0x80, 0x7f, tags.int);
    case DataType.Int16:
      return writeInt(value, -0x8000, 0x7fff, tags.int);
    case DataType.Int32:
      return writeInt(value, -0x8000_0000, 0x7fff_ffff, tags.int);
    case DataType.UInt8:
      return writeInt(value, 0, 0xff, tags.int);
    case DataType.UInt16:
      return writeInt(value, 0, 0xffff, tags.int);
    case DataType.UInt32:
      return writeInt(value, 0, 0xffff_ffff, tags.int);
    case DataType.Int64:
      return writeLong(value, MIN_INT64, MAX_INT64, tags.long);
    case DataType.UInt64:
    case DataType.DateTime:
      return writeLong(value, 0n, MAX_UINT64, tags.long);
    case DataType.Unknown:
      return writeScalar(value, suggested(value), tags);
    default:
      return false;
  }
}

function writeInt(value: Scalar, min: number, max: number, tag: number): boolean {
  if (typeof value !== "number" || !Number.isInteger(value) || value < min || value > max) return false;
  writer.uint32(tag);
  writer.uint32(value);
  return true;
}

function writeLong(value: Scalar, min: bigint, max: bigint, tag: number): boolean {
  if (typeof value === "number" ? !Number.isSafeInteger(value) || (value < 0 && min === 0n) : true) {
    if (typeof value !== "bigint" || value < min || value > max) return false;
  }
  writer.uint32(tag);
  writer.uint64(value as number | bigint);
  return true;
}

function writeMetaData(metadata: MetaData): void {
  writer.uint32(METRIC.metadata);
  const start = writer.begin();
  writeFlag(METADATA.isMultiPart, metadata.isMultiPart);
  writeText(METADATA.contentType, metadata.contentType);
  if (metadata.size !== undefined) writeUint64(METADATA.size, metadata.size);
  if (metadata.seq !== undefined) writeUint64(METADATA.seq, metadata.seq);
  writeText(METADATA.fileName, metadata.fileName);
  writeText(METADATA.fileType, metadata.fileType);
  writeText(METADATA.md5, metadata.md5);
  writeText(METADATA.description, metadata.description);
  writer.end(start);
}

function writeTemplate(template: Template): boolean {
  writer.uint32(METRIC.template);
  const start = writer.begin();
  writeText(TEMPLATE.version, template.version);
  for (const metric of template.metrics) writeMetric(TEMPLATE.metrics, metric, false);
  for (const { name, type, value } of template.parameters ?? []) {
    writer.uint32(TEMPLATE.parameters);
    const inner = writer.begin();
    writeText(PARAMETER.name, name);
    writeUint64(PARAMETER.type, type);
    if (value !== null && !writeScalar(value, type, PARAMETER_SCALARS)) throw misfit(name, value, type);
    writer.end(inner);
  }
  writeText(TEMPLATE.templateRef, template.templateRef);
  // Always there, in definitions and in instances [tck-id-payloads-template-is-definition].
  writeFlag(TEMPLATE.isDefinition, template.isDefinition ?? false);
  writer.end(start);
  return true;
}

function writeDataSet({ columns, types, rows }: DataSet): boolean {
  if (columns.length !== types.length || rows.some((row) => row.length !== columns.length)) {
    throw new EncodeError(
      `a data set of ${columns.length} columns, ${types.length} types or rows of another length`,
    );
  }
  writer.uint32(METRIC.dataset);
  const start = writer.begin();
  writeUint64(DATASET.columnCount, columns.length);
  for (const column of columns) writeText(DATASET.columns, column);
  for (const type of types) writeUint64(DATASET.types, type);
  for (const row of rows) {
    writer.uint32(DATASET.rows);
    const rowStart = writer.begin();
    for (const [index, cell] of row.entries()) {
      writer.uint32(ROW.elements);
      const cellStart = writer.begin();
      const type = types[index] ?? DataType.Unknown;
      if (cell !== null && !writeScalar(cell, type, CELL_SCALARS)) {
        throw misfit(`column ${columns[index]}`, cell, type);
      }
      writer.end(cellStart);
    }
    writer.end(rowStart);
  }
  writer.end(start);
  return true;
}

function writePropertySet(tag: number, properties: PropertySet): void {
  writer.uint32(tag);
  const start = writer.begin();
  const entries = Object.entries(properties);
  for (const [key] of entries) writeText(PROPERTY_SET.keys, key);
  for (const [key, property] of entries) writeProperty(key, property);
  writer.end(start);
}

function writeProperty(key: string, { type, value }: PropertyValue): void {
  writer.uint32(PROPERTY_SET.values);
  const start = writer.begin();
  writeUint64(PROPERTY.type, type);
  if (value === null) writeFlag(PROPERTY.isNull, true);
  else if (typeof value !== "object") {
    if (!writeScalar(value, type, PROPERTY_SCALARS)) throw misfit(`property ${key}`, value, type);
  } else if (isPropertySetList(value)) {
    if (type !== DataType.PropertySetList) throw misfit(`property ${key}`, value, type);
    writer.uint32(PROPERTY.propertySetList);
    const list = writer.begin();
    for (const each of value) writePropertySet(PROPERTY_SET_LIST.propertySets, each);
    writer.end(list);
  } else {
    if (type !== DataType.PropertySet) throw misfit(`property ${key}`, value, type);
    writePropertySet(PROPERTY.propertySet, value);
  }
  writer.end(start);
}

function isPropertySetList(value: PropertySet | readonly PropertySet[]): value is readonly PropertySet[] {
  return Array.isArray(value);
}
