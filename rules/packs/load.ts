/** Reads rule packs from files, the built-in ones by their name. */
import { readdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { AssetPath, LocalText } from "@campus-ops/device-profiles/vocabulary";
import { checkDocument, type DocumentProblem, InvalidDocumentError, loadDocument } from "@campus-ops/service";
import { alarmProblems, compilePack } from "../core/compile.ts";
import type { Amount, PackDocument } from "../core/pack-document.ts";
import type { AtPlace, Rule } from "../core/rule.ts";
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

/** A pack that is not in a file, or not yet. */
export interface PackText {
  readonly name: string;
  readonly text: string;
}

/** Parameters by the place at which, and below which, they hold. */
export type PlaceParameters = Readonly<Record<AssetPath, Readonly<Record<string, Amount>>>>;

const deepestFirst = (places: PlaceParameters): readonly (readonly [AssetPath, PlaceParameters[string]])[] =>
  Object.entries(places).toSorted(([a], [b]) => b.length - a.length);

function differing(rule: Rule, within: AssetPath, there: Rule | undefined): readonly AtPlace[] {
  if (there === undefined || JSON.stringify(there) === JSON.stringify(rule)) return [];
  const { condition, onDelay_ms, offDelay_ms } = there;
  return [{ within, condition, onDelay_ms, offDelay_ms }];
}

const nameOf = (file: string | PackText): string => (typeof file === "string" ? file : file.name);

/**
 * All rules of the packs in `files`. Nothing is taken from a set of packs of which one is wrong: throws
 * {@link InvalidDocumentError} with every problem, each with file, line and field. `beside`: rules in force whose
 * alarms these may look at. `places`: parameters that are otherwise there.
 */
export function loadPacks(
  files: readonly (string | PackText)[],
  parameters: Readonly<Record<string, Amount>>,
  windows: ReadonlySet<string>,
  beside: readonly Rule[] = [],
  places: PlaceParameters = {},
): readonly Rule[] {
  const problems: DocumentProblem[] = [];
  const rules: Rule[] = [];
  const packOf = new Map<string, string>();
  const locators: ((problem: LocalText) => DocumentProblem)[] = [];
  for (const file of files) {
    try {
      const { value, locate } =
        typeof file === "string"
          ? loadDocument<PackDocument>(file, PACK_SCHEMA)
          : checkDocument<PackDocument>(file.name, file.text, PACK_SCHEMA);
      const compiled = compilePack(value, parameters, windows);
      problems.push(...compiled.problems.map(({ field, en, zh }) => locate(field, en, zh)));
      const variants = deepestFirst(places).map(([within, own]) => {
        const there = compilePack(value, { ...parameters, ...own }, windows);
        if (compiled.problems.length === 0)
          problems.push(
            ...there.problems.map(({ field, en, zh }) =>
              locate(field, `at ${within}, ${en}`, `在 ${within}，${zh}`),
            ),
          );
        return { within, pack: there.rules };
      });
      for (const [index, rule] of compiled.rules.entries()) {
        const other = packOf.get(rule.id);
        if (other !== undefined && other !== nameOf(file)) {
          problems.push(
            locate(
              `rules.${index}.id`,
              `${other} already has a rule called ${rule.id}`,
              `${other} 已有名为 ${rule.id} 的规则`,
            ),
          );
        }
        packOf.set(rule.id, nameOf(file));
        const at = variants.flatMap(({ within, pack }) => differing(rule, within, pack[index]));
        rules.push(at.length === 0 ? rule : { ...rule, at });
        locators.push(({ en, zh }) => locate(`rules.${index}.condition`, en, zh));
      }
    } catch (error) {
      if (!(error instanceof InvalidDocumentError)) throw error;
      problems.push(...error.problems);
    }
  }
  // Only a whole set can be looked through for what is missing in it.
  if (problems.length === 0) {
    const ids = new Set(rules.map(({ id }) => id));
    const all = [...rules, ...beside.filter(({ id }) => !ids.has(id))];
    for (const [index, locate] of locators.entries()) {
      problems.push(...alarmProblems(all, index).map(locate));
    }
  }
  if (problems.length > 0) throw new InvalidDocumentError(problems);
  return rules;
}
