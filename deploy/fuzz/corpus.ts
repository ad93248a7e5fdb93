/**
 * Inputs that once made a target throw what it must not, or not end: `corpus/<target>/<what is wrong with it>`, each a file
 * as it came. Whoever mends a defect that a campaign has found puts its input there.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const FOLDER = join(import.meta.dirname, "corpus");

/** Names of targets that have some. */
export const corpusTargets = (): readonly string[] => readdirSync(FOLDER);

/** By file name; none for a target that has never failed. */
export function corpusOf(target: string): ReadonlyMap<string, Uint8Array> {
  if (!corpusTargets().includes(target)) return new Map();
  const folder = join(FOLDER, target);
  return new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]));
}
