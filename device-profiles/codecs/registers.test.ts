import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ascii, float32, hexBytes, int16, int32, RegisterRangeError, uint16, uint32 } from "./registers.ts";

describe("byte and word order", () => {
  test.each([
    ["ABCD", [0x1234, 0x5678]],
    ["CDAB", [0x5678, 0x1234]],
    ["BADC", [0x3412, 0x7856]],
    ["DCBA", [0x7856, 0x3412]],
  ] as const)("%s lays 0x12345678 out as its letters say", (order, words) => {
    expect(uint32(order).encode(0x12345678)).toEqual(words);
    expect(uint32(order).decode(words)).toBe(0x12345678);
  });

  test("float32 of 12345.67 in CDAB, as meters send it", () => {
    expect(float32("CDAB").decode([0xe6ae, 0x4640])).toBeCloseTo(12345.67, 2);
  });
});

describe("numbers come back as they went", () => {
  const orders = fc.constantFrom("ABCD", "CDAB", "BADC", "DCBA");
  test("integers", () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), orders, (value, order) => {
        expect(int32(order).decode(int32(order).encode(value))).toBe(value);
        expect(uint32(order).decode(uint32(order).encode(value >>> 0))).toBe(value >>> 0);
        expect(int16().decode(int16().encode(value >> 16))).toBe(value >> 16);
        expect(uint16().decode(uint16().encode(value >>> 16))).toBe(value >>> 16);
      }),
    );
  });

  test("floats", () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true }), orders, (value, order) => {
        expect(Math.fround(float32(order).decode(float32(order).encode(value)))).toBe(value + 0);
      }),
    );
  });

  test("floats, as they stand on the meter's display", () => {
    for (const shown of [230.2, -0.001, 12_345.67, 0.1, 1e-10, 3.4e38]) {
      expect(float32().decode(float32().encode(shown))).toBe(shown);
    }
    expect(float32().decode([0x7fc0, 0])).toBeNaN();
  });

  test("what does not fit is refused, never cut off", () => {
    for (const [codec, value] of [
      [uint16(), -1],
      [uint16(), 65_536],
      [int16(), 32_768],
      [int16(), 1.5],
      [uint32(), 2 ** 32],
    ] as const)
      expect(() => codec.encode(value)).toThrow(RegisterRangeError);
  });
});

describe("ascii", () => {
  test("stands two characters a register, up to the first NUL", () => {
    expect(ascii(3).encode("ABC")).toEqual([0x4142, 0x4300, 0]);
    expect(ascii(3).decode([0x4142, 0x4300, 0x5858])).toBe("ABC");
  });
  test("what is not printable reads as a question mark, and trailing spaces go", () => {
    expect(ascii(2).decode([0x41ff, 0x2020])).toBe("A?");
  });
  test("a text that is too long is refused", () => {
    expect(() => ascii(1).encode("ABC")).toThrow(RegisterRangeError);
  });
});

describe("hexBytes", () => {
  test("is right-aligned and without padding", () => {
    expect(hexBytes(3).encode("04A1B2C3")).toEqual([0, 0x04a1, 0xb2c3]);
    expect(hexBytes(3).decode([0, 0x04a1, 0xb2c3])).toBe("04a1b2c3");
    expect(hexBytes(2).decode([0, 0])).toBe("");
  });
  test("what is no hex, has half a byte, or is too long, is refused", () => {
    for (const text of ["xyz1", "abc", "0011223344"])
      expect(() => hexBytes(2).encode(text)).toThrow(RegisterRangeError);
  });
});
