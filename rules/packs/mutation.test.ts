import { loadDocument } from "@campus-ops/service";
import { describe, expect, test } from "vitest";
import type { Rule } from "../core/rule.ts";
import { partsNearBy } from "../core/selection.ts";
import { BUILT_IN_PACKS, loadPacks, packFiles, testsBeside } from "./load.ts";
import { mutants } from "./mutants.ts";
import { PACK_TESTS_SCHEMA } from "./schema.ts";
import { type PackTests, playTrace, TRACE_WINDOWS } from "./trace.ts";

const files = BUILT_IN_PACKS.flatMap((name) => packFiles(name, ""));
const rules = loadPacks(files, {}, new Set(TRACE_WINDOWS));
const cases = files.flatMap(
  (file) => loadDocument<PackTests>(testsBeside(file), PACK_TESTS_SCHEMA).value.cases,
);

/** The rule, those it looks at, and those that may explain it: the others say nothing about it. */
function concerned(changed: Rule): readonly Rule[] {
  const looked = partsNearBy(changed.condition).flatMap((part) => (part.kind === "alarm" ? part.rules : []));
  return rules
    .filter(({ id, cause }) => id === changed.id || cause || looked.includes(id))
    .map((rule) => (rule.id === changed.id ? changed : rule));
}

describe("a rule that is changed a little fails one of its traces", () => {
  for (const rule of rules) {
    const own = cases.filter((each) => each.rule === rule.id);
    test.each(mutants(rule))(`${rule.id}: %s`, (_, changed) => {
      const those = concerned(changed);
      const notices = own.some(
        (each) => JSON.stringify(playTrace(those, each)) !== JSON.stringify(each.expect),
      );
      expect(notices).toBe(true);
    });
  }
});
