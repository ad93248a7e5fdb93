/**
 * Bytes to payload. Hostile bytes give a typed error, take bounded memory and never throw.
 *
 * Tolerance, where the specification leaves room or peers need it:
 * - unknown fields, and known fields in a wire type they do not have, are skipped; the last of a repeated scalar counts;
 * - a datatype that 3.0 does not know, or one that the value cannot be, becomes `Unknown` with the value as it came, so
 *   that in a decoded payload value and datatype always agree and one odd metric does not cost the others;
 * - a metric without a value is null;
 * - a metric without a datatype keeps its value raw (see `interpretation.ts`) until an alias table interprets it.
 */
import { DataType } from "@campus-ops/device-profiles/vocabulary";
import { interpret } from "./interpretation.ts";
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
  TemplateParameter,
} from "./payload.ts";
import { type DecodeError, DecodeFailure, ProtobufReader } from "./protobuf-reader.ts";
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

export const PAYLOAD_BYTES_MAX = 1024 * 1024;
/** Templates in templates, property sets in property sets. */
export const NESTING_DEPTH_MAX = 8;
/** Metrics, properties, parameters and cells of one payload together: an empty one takes two bytes to send. */
export const ELEMENTS_MAX = 131_072;

export type DecodeResult =
  | { readonly ok: true; readonly payload: Payload }
  | { readonly ok: false; readonly error: DecodeError };

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export function decodePayload(bytes: Uint8Array): DecodeResult {
  if (bytes.length > PAYLOAD_BYTES_MAX) {
    const message = `a payload of ${bytes.length} bytes; ${PAYLOAD_BYTES_MAX} are allowed`;
    return { ok: false, error: { kind: "too-large", offset: 0, message } };
  }
  try {
    return { ok: true, payload: readPayload(new PayloadReader(bytes)) };
  } catch (failure) {
    if (!(failure instanceof DecodeFailure)) throw failure;
    const { kind, offset, message } = failure;
    return { ok: false, error: { kind, offset, message } };
  }
}

/** A protobuf reader that counts what it has made and how deep it is. */
class PayloadReader extends ProtobufReader {
  #elements = 0;
  #depth = 0;

