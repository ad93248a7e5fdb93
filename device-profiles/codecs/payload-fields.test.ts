import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  decodePayload,
  encodePayload,
  i16,
  masked,
  PayloadError,
  type PayloadLayout,
  skipped,
  u8,
  u16,
  u32,
  within,
} from "./payload-fields.ts";

const channels: PayloadLayout = {
  kind: "channels",
  fields: {
    "01 75": u8("battery"),
    "03 67": i16("temperature"),
    "06 65": within(6, u16("light")),
    "06 83": u32("energy"),
    "20 ce": skipped("history", 3),
  },
};
const fixed: PayloadLayout = {
  kind: "fixed",
  fields: [masked(u16("battery", "BE"), 0x3fff), i16("temperature", "BE"), u16("humidity", "BE")],
};
const hex = (text: string): Uint8Array =>
  Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

describe("a payload", () => {
  test("of channels is read field by field, whichever are there, and foreign bytes of a field are left", () => {
    expect([...decodePayload(channels, hex("01755c0367ccff06651c0079001400"))]).toEqual([
      ["battery", 92],
      ["temperature", -52],
      ["light", 28],
    ]);
    expect([...decodePayload(channels, hex("20ce01020301750a"))]).toEqual([["battery", 10]]);
    expect(decodePayload(channels, new Uint8Array()).size).toBe(0);
  });

  test("of fixed places is read from the front; what stands behind is another firmware's", () => {
    expect([...decodePayload(fixed, hex("cbf60b0d037601"))]).toEqual([
      ["battery", 0x0bf6],
      ["temperature", 2_829],
      ["humidity", 886],
    ]);
  });

  test("that breaks off, or has a channel that nobody knows, gives what stood before and says so", () => {
    for (const payload of ["01755c0367cc", "01755cffff00"]) {
      try {
        decodePayload(channels, hex(payload));
        expect.unreachable();
      } catch (error) {
        expect(error).toBeInstanceOf(PayloadError);
        expect((error as PayloadError).read).toEqual(new Map([["battery", 92]]));
      }
    }
    expect(() => decodePayload(fixed, hex("cbf60b"))).toThrow(PayloadError);
  });

  test("has no room for a value that is too large", () => {
    expect(() => encodePayload(fixed, new Map([["battery", 0x4000]]))).toThrow(RangeError);
    expect(() => encodePayload(channels, new Map([["battery", 256]]))).toThrow(RangeError);
    expect(() => encodePayload(channels, new Map([["temperature", -32_769]]))).toThrow(RangeError);
  });

  test("comes back as it was written", () => {
    const values = fc.record({
      battery: fc.integer({ min: 0, max: 255 }),
      temperature: fc.integer({ min: -32_768, max: 32_767 }),
      light: fc.integer({ min: 0, max: 65_535 }),
      energy: fc.integer({ min: 0, max: 0xffff_ffff }),
    });
    fc.assert(
      fc.property(values, (each) => {
        const map = new Map(Object.entries(each));
        expect(decodePayload(channels, encodePayload(channels, map))).toEqual(map);
      }),
    );
  });
});
