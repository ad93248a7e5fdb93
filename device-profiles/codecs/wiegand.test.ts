import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bitsOf, CardIdentityError, cardFromBits, cardFromText } from "./card-identity.ts";
import {
  decodeWiegand,
  encodeWiegand,
  WIEGAND_26,
  WIEGAND_34,
  WIEGAND_FORMATS,
  WiegandError,
} from "./wiegand.ts";

describe("Wiegand", () => {
  test("26 bits: even parity over the first twelve, odd over the last twelve", () => {
    // Facility 159 is 10011111, card 3 has two bits set.
    const bits = "0" + "10011111" + "0000000000000011" + "1";
    expect(encodeWiegand(WIEGAND_26, { facility: 159, card: 3 })).toBe(bits);
    expect(decodeWiegand(WIEGAND_26, bits)).toEqual({ facility: 159, card: 3 });
  });

  test.each(WIEGAND_FORMATS)(
    "$name: whatever is sent is read, and any single bit that flips is noticed",
    (format) => {
      const width = (field: { first: number; last: number } | undefined) =>
        field === undefined ? 0 : 2 ** (field.last - field.first + 1) - 1;
      fc.assert(
        fc.property(
          fc.nat(width(format.facility)),
          fc.nat(width(format.card)),
          fc.nat(format.bits - 1),
          (facility, card, at) => {
            const bits = encodeWiegand(format, { facility, card });
            expect(decodeWiegand(format, bits)).toEqual({ facility, card });
            const flipped = `${bits.slice(0, at)}${bits[at] === "1" ? "0" : "1"}${bits.slice(at + 1)}`;
            // Where a bit counts in both parities, both tell.
            expect(() => decodeWiegand(format, flipped)).toThrow(WiegandError);
          },
        ),
      );
    },
  );

  test("a number too large, and bits of another length, are refused", () => {
    expect(() => encodeWiegand(WIEGAND_26, { facility: 256, card: 1 })).toThrow(WiegandError);
    expect(() => encodeWiegand(WIEGAND_34, { facility: 1, card: 65_536 })).toThrow(WiegandError);
    expect(() => decodeWiegand(WIEGAND_26, "01")).toThrow(WiegandError);
  });
});

describe("one card has one name", () => {
  test("however its four bytes are written or sent", () => {
    const name = "04a1b2c3";
    expect(cardFromText("04A1B2C3", "hex")).toBe(name);
    expect(cardFromText("04:a1:b2:c3", "hex")).toBe(name);
    expect(cardFromText("C3B2A104", "hex-reversed")).toBe(name);
    expect(cardFromText("0077705923", "decimal")).toBe(name);
    // The leading zeros were lost in a spreadsheet.
    expect(cardFromText("77705923", "decimal")).toBe(name);
    expect(cardFromText("3283263748", "decimal-reversed")).toBe(name);
    const bytes = Uint8Array.of(0x04, 0xa1, 0xb2, 0xc3);
    expect(cardFromBits(bitsOf(bytes, 32))).toBe(name);
    expect(cardFromBits(encodeWiegand(WIEGAND_34, { facility: 0x04a1, card: 0xb2c3 }))).toBe(name);
  });

  test("of three bytes on a 26-bit reader, with a comma on the card", () => {
    expect(cardFromText("159,3", "facility")).toBe("9f0003");
    expect(cardFromBits(encodeWiegand(WIEGAND_26, { facility: 159, card: 3 }))).toBe("9f0003");
  });

  test("in an unknown number of bits, which is told in its name so that two formats never meet", () => {
    expect(cardFromBits("1010101")).toBe("7-aa");
    expect(cardFromBits("10101010")).toBe("aa");
  });

  test("a misread card has none, and its number is in no message", () => {
    const bits = encodeWiegand(WIEGAND_26, { facility: 159, card: 3 });
    expect(() => cardFromBits(`1${bits.slice(1)}`)).toThrow(CardIdentityError);
    for (const [text, notation] of [
      ["4294967296", "decimal"],
      ["XYZ123", "hex"],
      ["256,1", "facility"],
      ["", "decimal"],
    ] as const) {
      try {
        cardFromText(text, notation);
        expect.unreachable();
      } catch (error) {
        expect(error).toBeInstanceOf(CardIdentityError);
        if (text !== "") expect(String(error)).not.toContain(text);
      }
    }
  });
});
