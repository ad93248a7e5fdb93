/** Packages that are not bundled, with what they depend on, as npm has put them. */
import { cpSync, existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

export interface ModuleFilter {
  /** Not taken, though somebody depends on it: what only compiling needs. */
  readonly without?: ReadonlySet<string>;
  /** False for a file that is not taken; the path is relative to its package. */
  readonly takes?: (name: string, path: string) => boolean;
}

/** Nobody reads these at run time. */
const NEVER = /(^|\/)node_modules(\/|$)|\.(d\.[cm]?ts|map|gyp|md|markdown)$/;

/**
 * Copies the package `name`, as `from` finds it, and all it depends on into `to`, a folder `node_modules`: whoever finds a
 * package by the path to it here finds it there. What is only optional is left out. Throws where a package is missing.
 */
export function copyModule(
  name: string,
  from: string,
  to: string,
  filter: ModuleFilter = {},
  copied: Set<string> = new Set(),
): void {
  const source = folderOf(name, from);
  if (copied.has(source)) return;
  copied.add(source);
  cpSync(source, join(to, source.slice(source.indexOf("/node_modules/") + "/node_modules/".length)), {
    recursive: true,
    dereference: true,
    filter: (path) => {
      const inside = path.slice(source.length + 1);
      return !NEVER.test(inside) && filter.takes?.(name, inside) !== false;
    },
  });
  for (const each of Object.keys(manifestOf(source).dependencies ?? {}))
    if (filter.without?.has(each) !== true) copyModule(each, source, to, filter, copied);
}

interface Manifest {
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

export function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
}

/** The folder of the package `name`, looked for from `from` as Node would. */
export function folderOf(name: string, from: string): string {
  const places = createRequire(join(from, "package.json")).resolve.paths(name) ?? [];
  const place = places.find((each) => existsSync(join(each, name, "package.json")));
  if (place === undefined)
    throw new Error(`${name} is not installed; run npm ci (looked from ${dirname(from)})`);
  return join(place, name);
}
