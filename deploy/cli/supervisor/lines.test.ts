import fc from "fast-check";
import { expect, test } from "vitest";
import { LINE_CHARACTERS_MAX, LineSplitter } from "./lines.ts";

function split(...chunks: readonly Buffer[]): string[] {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line));
  for (const chunk of chunks) splitter.push(chunk);
  splitter.end();
  return lines;
}

test("lines come out whole however the stream was cut, inside a character too", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: "grapheme", minLength: 1 }).map((text) => text.replaceAll("\n", "·"))),
      fc.integer({ min: 1, max: 7 }),
      (lines, size) => {
        const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""), "utf8");
        const chunks: Buffer[] = [];
        for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
        expect(split(...chunks)).toEqual(lines);
      },
    ),
  );
});

test("a line without an end is cut, and the next one is whole again", () => {
  const long = Buffer.from("x".repeat(LINE_CHARACTERS_MAX));
  const [first, second] = split(long, long, Buffer.from("\nnext\n"));
  expect(first).toBe(`${"x".repeat(LINE_CHARACTERS_MAX)} … (cut)`);
  expect(second).toBe("next");
});

test("the last line counts though nothing ended it", () => {
  expect(split(Buffer.from("one\n\ntwo"))).toEqual(["one", "two"]);
});
