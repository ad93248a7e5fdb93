import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BytePattern, BytePatternError } from "./byte-pattern.ts";

const hex = (text: string): Uint8Array =>
  Uint8Array.from(text.split(" "), (byte) => Number.parseInt(byte, 16));

describe("a frame is made", () => {
  test.each([
    ["AA 11 {id} 01 {value} {sum8:1}", "AA 11 03 01 07 1C"],
    ["{id} {value} {xor8:0}", "03 07 04"],
    ["{id} {value} {neg8:0}", "03 07 F6"],
    ["'PWR=' {value:hex2} 0D", "50 57 52 3D 30 37 0D"],
    ["{value:dec} {value:dec3}", "37 30 30 37"],
    ["{value:u16be} {value:u16le} ??", "00 07 07 00 00"],
    ["{value:u32le}", "07 00 00 00"],
    // Power-on of a Sony projector, as its protocol manual prints it.
    ["A9 17 2E 00 00 00 {or8:1} 9A", "A9 17 2E 00 00 00 3F 9A"],
    // MODBUS over Serial Line, 6.2.2: the low byte of the CRC first.
    ["01 03 00 00 00 02 {crc16le:0}", "01 03 00 00 00 02 C4 0B"],
    // Power-on of a Hitachi projector, as its manual prints it.
    ["BE EF 03 06 00 {crc16be:whole} 01 00 00 60 01 00", "BE EF 03 06 00 BA D2 01 00 00 60 01 00"],
  ])("%s", (pattern, frame) => {
    expect(new BytePattern(pattern).make({ id: 3, value: 7 })).toEqual(hex(frame));
  });

  test("a number without a place in it is refused, not cut off", () => {
    for (const [pattern, value] of [
      ["{value}", 256],
      ["{value}", -1],
      ["{value}", 1.5],
      ["{value:dec3}", 1_000],
      ["{value:hex2}", 256],
      ["{value:u16le}", 65_536],
      ["{value:u32le}", 2 ** 32],
    ] as const) {
      expect(() => new BytePattern(pattern).make({ value }), pattern).toThrow(BytePatternError);
    }
    expect(() => new BytePattern("{id}").make({ value: 1 })).toThrow(BytePatternError);
  });
});

describe("a frame is recognised", () => {
  const pattern = new BytePattern("AA {id} {value:dec} '#' {sum8:1}");
  const frame = pattern.make({ id: 9, value: 120 });

  test("with what it says and how long it is", () => {
    expect(pattern.match(Uint8Array.of(1, 2, ...frame, 3), 2)).toEqual({
      id: 9,
      value: 120,
      length: frame.length,
    });
  });

  test("and may still come while it is short", () => {
    for (let length = 0; length < frame.length; length++) {
      expect(pattern.match(frame.subarray(0, length), 0), String(length)).toBe("short");
    }
  });

  test("not with another sum, another device or another value than expected", () => {
    expect(pattern.match(frame.with(-1, 0), 0)).toBeUndefined();
    expect(pattern.match(frame, 0, { id: 8 })).toBeUndefined();
    expect(pattern.match(frame, 0, { id: 9, value: 120 })).toBeDefined();
    expect(pattern.match(frame, 0, { value: 12 })).toBeUndefined();
  });

  test("whatever was made is recognised", () => {
    const kinds = fc.constantFrom("sum8", "neg8", "xor8", "crc16le", "crc16be");
    const forms = fc.constantFrom("", ":u16be", ":u16le", ":dec", ":dec5", ":hex4");
    fc.assert(
      fc.property(kinds, forms, fc.nat(255), fc.nat(255), (kind, form, id, value) => {
        const any = new BytePattern(`7E {id} {value${form}} 'x' {${kind}:1}`);
        const made = any.make({ id, value });
        expect(any.match(made, 0)).toEqual({ id, value, length: made.length });
      }),
    );
  });
});

test.each([
  "",
  "A",
  "AAA",
  "ZZ",
  "{}",
  "{sum8:x}",
  "{crc32:0}",
  "{value:float}",
  "{value:hex}",
  "'open",
  "AA {id",
])("“%s” is no pattern, and it is said what is wrong", (text) => {
  expect(() => new BytePattern(text)).toThrow(BytePatternError);
});
