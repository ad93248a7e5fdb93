import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  compareOids,
  counter64,
  displayString,
  ifOperStatus,
  pethPsePortDetectionStatus,
  SnmpType,
  timeTicksSeconds,
  truthValue,
  UnexpectedVarbindError,
  type VarbindCodec,
  type VarbindValue,
} from "./snmp.ts";

const decode = (codec: VarbindCodec, value: VarbindValue, type: number = codec.type) =>
  codec.decode({ oid: "1.3.6.1.2.1.2.2.1.8.1", type, value });

describe("Counter64", () => {
  test("is exact over the whole range, as a number while a number can hold it", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (count) => {
        const decoded = decode(counter64, counter64.encode(count));
        expect(BigInt(decoded as number | bigint)).toBe(count);
        expect(typeof decoded).toBe(count <= 2n ** 53n - 1n ? "number" : "bigint");
      }),
    );
  });

  test("is encoded in as few bytes as BER allows, never as a negative number", () => {
    expect(counter64.encode(0)).toEqual(Uint8Array.of(0));
    expect(counter64.encode(128)).toEqual(Uint8Array.of(0, 128));
    expect(counter64.encode(2n ** 64n - 1n)).toEqual(Uint8Array.of(0, ...Array(8).fill(255)));
  });

  test("is refused when it is longer than 64 bits, empty, or another type", () => {
    expect(() => decode(counter64, Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0))).toThrow(UnexpectedVarbindError);
    expect(() => decode(counter64, new Uint8Array(40))).toThrow(UnexpectedVarbindError);
    expect(() => decode(counter64, new Uint8Array(0))).toThrow(UnexpectedVarbindError);
    expect(() => decode(counter64, "12", SnmpType.OctetString)).toThrow(UnexpectedVarbindError);
    expect(() => counter64.encode(-1)).toThrow(UnexpectedVarbindError);
    expect(() => counter64.encode(2n ** 64n)).toThrow(UnexpectedVarbindError);
  });
});

test("TimeTicks are hundredths of a second and begin again after 497 days", () => {
  expect(decode(timeTicksSeconds, 12_345)).toBe(123.45);
  expect(timeTicksSeconds.encode(2 ** 32 / 100 + 1)).toBe(100);
  expect(() => timeTicksSeconds.encode(-1)).toThrow(UnexpectedVarbindError);
});

test("enumerations read every number their MIB defines and refuse the others", () => {
  const read = (codec: VarbindCodec) => [1, 2, 3, 4, 5, 6].map((number) => decode(codec, number));
  expect(read(ifOperStatus)).toEqual(["up", "down", "testing", "unknown", "dormant", "not-present"]);
  expect(decode(ifOperStatus, 7)).toBe("lower-layer-down");
  expect(read(pethPsePortDetectionStatus)).toEqual([
    "disabled",
    "searching",
    "delivering",
    "fault",
    "test",
    "other-fault",
  ]);
  for (const codec of [ifOperStatus, pethPsePortDetectionStatus]) {
    expect(() => decode(codec, 0)).toThrow(UnexpectedVarbindError);
    expect(() => decode(codec, 8)).toThrow(UnexpectedVarbindError);
    expect(() => codec.encode("sideways")).toThrow(UnexpectedVarbindError);
  }
});

test("a TruthValue is 1 or 2, and zero is not false", () => {
  expect(decode(truthValue, 1)).toBe(true);
  expect(decode(truthValue, 2)).toBe(false);
  expect(() => decode(truthValue, 0)).toThrow(UnexpectedVarbindError);
  expect([truthValue.encode(true), truthValue.encode(false)]).toEqual([1, 2]);
  expect(() => truthValue.encode(1)).toThrow(UnexpectedVarbindError);
});

test("a name is read as UTF-8, else as GB18030, else refused", () => {
  expect(decode(displayString, new TextEncoder().encode("教学楼"))).toBe("教学楼");
  expect(decode(displayString, Uint8Array.of(0xbd, 0xcc, 0xd1, 0xa7, 0xc2, 0xa5))).toBe("教学楼");
  expect(() => decode(displayString, Uint8Array.of(0xff, 0xff))).toThrow(UnexpectedVarbindError);
});

test("object identifiers are ordered number by number, not as text", () => {
  expect(compareOids("1.3.6.10", "1.3.6.9")).toBeGreaterThan(0);
  expect(compareOids("1.3.6", "1.3.6.1")).toBeLessThan(0);
  expect(compareOids("1.3.6.1", "1.3.6.1")).toBe(0);
  const oid = fc.array(fc.oneof(fc.nat(3), fc.nat(120), fc.nat(0xffffffff)), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(oid, oid, (left, right) => {
      const differs = left.findIndex((arc, i) => arc !== right[i]);
      const expected =
        differs < 0 || differs >= right.length
          ? left.length - right.length
          : (left[differs] ?? 0) - (right[differs] ?? 0);
      expect(Math.sign(compareOids(left.join("."), right.join(".")))).toBe(Math.sign(expected));
    }),
  );
});
