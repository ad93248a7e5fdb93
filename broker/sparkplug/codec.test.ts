import { DataType, type DataTypeName } from "@campus-ops/device-profiles/vocabulary";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  decodePayload,
  ELEMENTS_MAX,
  EncodeError,
  encodePayload,
  NESTING_DEPTH_MAX,
  PAYLOAD_BYTES_MAX,
} from "./codec.ts";
import type { Metric, MetricValue, Payload, PropertySet } from "./payload.ts";
import { arbitraryPayload } from "./testing/arbitrary-payload.ts";

function decoded(bytes: Uint8Array): Payload {
  const result = decodePayload(bytes);
  if (!result.ok) throw new Error(`${result.error.kind} at ${result.error.offset}: ${result.error.message}`);
  return result.payload;
}

const failure = (bytes: Uint8Array) => {
  const result = decodePayload(bytes);
  return result.ok ? undefined : result.error.kind;
};

const hex = (text: string) => Uint8Array.from(text.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
const valueBytes = (datatype: DataType, value: MetricValue) =>
  decoded(encodePayload({ metrics: [{ datatype, value }] }, { compact: true })).metrics[0]?.value;

describe("round trip", () => {
  test("every payload comes back as it was sent", () => {
    fc.assert(
      fc.property(arbitraryPayload, (payload) => {
        expect(decoded(encodePayload(payload))).toStrictEqual(payload);
      }),
      { numRuns: 1500 },
    );
  });

  test.each<[DataTypeName, MetricValue[]]>([
    ["Int8", [-128, -1, 0, 127]],
    ["Int16", [-32_768, 32_767]],
    ["Int32", [-2_147_483_648, 2_147_483_647]],
    ["Int64", [-(2n ** 63n), -4_294_967_296, -4_294_967_297, -1, 2 ** 53 - 1, 2n ** 53n, 2n ** 63n - 1n]],
    ["UInt8", [0, 255]],
    ["UInt16", [65_535]],
    ["UInt32", [4_294_967_295]],
    ["UInt64", [0, 2 ** 32, 2 ** 53 - 1, 2n ** 53n, 2n ** 64n - 1n]],
    ["Double", [0, -0, 5e-324, Number.NaN, Number.POSITIVE_INFINITY]],
    ["String", ["", "门已打开", "\u{feff}marked", "a".repeat(127), "a".repeat(128), "a".repeat(20_000)]],
    ["StringArray", [[], [""], ["", "b", ""]]],
    [
      "BooleanArray",
      [[], [true], Array.from({ length: 8 }, () => true), Array.from({ length: 9 }, () => false)],
    ],
  ])("%s at its limits", (name, values) => {
    for (const value of values) {
      const metric: Metric = { name: "m", datatype: DataType[name], value };
      expect(decoded(encodePayload({ metrics: [metric] })).metrics).toStrictEqual([metric]);
    }
  });

  test("the writer's buffer is not shared between payloads", () => {
    const first = encodePayload({ metrics: [{ name: "a", datatype: DataType.String, value: "first" }] });
    const copy = Uint8Array.from(first);
    encodePayload({ metrics: [{ name: "b", datatype: DataType.String, value: "second" }] });
    expect(first).toEqual(copy);
  });

  test("a property named __proto__ is a property [tck-id-payloads-propertyset-keys-array-size]", () => {
    const properties: PropertySet = Object.fromEntries([["__proto__", { type: DataType.Int32, value: 1 }]]);
    const metric = decoded(encodePayload({ metrics: [{ properties, value: null }] })).metrics[0];
    expect(Object.keys(metric?.properties ?? {})).toEqual(["__proto__"]);
  });
});

describe("the bytes that the specification prints (chapter 6.4.16)", () => {
  test.each<[DataTypeName, MetricValue, string]>([
    ["Int8Array", [-23, 123], "e97b"],
    ["Int16Array", [-30_000, 30_000], "d08a3075"],
    ["Int32Array", [-1, 315_338_746], "fffffffffaafcb12"],
    [
      "Int64Array",
      [-4_270_929_666_821_191_986n, -3_601_064_768_563_266_876n],
      "ce0672ac189cbac4c4ba9c18ac7206ce",
    ],
    ["UInt8Array", [23, 250], "17fa"],
    ["UInt16Array", [30, 52_360], "1e0088cc"],
    ["UInt32Array", [52, 3_293_969_225], "3400000049fb55c4"],
    ["UInt64Array", [52, 16_444_743_074_749_521_625n], "3400000000000000d99e02d1b27637e4"],
    [
      "BooleanArray",
      [false, false, true, true, false, true, false, false, true, true, false, true],
      "0c00000034d0",
    ],
    ["StringArray", ["ABC", "hello"], "4142430068656c6c6f00"],
    ["DateTimeArray", [1_256_102_875_335, 1_656_107_875_000], "c7d0907524010000b8bab89781010000"],
  ])("%s", (name, value, bytes) => {
    expect(valueBytes(DataType[name], value)).toEqual(hex(bytes));
  });
});

describe("tolerance", () => {
  test("fields that are not known are skipped, groups among them", () => {
    const known = encodePayload({ metrics: [{ name: "m", datatype: DataType.Int32, value: 7 }], seq: 3 });
    // field 100: varint 5 · field 101: 4 bytes · field 102: 8 bytes · field 103: 2 bytes · field 104: a group of a varint
    const unknown = hex("a00605ad0601020304b1060102030405060708ba060201 02c306080 1c406".replaceAll(" ", ""));
    expect(decoded(Uint8Array.from([...unknown, ...known, ...unknown]))).toEqual(decoded(known));
  });

  test("a small negative number is understood with its sign extended to 32 bits or to its own width", () => {
    // metric { datatype: Int8, int_value: 255 } and the same with int_value 0xffffffff
    expect(decoded(hex("1205200150ff01")).metrics[0]?.value).toBe(-1);
    expect(decoded(hex("1208200150ffffffff0f")).metrics[0]?.value).toBe(-1);
    // ten bytes, as protobuf's int32 would write it
    expect(decoded(hex("120d200350ffffffffffffffffff01")).metrics[0]?.value).toBe(-1);
  });

  test("UInt32 is read from the long field too, where some senders put it", () => {
    expect(decoded(hex("12042007582a")).metrics[0]).toEqual({ datatype: DataType.UInt32, value: 42 });
  });

  test.each([
    ["a datatype that 3.0 does not have", "1204206350 2a", 42],
    ["a value beyond its datatype", "1205200550ac02", 300],
    ["a text where a number should be", "120520037a0178", "x"],
  ])("%s is handed on raw, as Unknown", (_, bytes, value) => {
    const metric = decoded(hex(bytes.replaceAll(" ", ""))).metrics[0];
    expect(metric).toEqual({ datatype: DataType.Unknown, value });
  });

  test("DATA without datatypes keeps names out and values raw [tck-id-payloads-alias-data-cmd-requirement] [tck-id-payloads-metric-datatype-not-req]", () => {
    const metric: Metric = { name: "Door/Open", alias: 4, timestamp: 9, datatype: DataType.Int16, value: -2 };
    const bytes = encodePayload({ metrics: [metric] }, { compact: true });
    expect(decoded(bytes).metrics).toStrictEqual([{ alias: 4, timestamp: 9, value: 4_294_967_294 }]);
  });

  test("a template always says whether it is a definition [tck-id-payloads-template-is-definition]", () => {
    const value: MetricValue = { kind: "template", templateRef: "t", metrics: [] };
    expect(valueBytes(DataType.Template, value)).toEqual({ ...value, isDefinition: false });
  });
});

describe("malformed bytes", () => {
  const metric = (body: string) => hex(`12${(body.length / 2).toString(16).padStart(2, "0")}${body}`);

  test.each([
    ["a metric longer than the payload", hex("12ff01"), "truncated"],
    ["a number that ends in the middle", hex("0880"), "truncated"],
    ["a number of eleven bytes", hex("08ffffffffffffffffffff01"), "invalid-varint"],
    ["field number 0", hex("0001"), "invalid-tag"],
    ["wire type 7", hex("0f"), "invalid-tag"],
    ["a group that ends without having begun", hex("0c"), "invalid-tag"],
    ["a name that is not UTF-8", metric("0a02c328"), "invalid-utf8"],
    ["a double cut off by the end of its metric", hex("120369000000000000000000"), "truncated"],
    ["a timestamp beyond 2^53", hex("08ffffffffffffffffff01"), "out-of-range"],
    [
      "more keys than values [tck-id-payloads-propertyset-values-array-size]",
      metric("4a030a0161"),
      "invalid-properties",
    ],
    [
      "a data set with a header and no type [tck-id-payloads-dataset-types-num]",
      metric("8a0103120161"),
      "invalid-dataset",
    ],
    [
      "a data set that miscounts its columns [tck-id-payloads-dataset-column-size]",
      metric("8a01020801"),
      "invalid-dataset",
    ],
    ["a row longer than the header", metric("8a010422020a00"), "invalid-dataset"],
  ])("%s", (_, bytes, kind) => {
    expect(failure(bytes)).toBe(kind);
  });

  test("an error says where", () => {
    const result = decodePayload(hex("080118010f"));
    expect(result).toMatchObject({ ok: false, error: { kind: "invalid-tag", offset: 5 } });
  });

  test("more bytes than are allowed are refused unread", () => {
    expect(failure(new Uint8Array(PAYLOAD_BYTES_MAX + 1))).toBe("too-large");
  });

  test("templates in templates are read to the limit and no further", () => {
    const nested = (depth: number): Metric =>
      depth === 0
        ? { name: "m", datatype: DataType.Int32, value: 1 }
        : {
            name: "t",
            datatype: DataType.Template,
            value: { kind: "template", isDefinition: true, metrics: [nested(depth - 1)] },
          };
    expect(failure(encodePayload({ metrics: [nested(NESTING_DEPTH_MAX)] }))).toBeUndefined();
    expect(failure(encodePayload({ metrics: [nested(NESTING_DEPTH_MAX + 1)] }))).toBe("too-deep");
  });

  test("two bytes each cannot make more metrics than the limit", () => {
    const empty = (count: number) =>
      Uint8Array.from({ length: count * 2 }, (_, at) => (at % 2 === 0 ? 0x12 : 0));
    expect(failure(empty(ELEMENTS_MAX))).toBeUndefined();
    expect(failure(empty(ELEMENTS_MAX + 1))).toBe("too-many");
  });

  test("random bytes never throw", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(typeof decodePayload(bytes).ok).toBe("boolean");
      }),
      { numRuns: 3000 },
    );
  });

  test("mutated payloads never throw, and what still decodes can be encoded again", () => {
    const mutation = fc.record({ at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }), cut: fc.boolean() });
    fc.assert(
      fc.property(
        arbitraryPayload,
        fc.array(mutation, { minLength: 1, maxLength: 4 }),
        (payload, mutations) => {
          let bytes = encodePayload(payload);
          for (const { at, byte, cut } of mutations) {
            if (bytes.length === 0) break;
            if (cut) bytes = bytes.slice(0, at % bytes.length);
            else bytes[at % bytes.length] = byte;
          }
          const result = decodePayload(bytes);
          if (!result.ok) return;
          const again = decoded(encodePayload(result.payload));
          expect(again.metrics.length).toBe(result.payload.metrics.length);
        },
      ),
      { numRuns: 3000 },
    );
  });
});

describe("values that are not of their datatype are the caller's error", () => {
  test.each<[DataTypeName, MetricValue]>([
    ["Int8", 128],
    ["UInt8", -1],
    ["UInt32", 4_294_967_296],
    ["Int32", 1.5],
    ["UInt64", -1],
    ["UInt64", 2n ** 64n],
    ["Int64", 2 ** 53],
    ["Boolean", 1],
    ["String", 5],
    ["Double", "5"],
    ["DataSet", 5],
    ["UInt8Array", [256]],
    ["StringArray", ["a\0b"]],
  ])("%s %s", (name, value) => {
    const metric: Metric = { name: "Some/Metric", datatype: DataType[name], value };
    expect(() => encodePayload({ metrics: [metric] })).toThrow(EncodeError);
    expect(() => encodePayload({ metrics: [metric] })).toThrow("Some/Metric");
  });
});
