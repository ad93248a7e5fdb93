/** Payloads of every shape that Sparkplug B has, for property tests. */
import { DataType, type DataTypeName } from "@campus-ops/device-profiles/vocabulary";
import fc from "fast-check";
import type { Metric, MetricValue, Payload, PropertySet, PropertyValue, Scalar } from "../payload.ts";

type Optional<T> = { [K in keyof T]: undefined extends T[K] ? K : never }[keyof T];
type Defined<T> = Omit<T, Optional<T>> & { [K in Optional<T>]?: Exclude<T[K], undefined> };

/** Leaves out what is undefined, as the payload's types ask. */
function defined<T extends object>(object: T): Defined<T> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Defined<T>;
}

const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record<T>(model, { noNullPrototype: true });
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const text = fc.string({ unit: "binary" });
const time = fc.maxSafeNat();
const float32 = fc.float({ noDefaultInfinity: false });
const exact = (value: bigint): number | bigint =>
  value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(exact);
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(exact);
const smallOr = (arbitrary: fc.Arbitrary<number | bigint>) => fc.oneof(fc.nat(300), arbitrary);
const signed = (bits: number) => fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 });
const unsigned = (bits: number) => fc.integer({ min: 0, max: 2 ** bits - 1 });

const SCALARS = {
  Int8: signed(8),
  Int16: signed(16),
  Int32: signed(32),
  Int64: smallOr(int64),
  UInt8: unsigned(8),
  UInt16: unsigned(16),
  UInt32: unsigned(32),
  UInt64: smallOr(uint64),
  Float: float32,
  Double: fc.double(),
  Boolean: fc.boolean(),
  String: text,
  DateTime: smallOr(uint64),
  Text: text,
  UUID: fc.uuid(),
} as const satisfies Partial<Record<DataTypeName, fc.Arbitrary<Scalar>>>;

type ScalarName = keyof typeof SCALARS;
const scalarName = fc.constantFrom(...(Object.keys(SCALARS) as ScalarName[]));
const scalar = (name: ScalarName): fc.Arbitrary<Scalar> => fc.option<Scalar>(SCALARS[name], { nil: null });

const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => new Uint8Array(array));
const list = <T>(item: fc.Arbitrary<T>) => fc.array(item, { maxLength: 20 });

const dataset = fc.array(fc.tuple(text, scalarName), { maxLength: 5 }).chain((columns) =>
  fc.array(fc.tuple(...columns.map(([, type]) => scalar(type))), { maxLength: 4 }).map((rows) => ({
    kind: "dataset" as const,
    columns: columns.map(([name]) => name),
    types: columns.map(([, type]) => DataType[type]),
    rows,
  })),
);

const { metric: metricOf } = fc.letrec<{ metric: Metric; properties: PropertySet }>((tie) => {
  const property = fc.oneof(
    { depthSize: "small", maxDepth: 3, depthIdentifier: "nesting" },
    scalarName.chain((type) => scalar(type).map((value): PropertyValue => ({ type: DataType[type], value }))),
    record({ type: fc.constant<DataType>(DataType.PropertySet), value: tie("properties") }),
    record({
      type: fc.constant<DataType>(DataType.PropertySetList),
      value: fc.array(tie("properties"), { maxLength: 2 }),
    }),
  );
  const template = record({
    kind: fc.constant("template" as const),
    version: maybe(text),
    templateRef: maybe(text),
    isDefinition: fc.boolean(),
    metrics: fc.array(tie("metric"), { maxLength: 3 }),
    parameters: maybe(
      fc.array(
        scalarName.chain((type) =>
          record({ name: text, type: fc.constant(DataType[type]), value: scalar(type) }),
        ),
        { minLength: 1, maxLength: 3 },
      ),
    ),
  }).map(defined);
  const composites = {
    DataSet: dataset,
    Bytes: bytes,
    File: bytes,
    Template: template,
    Int8Array: list(signed(8)),
    Int16Array: list(signed(16)),
    Int32Array: list(signed(32)),
    Int64Array: list(int64),
    UInt8Array: list(unsigned(8)),
    UInt16Array: list(unsigned(16)),
    UInt32Array: list(unsigned(32)),
    UInt64Array: list(uint64),
    FloatArray: list(float32),
    DoubleArray: list(fc.double()),
    BooleanArray: list(fc.boolean()),
    StringArray: list(text.map((each) => each.replaceAll("\0", "0"))),
    DateTimeArray: list(uint64),
  } satisfies Partial<Record<DataTypeName, fc.Arbitrary<MetricValue>>>;
  const typed = fc.oneof(
    { depthSize: "small", maxDepth: 3, depthIdentifier: "nesting" },
    ...Object.entries<fc.Arbitrary<MetricValue>>({ ...SCALARS, ...composites }).map(([name, value]) =>
      record({
        datatype: fc.constant(DataType[name as DataTypeName]),
        value: fc.option(value, { nil: null, freq: 10 }),
      }),
    ),
  );
  const extras = record({
    name: maybe(text),
    alias: maybe(fc.maxSafeNat()),
    timestamp: maybe(time),
    isHistorical: maybe(fc.boolean()),
    isTransient: maybe(fc.boolean()),
    metadata: maybe(
      record({
        isMultiPart: maybe(fc.boolean()),
        contentType: maybe(text),
        size: maybe(fc.maxSafeNat()),
        seq: maybe(fc.maxSafeNat()),
        fileName: maybe(text),
        fileType: maybe(text),
        md5: maybe(text),
        description: maybe(text),
      }).map(defined),
    ),
    properties: maybe(tie("properties")),
  });
  return {
    metric: fc.tuple(typed, extras).map(([a, b]) => defined({ ...a, ...b })),
    properties: fc
      .dictionary(text, property, { maxKeys: 3, noNullPrototype: true })
      .map((each) => Object.fromEntries(Object.entries(each))),
  };
});

export const arbitraryMetric = metricOf as fc.Arbitrary<Metric>;

export const arbitraryPayload: fc.Arbitrary<Payload> = record({
  timestamp: maybe(time),
  metrics: fc.array(arbitraryMetric, { maxLength: 6 }),
  seq: maybe(fc.nat(255)),
  uuid: maybe(text),
  body: maybe(bytes),
}).map(defined);
