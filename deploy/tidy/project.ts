/** The repository as the tidy rules see it: its files, what they import, and what is code in them. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path/posix";

export interface Project {
  /** Text of every file that is or would be tracked, by path from the root. */
  readonly files: ReadonlyMap<string, string>;
}

export interface Violation {
  readonly file: string;
  readonly says: string;
}

export interface Import {
  /** As written. */
  readonly specifier: string;
  /** True for `import type` and `export type`: gone before anything runs. */
  readonly typeOnly: boolean;
}

const BINARY = /\.(png|jpe?g|gif|ico|woff2?|bin|gz|parquet)$/;

/** Tracked files, and new ones that git does not ignore, so that a rule speaks before a commit and not after. */
export function readProject(root: string): Project {
  const list = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  const files = new Map<string, string>();
  for (const path of new Set(list.split("\0"))) {
    if (path === "" || BINARY.test(path)) continue;
    try {
      files.set(path, readFileSync(join(root, path), "utf8"));
    } catch (error) {
      // Deleted, and not yet committed.
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
  return { files };
}

export const isSource = (path: string): boolean => /\.[mc]?tsx?$/.test(path) && !path.endsWith(".d.ts");
export const isTest = (path: string): boolean =>
  /\.test\.tsx?$/.test(path) || path.split("/").includes("testing");

export function sources({ files }: Project): readonly (readonly [path: string, text: string])[] {
  return [...files].filter(([path]) => isSource(path));
}

/** The text without its comments: what is said about code is not code. Line numbers stay. */
export function codeOf(text: string): string {
  return text.replaceAll(COMMENTS_AND_STRINGS, (match) =>
    match.startsWith("//") || match.startsWith("/*") ? match.replaceAll(/[^\n]/g, " ") : match,
  );
}

const COMMENTS_AND_STRINGS =
  /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;

const STATIC = /^\s*(import|export)\s+(type\s+)?(?:[\w*{}\s,$]+\s+from\s+)?["']([^"'\n]+)["']/gm;
const DYNAMIC = /\bimport\(\s*["']([^"'\n]+)["']\s*\)/g;

export function importsOf(text: string): readonly Import[] {
  const code = codeOf(text);
  const statics = [...code.matchAll(STATIC)].map(([whole, , type, specifier = ""]) => ({
    specifier,
    typeOnly: type !== undefined || onlyTypesNamed(whole),
  }));
  const dynamics = [...code.matchAll(DYNAMIC)].map(([, specifier = ""]) => ({ specifier, typeOnly: false }));
  return [...statics, ...dynamics];
}

/** `import { type A, type B } from …` imports nothing that runs either. */
function onlyTypesNamed(statement: string): boolean {
  const names = /\{([^}]*)\}/
    .exec(statement)?.[1]
    ?.split(",")
    .filter((name) => name.trim() !== "");
  return names !== undefined && names.length > 0 && names.every((name) => /^\s*type\s/.test(name));
}

interface PackageJson {
  readonly name: string;
  readonly exports?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

export interface Workspace extends PackageJson {
  /** Path from the root; empty for the root itself. */
  readonly folder: string;
}

export function workspaces({ files }: Project): readonly Workspace[] {
  return (
    [...files]
      .filter(([path]) => path === "package.json" || path.endsWith("/package.json"))
      .map(([path, text]) => ({
        ...(JSON.parse(text) as PackageJson),
        folder: dirname(path) === "." ? "" : dirname(path),
      }))
      // The innermost first: the first one that holds a file is its own.
      .sort((a, b) => b.folder.length - a.folder.length)
  );
}

export function workspaceOf(path: string, all: readonly Workspace[]): Workspace | undefined {
  return all.find(({ folder }) => folder === "" || path.startsWith(`${folder}/`));
}

/** The file of this repository that an import means; undefined when it means a package from elsewhere. */
export function resolveImport(
  from: string,
  specifier: string,
  all: readonly Workspace[],
): string | undefined {
  if (specifier.startsWith(".")) return normalize(join(dirname(from), specifier));
  const owner = all.find(({ name }) => specifier === name || specifier.startsWith(`${name}/`));
  if (owner === undefined) return undefined;
  const subpath = `.${specifier.slice(owner.name.length)}`;
  for (const [key, target] of Object.entries(owner.exports ?? {})) {
    const [before = "", after] = key.split("*");
    if (key === subpath) return join(owner.folder, target);
    if (after !== undefined && subpath.startsWith(before) && subpath.endsWith(after)) {
      const star = subpath.slice(before.length, subpath.length - after.length);
      return join(owner.folder, target.replace("*", star));
    }
  }
  return undefined;
}
