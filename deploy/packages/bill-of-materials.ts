/** What of other people's work is in a package, as CycloneDX 1.5 (ECMA-424): the same text for the same package. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Of `package-lock.json`, by the package's place below the repository's root. */
type Lock = Readonly<Record<string, Locked | undefined>>;
interface Locked {
  readonly version: string;
  readonly license?: string;
  readonly integrity?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

export interface BillOptions {
  /** The repository's root, with its lock file. */
  readonly root: string;
  readonly name: string;
  readonly version: string;
  /** Folders of npm packages, absolute or below the root. */
  readonly packages: Iterable<string>;
  /** The version of the Node that comes along. */
  readonly node: string;
}

interface Component {
  readonly type: "library" | "application";
  readonly "bom-ref": string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly licenses?: readonly { readonly expression: string }[];
  readonly hashes?: readonly { readonly alg: "SHA-512"; readonly content: string }[];
}

/** Beside the package's other documents. */
export const BILL = "sbom.cdx.json";

const MODULES = "/node_modules/";

/** The folder of the npm package that a module lies in; undefined for a module of ours, or of nobody. */
export function packageOf(module: string): string | undefined {
  const at = module.lastIndexOf(MODULES);
  if (at < 0) return undefined;
  const [first = "", second = ""] = module.slice(at + MODULES.length).split("/");
  const name = first.startsWith("@") ? `${first}/${second}` : first;
  return `${module.slice(0, at)}${MODULES}${name}`;
}

/** The packages that the sources below `folder` name in their imports, and all that those depend on. */
export function importedFrom(root: string, folder: string): ReadonlySet<string> {
  const lock = lockOf(root);
  const found = new Set<string>();
  const take = (name: string, from: string): void => {
    const place = placeOf(lock, name, from);
    // What is only optional may not be there.
    if (place === undefined || found.has(place)) return;
    found.add(place);
    for (const each of Object.keys(lock[place]?.dependencies ?? {})) take(each, place);
  };
  const files = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" });
  for (const file of files.filter((each) => /^(?!dist\/).*(?<!\.test|\.config)\.tsx?$/.test(each))) {
    const text = readFileSync(join(root, folder, file), "utf8");
    for (const [, name = ""] of text.matchAll(IMPORT))
      if (!name.startsWith("@campus-ops/")) take(name, folder);
  }
  return found;
}

/** The package's name in an import that is there at run time. */
const IMPORT = /^(?:import|export) (?!type )[^"]*"((?:@[\w.-]+\/)?[\w-][\w.-]*)(?:\/[^"]*)?";$/gm;

/** Throws where a package is not in the lock file: what is not known by version is not delivered. */
export function billOfMaterials({ name, node, packages, root, version }: BillOptions): string {
  const lock = lockOf(root);
  const components = [...packages].map((folder) => {
    const place = folder.startsWith(`${root}/`) ? folder.slice(root.length + 1) : folder;
    const locked = lock[place];
    if (locked === undefined) throw new Error(`${place} is not in package-lock.json`);
    return componentOf(place.slice(place.lastIndexOf("node_modules/") + "node_modules/".length), locked);
  });
  const nodeItself: Component = {
    type: "application",
    "bom-ref": `pkg:generic/node@${node}`,
    name: "node",
    version: node,
    purl: `pkg:generic/node@${node}`,
    licenses: [{ expression: "MIT" }],
  };
  // One package may be there twice, in two places.
  const byReference = new Map([nodeItself, ...components].map((each) => [each["bom-ref"], each]));
  const bill = {
    bomFormat: "CycloneDX",
    specVersion: "1.5",
    version: 1,
    metadata: {
      component: { type: "application", "bom-ref": name, name, version },
    },
    components: [...byReference.values()].sort((a, b) => (a["bom-ref"] < b["bom-ref"] ? -1 : 1)),
  };
  return `${JSON.stringify(bill, undefined, 1)}\n`;
}

function componentOf(name: string, { integrity, license, version }: Locked): Component {
  const purl = `pkg:npm/${name.replace("@", "%40")}@${version}`;
  const hash = /^sha512-(\S+)/.exec(integrity ?? "")?.[1];
  return {
    type: "library",
    "bom-ref": purl,
    name,
    version,
    purl,
    ...(license === undefined ? {} : { licenses: [{ expression: license }] }),
    ...(hash === undefined
      ? {}
      : { hashes: [{ alg: "SHA-512", content: Buffer.from(hash, "base64").toString("hex") }] }),
  };
}

/** Where npm has put the package that `from`, a folder below the root, finds by that name. */
function placeOf(lock: Lock, name: string, from: string): string | undefined {
  const parts = from.split("/");
  for (let length = parts.length; length >= 0; length -= 1) {
    const place = [...parts.slice(0, length), "node_modules", name].join("/");
    if (lock[place] !== undefined) return place;
  }
  return undefined;
}

function lockOf(root: string): Lock {
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
    readonly packages: Lock;
  };
  return packages;
}
