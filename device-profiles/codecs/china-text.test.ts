import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeFixedText, decodeText, encodeGb18030 } from "./china-text.ts";

test("a text is understood in GB18030 and in UTF-8, whatever it was called", () => {
  expect(decodeText(Uint8Array.of(0xd4, 0xc1, 0x42, 0x38))).toBe("粤B8");
  expect(decodeText(new TextEncoder().encode("粤B8"))).toBe("粤B8");
  expect(decodeText(Uint8Array.of(0xd4, 0xc1, 0, 0xff, 0xff), "gb18030")).toBe("粤");
});

test("bytes that are text in no encoding are not guessed at", () => {
  expect(decodeText(Uint8Array.of(0x41, 0xff, 0xff))).toBeUndefined();
});

test("a character that the end of the field cuts in two is left out", () => {
  const field = encodeGb18030("教学楼三层东侧走廊感烟探测器甲乙").subarray(0, 31);
  expect(decodeFixedText(field)).toBe("教学楼三层东侧走廊感烟探测器甲");
});

test("what is encoded is decoded to the same, for every character of two bytes", () => {
  const text = fc.string({
    unit: fc.integer({ min: 0x4e00, max: 0x9fa5 }).map((code) => String.fromCodePoint(code)),
  });
  fc.assert(
    fc.property(text, (original) => {
      expect(decodeText(encodeGb18030(original), "gb18030")).toBe(original);
    }),
  );
});
