import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InvalidDocumentError } from "@campus-ops/service";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadConfiguration } from "./configuration.ts";
import { SITE } from "./testing/hub.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rules-configuration-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function load(rules: string) {
  const file = join(folder, "hub.yaml");
  writeFileSync(file, `${SITE}rules:\n${rules}`);
  return loadConfiguration(file);
}

test("the points of a patrol are expected by its rule, and by no rule that cannot tell points apart", () => {
  const { rules, loadRules } = load(
    "  expected: { patrol-missed: { school/box-1/patrol: [gate, 化学楼] } }\n",
  );
  const expected = { "school/box-1/patrol": ["gate", "化学楼"] };
  for (const each of [rules, loadRules().rules]) {
    expect(each.filter((rule) => rule.expected !== undefined)).toMatchObject([
      { id: "patrol-missed", expected },
    ]);
  }
  for (const id of ["patrol-mised", "panic-pressed"]) {
    expect(() => load(`  expected: { ${id}: { school/box-1/patrol: [gate] } }\n`)).toThrow(
      InvalidDocumentError,
    );
  }
});
