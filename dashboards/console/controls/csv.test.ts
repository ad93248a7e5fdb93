import { expect, test } from "vitest";
import { csvText } from "./csv.ts";

test("a table begins with the mark by which Excel knows UTF-8, and quotes what needs it", () => {
  expect(csvText([["名称", 'say "hi"', "a,b", 1.5, true, undefined, "two\nlines"]])).toBe(
    '\uFEFF名称,"say ""hi""","a,b",1.5,true,,"two\nlines"\r\n',
  );
});

test.each(["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "\t=1"])("the text %j stays a text", (text) => {
  expect(
    csvText([[text]])
      .slice(1)
      .replace(/^"/, "")
      .startsWith("'"),
  ).toBe(true);
});

test("a negative number is a number", () => {
  expect(csvText([[-1]])).toBe("\uFEFF-1\r\n");
});
