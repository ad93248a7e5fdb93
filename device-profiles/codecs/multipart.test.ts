import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MultipartParser, PART_BYTES_MAX, type Part } from "./multipart.ts";

const TYPE = "multipart/mixed; boundary=boundary";
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const told = (parts: readonly Part[]): [string, string][] =>
  parts.map(({ contentType, body }) => [contentType, new TextDecoder().decode(body)]);
const part = (
  type: string,
  body: string,
  length: string = `Content-Length: ${bytes(body).length}\r\n`,
): string => `--boundary\r\nContent-Type: ${type}\r\n${length}\r\n${body}\r\n`;

const XML = `application/xml; charset="UTF-8"`;
const STREAM =
  part(XML, "<a>1</a>") +
  part("image/jpeg", "\r\n--\u0000--not the boundary--\r\n", "Content-Length: 270\r\n") +
  part("application/json", `{"a":"--bound"}`) +
  part(XML, "<b/>", "") +
  part(XML, "<c/>");
const PARTS = [
  ["application/xml", "<a>1</a>"],
  ["application/json", `{"a":"--bound"}`],
  ["application/xml", "<b/>"],
  ["application/xml", "<c/>"],
];

test("byte by byte and in any pieces the parts are the same, pictures are left out", () => {
  const whole = bytes(STREAM);
  const single = new MultipartParser(TYPE);
  expect(told([...whole].flatMap((byte) => single.push(Uint8Array.of(byte))))).toEqual(PARTS);
  fc.assert(
    fc.property(fc.array(fc.nat(whole.length), { maxLength: 12 }), (cuts) => {
      const parser = new MultipartParser(TYPE);
      const at = [0, ...cuts.sort((a, b) => a - b), whole.length];
      const parts = at.slice(1).flatMap((end, i) => parser.push(whole.slice(at[i], end)));
      expect(told(parts)).toEqual(PARTS);
    }),
  );
});

test("a part with a length is handed out with its last byte, before any boundary follows", () => {
  const parser = new MultipartParser(TYPE);
  const text = part(XML, "<a/>").slice(0, -2);
  expect(parser.push(bytes(text.slice(0, -1)))).toEqual([]);
  expect(told(parser.push(bytes(text.slice(-1))))).toEqual([["application/xml", "<a/>"]]);
});

describe("a stream that is not as it should be", () => {
  test("a length that is too long ends at the boundary, one that is too short costs its own part only", () => {
    const parser = new MultipartParser(TYPE);
    const long = part(XML, "<a/>", "Content-Length: 90\r\n") + part(XML, "<b/>") + part(XML, "<c/>");
    expect(told(parser.push(bytes(long))).map(([, body]) => body)).toEqual(["<a/>", "<b/>", "<c/>"]);
    expect(parser.refusals.lengths).toBe(1);
    const short = part(XML, "<a>1</a>", "Content-Length: 3\r\n") + part(XML, "<b/>");
    expect(told(parser.push(bytes(short))).map(([, body]) => body)).toEqual(["<a>", "<b/>"]);
  });

  test("noise before and between the parts, LF alone, and a closing boundary are got over", () => {
    const parser = new MultipartParser("multipart/mixed");
    const text = `HTTP noise ---- ${part(XML, "<a/>").replaceAll("\r", "")}\r\n--boundary--\r\nmore\r\n\r\n${part(XML, "<b/>")}`;
    expect(told(parser.push(bytes(text))).map(([, body]) => body)).toContain("<b/>");
    expect(told(new MultipartParser("").push(bytes(part(XML, "<a/>"))))).toHaveLength(1);
  });

  test.each([
    `multipart/x-mixed-replace; boundary="my boundary"`,
    "multipart/x-mixed-replace;boundary=--my boundary",
  ])("the boundary of %s is found", (type) => {
    const name = type.includes('"') ? "my boundary" : "my";
    const parser = new MultipartParser(type);
    expect(told(parser.push(bytes(`--${name}\r\nContent-Length: 2\r\n\r\nab`)))).toEqual([["", "ab"]]);
  });

  test("a part that is too long, announced or not, is skipped and counted, and the next one is read", () => {
    const parser = new MultipartParser(TYPE);
    const huge = "x".repeat(PART_BYTES_MAX + 100);
    const seen = [part(XML, huge), part(XML, huge, ""), part(XML, "<b/>")].flatMap((each) =>
      parser.push(bytes(each)),
    );
    expect(told(seen).map(([, body]) => body)).toEqual(["<b/>"]);
    expect(parser.refusals.oversized).toBe(2);
  });

  test("a header without end is given up and counted", () => {
    const parser = new MultipartParser(TYPE);
    expect(told(parser.push(bytes(`--boundary\r\n${"X: y\r\n".repeat(1_000)}${part(XML, "<b/>")}`)))).toEqual(
      [["application/xml", "<b/>"]],
    );
    expect(parser.refusals.headers).toBe(1);
  });

  test("whatever comes, the parser throws nothing and finds the part behind it", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), (chunks) => {
        const parser = new MultipartParser(TYPE);
        for (const chunk of chunks) parser.push(chunk);
        expect(told(parser.push(bytes(`\r\n\r\n\r\n${part(XML, "<z/>")}`))).at(-1)?.[1]).toBe("<z/>");
      }),
    );
  });
});
