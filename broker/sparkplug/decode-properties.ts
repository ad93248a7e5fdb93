/** What may accompany a metric's value: property sets (chapter 6.4.9) and metadata of binary values (6.4.8). */
import { DataType } from "@campus-ops/device-profiles/vocabulary";
import type { MetaData, PropertySet, PropertyValue, Scalar } from "./payload.ts";
import {
  agree,
  agreeScalar,
  type Mutable,
  type PayloadReader,
  readScalar,
  UNKNOWN,
} from "./payload-reader.ts";
import { METADATA, PROPERTY, PROPERTY_SCALARS, PROPERTY_SET, PROPERTY_SET_LIST } from "./wire.ts";

export function readMetaData(reader: PayloadReader): MetaData {
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

export function readPropertySet(reader: PayloadReader): PropertySet {
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
