/**
 * Programs as JavaScript without the sources: what they share lies side by side in one folder. A module that asks where it
 * is (`import.meta`) is told where its source was, below that folder, so that data files are found as in a checkout.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { build, type Plugin } from "rolldown";
import { packageOf } from "./bill-of-materials.ts";

export interface BundleOptions {
  /** What the programs' paths, and the places that modules are told, are relative to. */
  readonly from: string;
  /** TypeScript files below `from`; `a/b.ts` becomes `a/b.js` below `to`. */
  readonly programs: readonly string[];
  /** Packages that are not bundled: native code, and what looks for its own files. */
  readonly external: readonly string[];
  readonly to: string;
}

/** Answers the folders of the npm packages of which something is in the programs. */
export async function bundle({ external, from, programs, to }: BundleOptions): Promise<ReadonlySet<string>> {
  const nameOf = (program: string): string => program.replaceAll("/", "-").replace(/\.ts$/, "");
  const { output } = await build({
    input: Object.fromEntries(programs.map((program) => [nameOf(program), join(from, program)])),
    platform: "node",
    external: external.flatMap((name) => [name, new RegExp(`^${name}/`)]),
    plugins: [placesOf(from), inLatinLetters],
    logLevel: "warn",
    // Parts that are loaded when they are first needed stay files of their own. Names are kept: people read stack traces.
    output: {
      dir: to,
      format: "esm",
      entryFileNames: "[name].js",
      minify: { mangle: false, compress: true },
    },
  });
  for (const program of programs) {
    const file = join(to, program.replace(/\.ts$/, ".js"));
    if (dirname(program) === ".") continue;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(
      file,
      `import ${JSON.stringify(`${relative(dirname(file), to)}/${nameOf(program)}.js`)};\n`,
    );
  }
  const modules = output.flatMap((each) => (each.type === "chunk" ? each.moduleIds : []));
  return new Set(modules.flatMap((module) => packageOf(module) ?? []));
}

/**
 * A text with one character beyond Latin-1 takes two bytes for each of its characters, and V8 keeps the text of a module
 * for as long as it runs: 1.4 MB for a dozen words of Chinese in the edge agent.
 */
const inLatinLetters: Plugin = {
  name: "in Latin letters",
  generateBundle(_, output) {
    for (const file of Object.values(output)) {
      if (file.type === "chunk") file.code = escapeBeyondLatin(file.code);
    }
  },
};

/** After a backslash of its own, and in a raw text, an escape would be read as something else. */
const NOT_TO_BE_ESCAPED = /(?<!\\)(?:\\\\)*\\[\u0100-\uffff]|String\.raw`[^`]*[\u0100-\uffff]/;

/** The same program. Throws for one in which that cannot be. */
export function escapeBeyondLatin(code: string): string {
  const place = NOT_TO_BE_ESCAPED.exec(code);
  if (place !== null) throw new Error(`cannot be written in Latin letters: ${place[0]}`);
  return code.replace(/[\u0100-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** All output lies at the top of one folder, so that a source's place is that folder and its path. */
function placesOf(from: string): Plugin {
  return {
    name: "places of sources",
    transform(code, id) {
      if (!code.includes("import.meta.") || id.includes("/node_modules/") || !id.startsWith(from)) return;
      const path = relative(from, id);
      const folder = dirname(path) === "." ? "" : `/${dirname(path)}`;
      return code
        .replaceAll("import.meta.dirname", `(import.meta.dirname + ${JSON.stringify(folder)})`)
        .replaceAll("import.meta.url", `new URL(${JSON.stringify(`./${path}`)}, import.meta.url).href`);
    },
  };
}