  element(): void {
    this.#elements += 1;
    if (this.#elements > ELEMENTS_MAX) this.fail("too-many", `more than ${ELEMENTS_MAX} metrics and cells`);
  }

  enter(): void {
    this.#depth += 1;
    if (this.#depth > NESTING_DEPTH_MAX) this.fail("too-deep", `more than ${NESTING_DEPTH_MAX} levels`);
  }

  leave(): void {
    this.#depth -= 1;
  }
}

function readPayload(reader: PayloadReader): Payload {
  const metrics: Metric[] = [];
  const payload: Mutable<Payload> = { metrics };
  const end = reader.length;
  while (reader.position < end) {
    const tag = reader.uint32();
    switch (tag) {
      case PAYLOAD.metrics:
        metrics.push(readMetric(reader));
        break;
      case PAYLOAD.timestamp:
        payload.timestamp = reader.safeInteger("the payload's timestamp");
        break;
      case PAYLOAD.seq:
        payload.seq = reader.safeInteger("seq");
        break;
      case PAYLOAD.uuid:
        payload.uuid = reader.string();
        break;
      case PAYLOAD.body:
        payload.body = reader.bytes();
        break;
      default:
        reader.skip(tag);
    }
  }
  return payload;
}

/** One metric, from its length on. The fields that DATA is made of come first: this loop is the codec's hot path. */
function readMetric(reader: PayloadReader): Metric {
  reader.element();
  const end = reader.delimited();
  let name: string | undefined;
  let alias: number | undefined;
  let timestamp: number | undefined;
  let datatype: number | undefined;
  let rare: RareFields | undefined;
  let value: MetricValue = null;
  let isNull = false;
  while (reader.position < end) {
    const tag = reader.uint32();
    switch (tag) {
      case METRIC.alias:
        alias = reader.safeInteger("an alias");
        break;
      case METRIC.timestamp:
        timestamp = reader.safeInteger("a metric's timestamp");
        break;
      case METRIC_SCALARS.int:
        value = reader.uint32();
        break;
      case METRIC_SCALARS.long:
        value = reader.uint64();
        break;
      case METRIC_SCALARS.float:
        value = reader.float();
        break;
      case METRIC_SCALARS.double:
        value = reader.double();
        break;
      case METRIC_SCALARS.boolean:
        value = reader.bool();
        break;
      case METRIC_SCALARS.string:
        value = reader.string();
        break;
      case METRIC.name:
        name = reader.string();
        break;
      case METRIC.datatype:
        datatype = reader.uint32();
        break;
      case METRIC.isNull:
        isNull = reader.bool();
        break;
      case METRIC.bytes:
        value = reader.bytes();
        break;
      case METRIC.dataset:
        value = readDataSet(reader);
        break;
      case METRIC.template:
        value = readTemplate(reader);
        break;
      default:
        rare = readRare(reader, tag, rare);
    }
  }
  reader.finish(end);
  if (isNull) value = null;
  if (rare === undefined && timestamp !== undefined) {
    // Objects made at once are smaller and faster than objects that grow.
    if (name === undefined && datatype === undefined && alias !== undefined)
      return { alias, timestamp, value };
    if (name !== undefined && datatype === undefined && alias === undefined)
      return { name, timestamp, value };
  }
  const typed = datatype === undefined ? undefined : agree(value, datatype);
  const metric: Mutable<Metric> = { value: typed === undefined ? value : typed.value };
  if (name !== undefined) metric.name = name;
  if (alias !== undefined) metric.alias = alias;
  if (timestamp !== undefined) metric.timestamp = timestamp;
  if (typed !== undefined) metric.datatype = typed.datatype;
  return rare === undefined ? metric : Object.assign(metric, rare);
}

type RareFields = Mutable<Pick<Metric, "isHistorical" | "isTransient" | "metadata" | "properties">>;

function readRare(
  reader: PayloadReader,
  tag: number,
  before: RareFields | undefined,
): RareFields | undefined {
  const rare = before ?? {};
  switch (tag) {
    case METRIC.isHistorical:
      rare.isHistorical = reader.bool();
      return rare;
    case METRIC.isTransient:
      rare.isTransient = reader.bool();
      return rare;
    case METRIC.properties:
      rare.properties = readPropertySet(reader);
      return rare;
    case METRIC.metadata:
      rare.metadata = readMetaData(reader);
      return rare;
    default:
      reader.skip(tag);
      return before;
  }
}

const UNKNOWN: DataType = DataType.Unknown;

/** Makes value and datatype agree; see the file's comment. */
function agree(raw: MetricValue, datatype: number): { value: MetricValue; datatype: DataType } {
  if (datatype > DataType.DateTimeArray) return { value: raw, datatype: UNKNOWN };
  const known = datatype as DataType;
  const value = interpret(raw, known);
  return value === undefined ? { value: raw, datatype: UNKNOWN } : { value, datatype: known };
}

/** A scalar field of a property, a parameter or a cell; undefined, with nothing read, when the tag is none of them. */
function readScalar(reader: PayloadReader, tag: number, tags: ScalarTags): Scalar | undefined {
  switch (tag) {
    case tags.int:
      return reader.uint32();
    case tags.long:
      return reader.uint64();
    case tags.float:
      return reader.float();
    case tags.double:
      return reader.double();
    case tags.boolean:
      return reader.bool();
    case tags.string:
      return reader.string();
    default:
      return undefined;
  }
}

function agreeScalar(raw: Scalar, datatype: number): { value: Scalar; datatype: DataType } {
  const { value, datatype: agreed } = agree(raw, datatype);
  return typeof value === "object" && value !== null
    ? { value: raw, datatype: UNKNOWN }
    : { value, datatype: agreed };
}

function readMetaData(reader: PayloadReader): MetaData {
  const end = reader.delimited();
  const metadata: Mutable<MetaData> = {};
  while (reader.position < end) {
    const tag = reader.uint32();
    switch (tag) {
      case METADATA.isMultiPart:
        metadata.isMultiPart = reader.bool();
        break;
      case METADATA.contentType:
        metadata.contentType = reader.string();
        break;
      case METADATA.size:
        metadata.size = reader.safeInteger("a size");
        break;
      case METADATA.seq:
        metadata.seq = reader.safeInteger("a part's seq");
        break;
      case METADATA.fileName:
        metadata.fileName = reader.string();
        break;
      case METADATA.fileType:
        metadata.fileType = reader.string();
        break;
      case METADATA.md5:
        metadata.md5 = reader.string();
        break;
      case METADATA.description:
        metadata.description = reader.string();
        break;
      default:
        reader.skip(tag);
    }
  }
  reader.finish(end);
  return metadata;
}

function readTemplate(reader: PayloadReader): Template {
  reader.enter();
  const end = reader.delimited();
  const metrics: Metric[] = [];
  const parameters: TemplateParameter[] = [];
  const template: Mutable<Template> = { kind: "template", metrics };
  while (reader.position < end) {
    const tag = reader.uint32();
    switch (tag) {
      case TEMPLATE.version:
        template.version = reader.string();
        break;
      case TEMPLATE.metrics:
        metrics.push(readMetric(reader));
        break;
      case TEMPLATE.parameters:
        parameters.push(readParameter(reader));
        template.parameters = parameters;
        break;
      case TEMPLATE.templateRef:
        template.templateRef = reader.string();
        break;
      case TEMPLATE.isDefinition:
        template.isDefinition = reader.bool();
        break;
      default:
        reader.skip(tag);
    }
  }
  reader.finish(end);
  reader.leave();
  return template;
}

function readParameter(reader: PayloadReader): TemplateParameter {
  reader.element();
  const end = reader.delimited();
  let name = "";
  let type: number = UNKNOWN;
  let raw: Scalar = null;
  while (reader.position < end) {
    const tag = reader.uint32();
    if (tag === PARAMETER.name) name = reader.string();
    else if (tag === PARAMETER.type) type = reader.uint32();
    else {
      const scalar = readScalar(reader, tag, PARAMETER_SCALARS);
      if (scalar === undefined) reader.skip(tag);
      else raw = scalar;
    }
  }
  reader.finish(end);
  const { value, datatype } = agreeScalar(raw, type);
  return { name, type: datatype, value };
}

function readDataSet(reader: PayloadReader): DataSet {
  const start = reader.position;
  const end = reader.delimited();
  const columns: string[] = [];
  const types: number[] = [];
  const rawRows: Scalar[][] = [];
  let columnCount: number | undefined;
  while (reader.position < end) {
    const tag = reader.uint32();
    switch (tag) {
      case DATASET.columnCount:
        columnCount = reader.safeInteger("a number of columns");
        break;
      case DATASET.columns:
        reader.element();
        columns.push(reader.string());
        break;
      case DATASET.types:
        reader.element();
        types.push(reader.uint32());
        break;
      case DATASET.typesPacked: {
        const packedEnd = reader.delimited();
        while (reader.position < packedEnd) {
          reader.element();
          types.push(reader.uint32());
        }
        reader.finish(packedEnd);
        break;
      }
      case DATASET.rows:
        rawRows.push(readRow(reader));
        break;
      default:
        reader.skip(tag);
    }
  }
  reader.finish(end);
  if (columns.length !== types.length || (columnCount ?? columns.length) !== columns.length) {
    const shape = `${columnCount ?? "no"} columns, ${columns.length} headers and ${types.length} types`;
    reader.fail("invalid-dataset", `a data set of ${shape}`, start);
  }
  const known = types.map((type) => (type > DataType.DateTimeArray ? UNKNOWN : (type as DataType)));
  const rows = rawRows.map((row) => {
    if (row.length !== known.length) {
      reader.fail("invalid-dataset", `a row of ${row.length} cells under ${known.length} columns`, start);
    }
    return row.map((cell, index) => {
      const { value, datatype } = agreeScalar(cell, known[index] ?? UNKNOWN);
      // A column has one type for all of its rows, so a cell of another one cannot be handed on.
      if (datatype !== known[index])
        reader.fail("invalid-dataset", "a cell that is not of its column's type", start);
      return value;
    });
  });
  return { kind: "dataset", columns, types: known, rows };
}

function readRow(reader: PayloadReader): Scalar[] {
  reader.element();
  const end = reader.delimited();
  const cells: Scalar[] = [];
  while (reader.position < end) {
    const tag = reader.uint32();
    if (tag === ROW.elements) cells.push(readCell(reader));
    else reader.skip(tag);
  }
  reader.finish(end);
  return cells;
}

function readCell(reader: PayloadReader): Scalar {
  reader.element();
  const end = reader.delimited();
  let raw: Scalar = null;
  while (reader.position < end) {
    const tag = reader.uint32();
    const scalar = readScalar(reader, tag, CELL_SCALARS);
    if (scalar === undefined) reader.skip(tag);
    else raw = scalar;
  }
  reader.finish(end);
  return raw;
}

function readPropertySet(reader: PayloadReader): PropertySet {
  reader.enter();
  const start = reader.position;
  const end = reader.delimited();
  const keys: string[] = [];
  const values: PropertyValue[] = [];
  while (reader.position < end) {
    const tag = reader.uint32();
    if (tag === PROPERTY_SET.keys) {
      reader.element();
      keys.push(reader.string());
    } else if (tag === PROPERTY_SET.values) values.push(readProperty(reader));
    else reader.skip(tag);
  }
  reader.finish(end);
  reader.leave();
  if (keys.length !== values.length) {
    reader.fail("invalid-properties", `${keys.length} keys and ${values.length} values`, start);
  }
  // `fromEntries` defines properties, so that a key named `__proto__` is one like any other.
  return Object.fromEntries(keys.map((key, index) => [key, values[index] ?? { type: UNKNOWN, value: null }]));
}

function readProperty(reader: PayloadReader): PropertyValue {
  reader.element();
  const end = reader.delimited();
  let type: number = UNKNOWN;
  let isNull = false;
  let raw: Scalar = null;
  let nested: PropertySet | readonly PropertySet[] | undefined;
  while (reader.position < end) {
    const tag = reader.uint32();
    if (tag === PROPERTY.type) type = reader.uint32();
    else if (tag === PROPERTY.isNull) isNull = reader.bool();
    else if (tag === PROPERTY.propertySet) nested = readPropertySet(reader);
    else if (tag === PROPERTY.propertySetList) nested = readPropertySetList(reader);
    else {
      const scalar = readScalar(reader, tag, PROPERTY_SCALARS);
      if (scalar === undefined) reader.skip(tag);
      else raw = scalar;
    }
  }
  reader.finish(end);
  if (nested !== undefined && !isNull) {
    const own = Array.isArray(nested) ? DataType.PropertySetList : DataType.PropertySet;
    return { type: own, value: nested };
  }
  const isSet = type === DataType.PropertySet || type === DataType.PropertySetList;
  if (isNull || (isSet && raw === null)) return { type: agree(null, type).datatype, value: null };
  const { value, datatype } = agreeScalar(raw, type);
  return { type: datatype, value };
}

function readPropertySetList(reader: PayloadReader): readonly PropertySet[] {
  reader.enter();
  const end = reader.delimited();
  const sets: PropertySet[] = [];
  while (reader.position < end) {
    const tag = reader.uint32();
    if (tag === PROPERTY_SET_LIST.propertySets) {
      reader.element();
      sets.push(readPropertySet(reader));
    } else reader.skip(tag);
  }
  reader.finish(end);
  reader.leave();
  return sets;
}
