/** The edge agent as a Debian package: its code in one folder, the Node it was tested with, a hardened unit. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { build } from "rolldown";
import { type Architecture, buildPackage } from "./debian-package.ts";

const root = resolve(import.meta.dirname, "../..");
export const EDGE = "campus-ops-edge";
/** Native code, and what it loads by its own place: not bundled. */
const NATIVE = "@serialport/bindings-cpp";
/** What only compiling it needs. */
const BUILD_ONLY = new Set(["node-addon-api"]);

export interface EdgePackageOptions {
  readonly architecture: Architecture;
  /** Folder that the package is written to. */
  readonly to: string;
  /** A Node binary for that architecture. */
  readonly node: string;
  /** Of zstd; less is quicker and larger. */
  readonly level?: number;
  /** The product's own unless said. */
  readonly version?: string;
}

/** Resolves with the package's path. */
export async function buildEdgePackage(options: EdgePackageOptions): Promise<string> {
  const { architecture, level, node, to } = options;
  const version = options.version ?? manifestOf(join(root, "edge-agent")).version;
  const tree = mkdtempSync(join(tmpdir(), "edge-package-"));
  try {
    const home = join(tree, "usr/lib", EDGE);
    await bundle(home);
    writeFileSync(join(home, "package.json"), `${JSON.stringify({ name: EDGE, version, type: "module" })}\n`);
    copyModule(NATIVE, join(root, "edge-agent"), join(home, "node_modules"), architecture);
    cpSync(node, join(home, "node"), { mode: 0 });
    const units = join(tree, "usr/lib/systemd/system");
    mkdirSync(units, { recursive: true });
    cpSync(join(root, `deploy/units/${EDGE}.service`), join(units, `${EDGE}.service`));
    const documents = join(tree, "usr/share/doc", EDGE);
    mkdirSync(documents, { recursive: true });
    cpSync(join(root, "LICENSE"), join(documents, "copyright"));
    cpSync(join(root, "docs/installer.md"), join(documents, "installer.md"));
    const about = {
      name: EDGE,
      version,
      architecture,
      depends: ["libc6 (>= 2.28)", "libstdc++6", "passwd"],
      recommends: ["ffmpeg", "chrony | ntpsec | systemd-timesyncd"],
      description: [
        "edge agent of campus-ops",
        "Reads cameras, gates, scanners, switches and more by their own protocols, keeps what it reads until the hub has it, and hands it over as Sparkplug B.",
        "Put /etc/campus-ops/edge.yaml there and start campus-ops-edge.service.",
      ] as const,
      unit: EDGE,
      user: EDGE,
      data: [`/var/lib/${EDGE}`, `/var/cache/${EDGE}`],
    };
    return buildPackage(about, tree, to, level);
  } finally {
    rmSync(tree, { recursive: true });
  }
}

/** Drivers stay chunks of their own: an agent loads those that its configuration names. */
async function bundle(to: string): Promise<void> {
  await build({
    input: join(root, "edge-agent/main.ts"),
    platform: "node",
    external: [NATIVE],
    logLevel: "warn",
    output: { dir: to, format: "esm", minify: true },
  });
}

/** A module and what it depends on, as npm has put it; of prebuilt binaries those of one architecture. */
function copyModule(name: string, from: string, to: string, architecture: Architecture): void {
  const source = folderOf(name, from);
  const target = join(to, name);
  const other = (path: string): boolean =>
    /\/prebuilds\/[^/]+/.test(path) && !path.includes(`/linux-${CPU[architecture]}`);
  cpSync(source, target, {
    recursive: true,
    dereference: true,
    filter: (path) => {
      const inside = path.slice(source.length);
      const isSource = name === NATIVE && /^\/src(\/|$)/.test(inside);
      return !other(path) && !isSource && !/\/node_modules(\/|$)|\.(d\.ts|map|gyp)$/.test(inside);
    },
  });
  for (const each of Object.keys(manifestOf(source).dependencies ?? {})) {
    if (!BUILD_ONLY.has(each)) copyModule(each, source, to, architecture);
  }
}

const CPU = { amd64: "x64", arm64: "arm64" } as const;

interface Manifest {
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
}

function folderOf(name: string, from: string): string {
  const manifest = createRequire(join(from, "package.json")).resolve.paths(name) ?? [];
  for (const folder of manifest) {
    try {
      readFileSync(join(folder, name, "package.json"));
      return join(folder, name);
    } catch {
      // Further up.
    }
  }
  throw new Error(`${name} is not installed; run npm ci (looked from ${dirname(from)})`);
}
