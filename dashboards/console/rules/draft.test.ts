import type { RuleDetailView } from "@campus-ops/rules/api";
import { expect, test } from "vitest";
import { lineBounds, packFrom } from "./draft.ts";

test("a rule is copied into a pack of its own under another id, its first version, with its lines as they stood", () => {
  const source = "  - id: door-held-open\n    version: 7\n    # why\n    title: { zh: 门, en: door }";
  const rule = { id: "door-held-open", source: { file: "doors.yaml", line: 4, text: source } };
  expect(
    packFrom(rule as RuleDetailView)
      .split("\n")
      .slice(3),
  ).toEqual([
    "  - id: own-door-held-open",
    "    version: 1",
    "    # why",
    "    title: { zh: 门, en: door }",
    "",
  ]);
});

test("a line is found by its number, the last one and one beyond it, too", () => {
  expect(lineBounds("ab\ncd\nef", 2)).toEqual([3, 5]);
  expect(lineBounds("ab\ncd\nef", 3)).toEqual([6, 8]);
  expect(lineBounds("ab", 9)).toEqual([0, 2]);
});
