/**
 * The tags of the Sparkplug B payload: protobuf field number × 8 + wire type (0 varint, 1 eight bytes, 2 length-delimited,
 * 5 four bytes). Numbers from the payload definition in chapter 6.4.1 of the specification.
 */
const varint = (field: number): number => field * 8;
const fixed64 = (field: number): number => field * 8 + 1;
const delimited = (field: number): number => field * 8 + 2;
const fixed32 = (field: number): number => field * 8 + 5;

export const PAYLOAD = {
  timestamp: varint(1),
  metrics: delimited(2),
  seq: varint(3),
  uuid: delimited(4),
  body: delimited(5),
} as const;

export const METRIC = {
  name: delimited(1),
  alias: varint(2),
  timestamp: varint(3),
  datatype: varint(4),
  isHistorical: varint(5),
  isTransient: varint(6),
  isNull: varint(7),
  metadata: delimited(8),
  properties: delimited(9),
  bytes: delimited(16),
  dataset: delimited(17),
  template: delimited(18),
} as const;

export const METADATA = {
  isMultiPart: varint(1),
  contentType: delimited(2),
  size: varint(3),
  seq: varint(4),
  fileName: delimited(5),
  fileType: delimited(6),
  md5: delimited(7),
  description: delimited(8),
} as const;

export const TEMPLATE = {
  version: delimited(1),
  metrics: delimited(2),
  parameters: delimited(3),
  templateRef: delimited(4),
  isDefinition: varint(5),
} as const;

export const PARAMETER = { name: delimited(1), type: varint(2) } as const;

export const DATASET = {
  columnCount: varint(1),
  columns: delimited(2),
  types: varint(3),
  /** `repeated uint32` may also come packed; every protobuf reader takes both. */
  typesPacked: delimited(3),
  rows: delimited(4),
} as const;

export const ROW = { elements: delimited(1) } as const;

export const PROPERTY_SET = { keys: delimited(1), values: delimited(2) } as const;
export const PROPERTY_SET_LIST = { propertySets: delimited(1) } as const;
export const PROPERTY = {
  type: varint(1),
  isNull: varint(2),
  propertySet: delimited(9),
  propertySetList: delimited(10),
} as const;

/**
 * The six scalar fields come in the same order in every `oneof value` of the payload, and only begin at different
 * numbers.
 */
export interface ScalarTags {
  readonly int: number;
  readonly long: number;
  readonly float: number;
  readonly double: number;
  readonly boolean: number;
  readonly string: number;
}

const scalarsFrom = (first: number): ScalarTags => ({
  int: varint(first),
  long: varint(first + 1),
  float: fixed32(first + 2),
  double: fixed64(first + 3),
  boolean: varint(first + 4),
  string: delimited(first + 5),
});

export const METRIC_SCALARS = scalarsFrom(10);
export const PROPERTY_SCALARS = scalarsFrom(3);
export const PARAMETER_SCALARS = scalarsFrom(3);
export const CELL_SCALARS = scalarsFrom(1);
