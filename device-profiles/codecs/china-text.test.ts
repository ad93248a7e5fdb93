import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeDocument, decodeFixedText, decodeText, encodeGb18030, isDamaged } from "./china-text.ts";

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

test("UTF-8 in a field that should be GB18030 is understood, and cut at its end as well", () => {
  const utf8 = new TextEncoder().encode("实验楼二层化学准备室东侧");
  expect(decodeText(utf8, "gb18030")).toBe("实验楼二层化学准备室东侧");
  expect(decodeFixedText(utf8.subarray(0, 31))).toBe("实验楼二层化学准备室");
});

test("GB18030 that could be UTF-8 of two bytes is taken for what the field should be", () => {
  const both = Uint8Array.of(0xc4, 0xa3);
  expect(decodeText(both, "gb18030")).toBe("模");
  expect(decodeText(both, "utf-8")).toBe("\u0123");
});

test("what is encoded is decoded to the same, for every character of two bytes", () => {
  const text = fc.string({
    unit: fc.integer({ min: 0x4e00, max: 0x9fa5 }).map((code) => String.fromCodePoint(code)),
  });
  fc.assert(
    fc.property(text, (original) => {
      // About one in ten thousand short texts is valid in both encodings.
      fc.pre(!isUtf8(encodeGb18030(original)));
      expect(decodeText(encodeGb18030(original), "gb18030")).toBe(original);
    }),
  );
});

/** 张三 in GB18030. */
const ZHANG_SAN = [0xd5, 0xc5, 0xc8, 0xfd];
const ascii = (text: string): number[] => [...new TextEncoder().encode(text)];

test("a document in GB18030 that is called UTF-8 is read all the same", () => {
  expect(decodeDocument(new TextEncoder().encode("<name>张三</name>\r\n"))).toBe("<name>张三</name>");
  expect(decodeDocument(Uint8Array.from(ZHANG_SAN))).toBe("张三");
  expect(decodeDocument(Uint8Array.of(0xff, 0xfe, 0x20, 0x5f, 0x09, 0x4e))).toBe("张三");
});

test("a name cut inside a character, or filled up with NUL, damages itself and nothing around it", () => {
  const serial = "</n><serialNo>7</serialNo>";
  const cut = decodeDocument(Uint8Array.from([...ascii("<n>"), ...ZHANG_SAN.slice(0, 3), ...ascii(serial)]));
  expect(cut).toContain("<serialNo>7</serialNo>");
  expect([isDamaged(cut), isDamaged("张三")]).toEqual([true, false]);
  const filled = Uint8Array.from([...ascii("<n>"), ...ZHANG_SAN, 0, 0, ...ascii(serial)]);
  expect(decodeDocument(filled)).toContain("<serialNo>7</serialNo>");
});

function isUtf8(bytes: Uint8Array): boolean {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes) !== "";
  } catch {
    return false;
  }
}
