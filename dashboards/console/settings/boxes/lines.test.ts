import { expect, test } from "vitest";
import { LINES_MAX, readLines } from "./lines.ts";

test("one box a line, with a title or without; wide characters of an input method are understood", () => {
  const read = readLines("box-1 教学楼 机房\n\nｂｏｘ－2\r\n", "first", false);
  expect(read.boxes).toEqual([
    { campus: "first", node: "box-1", title: { zh: "教学楼 机房", en: "教学楼 机房" } },
    { campus: "first", node: "box-2", title: { zh: "box-2", en: "box-2" } },
  ]);
  expect([read.lines, read.wrong]).toEqual([[1, 3], []]);
});

test("a line that names no box is told by its number, and so is one too many", () => {
  expect(readLines("Box 1\nbox-1\n一号盒", "first", true)).toMatchObject({ lines: [2], wrong: [1, 3] });
  const many = Array.from({ length: LINES_MAX + 1 }, (_, n) => `box-${n}`).join("\n");
  expect(readLines(many, "first", false)).toMatchObject({ wrong: [LINES_MAX + 1] });
});
