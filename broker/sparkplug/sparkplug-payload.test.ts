/** Against an independent implementation, npm `sparkplug-payload`, in what it can do (it has no arrays and no 64-bit exactness). */
import { DataType, type DataTypeName } from "@campus-ops/device-profiles/vocabulary";
import fc from "fast-check";
import sparkplugPayload from "sparkplug-payload";
import { describe, expect, test } from "vitest";
import { decodePayload, encodePayload } from "./codec.ts";
import type { Payload } from "./payload.ts";

function implementation() {
  const found = sparkplugPayload.get("spBv1.0");
  if (found === null || found === undefined) throw new Error("sparkplug-payload has no spBv1.0");
  return found;
}
const peer = implementation();

const values = {
  Int8: fc.integer({ min: -128, max: 127 }),
  Int16: fc.integer({ min: -32_768, max: 32_767 }),
  Int32: fc.integer(),
  UInt8: fc.nat(255),
  UInt16: fc.nat(65_535),
  UInt32: fc.integer({ min: 0, max: 0xffff_ffff }),
  Float: fc.float({ noNaN: true }),
  Double: fc.double({ noNaN: true }),
  Boolean: fc.boolean(),
  String: fc.string({ unit: "grapheme" }),
  Text: fc.string({ unit: "grapheme" }),
} as const satisfies Partial<Record<DataTypeName, fc.Arbitrary<unknown>>>;

type Name = keyof typeof values;
const metric = fc.constantFrom(...(Object.keys(values) as Name[])).chain((type) =>
  fc.record({
    name: fc.string({ minLength: 1 }),
    type: fc.constant(type),
    value: values[type] as fc.Arbitrary<number | boolean | string>,
    timestamp: fc.integer({ min: 0, max: 2 ** 41 }),
  }),
);
const message = fc.record({
  timestamp: fc.integer({ min: 0, max: 2 ** 41 }),
  seq: fc.nat(255),
  metrics: fc.array(metric, { maxLength: 5 }),
});

type Message = typeof message extends fc.Arbitrary<infer T> ? T : never;

const ours = ({ timestamp, seq, metrics }: Message): Payload => ({
  timestamp,
  metrics: metrics.map(({ name, type, value, timestamp: time }) => ({
    value,
    name,
    timestamp: time,
    datatype: DataType[type],
  })),
  seq,
});

describe("sparkplug-payload", () => {
  test("what it encodes, we decode", () => {
    fc.assert(
      fc.property(message, (each) => {
        expect(decodePayload(peer.encodePayload(each))).toEqual({ ok: true, payload: ours(each) });
      }),
      { numRuns: 500 },
    );
  });

  // It looks for UInt32 in the long field only, where the specification has it in the int field (chapter 6.4.16).
  const readable = message.filter(({ metrics }) => metrics.every(({ type }) => type !== "UInt32"));

  test("what we encode, it decodes", () => {
    fc.assert(
      fc.property(readable, (each) => {
        const decoded = peer.decodePayload(encodePayload(ours(each)));
        expect(Number(decoded.timestamp)).toBe(each.timestamp);
        expect(Number(decoded.seq)).toBe(each.seq);
        const read = (decoded.metrics ?? []).map(({ name, type, value }) => ({ name, type, value }));
        expect(read).toEqual(each.metrics.map(({ name, type, value }) => ({ name, type, value })));
      }),
      { numRuns: 500 },
    );
  });

  test("its quality property is the Int32 that the specification asks for", () => {
    const bytes = peer.encodePayload({
      metrics: [
        { name: "m", type: "Double", value: 1.5, properties: { Quality: { type: "Int32", value: 500 } } },
      ],
    });
    expect(decodePayload(bytes)).toMatchObject({
      payload: { metrics: [{ properties: { Quality: { type: DataType.Int32, value: 500 } } }] },
    });
  });
});
