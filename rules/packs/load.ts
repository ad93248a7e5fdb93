/** Reads rule packs from files, the built-in ones by their name. */
import { readdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type DocumentProblem, InvalidDocumentError, loadDocument } from "@campus-ops/service";
import { alarmProblems, compilePack } from "../core/compile.ts";
import type { Amount, PackDocument } from "../core/pack-document.ts";
import type { Rule } from "../core/rule.ts";
import { PACK_SCHEMA } from "./schema.ts";

export const BUILT_IN_PACKS = ["safe-campus", "device-health", "classroom"] as const;

const folder = dirname(fileURLToPath(import.meta.url));

/** Files of a pack: those of a built-in one by its name, or a file or folder relative to `beside`. */
export function packFiles(name: string, beside: string): readonly string[] {
  const builtIn = (BUILT_IN_PACKS as readonly string[]).includes(name);
  const path = builtIn ? join(folder, name) : resolve(beside, name);
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true ? packsIn(path) : [path];
}

/** The packs in a folder, in the order of their names; tests beside them left out. */
export function packsIn(path: string): readonly string[] {
  return readdirSync(path)
    .filter((name) => name.endsWith(".yaml") && !name.endsWith(TESTS))
    .sort()
    .map((name) => join(path, name));
}

/** Of each pack in `files`, the file of tests beside it. */
export const testsBeside = (file: string): string => file.replace(/\.yaml$/, TESTS);
const TESTS = ".tests.yaml";

/**
 * All rules of the packs in `files`. Nothing is taken from a set of packs of which one is wrong: throws
 * {@link InvalidDocumentError} with every problem, each with file, line and field.
 */
export function loadPacks(
  files: readonly string[],
  parameters: Readonly<Record<string, Amount>>,
  windows: ReadonlySet<string>,
): readonly Rule[] {
  const problems: DocumentProblem[] = [];
  const rules: Rule[] = [];
  const packOf = new Map<string, string>();
  const locators: ((message: string) => DocumentProblem)[] = [];
  for (const file of files) {
    try {
      const { value, locate } = loadDocument<PackDocument>(file, PACK_SCHEMA);
      const compiled = compilePack(value, parameters, windows);
      problems.push(...compiled.problems.map(({ field, message }) => locate(field, message)));
      for (const [index, rule] of compiled.rules.entries()) {
        const other = packOf.get(rule.id);
        if (other !== undefined && other !== file) {
          problems.push(locate(`rules.${index}.id`, `${other} already has a rule called ${rule.id}`));
        }
        packOf.set(rule.id, file);
        rules.push(rule);
        locators.push((message) => locate(`rules.${index}.condition`, message));
      }
    } catch (error) {
      if (!(error instanceof InvalidDocumentError)) throw error;
      problems.push(...error.problems);
    }
  }
  // Only a whole set can be looked through for what is missing in it.
  if (problems.length === 0) {
    for (const [index, locate] of locators.entries()) {
      problems.push(...alarmProblems(rules, index).map(locate));
    }
  }
  if (problems.length > 0) throw new InvalidDocumentError(problems);
  return rules;
}
