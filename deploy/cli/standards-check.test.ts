import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkStandards } from "./standards-check.ts";

const BUILT_IN = join(import.meta.dirname, "../../rules/standards/handan.yaml");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "standards-check-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("a standard in order is counted, a wrong one is told by file, line and field in either language", () => {
  const wrong = join(folder, "own.yaml");
  writeFileSync(wrong, "id: own\ntitle: { zh: 甲, en: a }\nsource: { zh: 甲, en: a }\nitems: []\n");
  const english = checkStandards([BUILT_IN, wrong], "en");
  expect(english.inOrder).toBe(false);
  expect(english.lines[0]).toMatch(/handan\.yaml: Handan, .*: 11 items, 24 checks, in order$/);
  expect(english.lines[1]).toMatch(/own\.yaml:4: items: /);
  const chinese = checkStandards([BUILT_IN], "zh");
  expect(chinese).toEqual({
    inOrder: true,
    lines: [`${BUILT_IN}: 邯郸市智慧校园建设标准（试行），11 项、24 条检查，无误`],
  });
});
