/** The hub as a Debian package: its processes, the command, the console, rule packs, the Node it was tested with, a unit. */
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { createLog } from "@campus-ops/service";
import { ensureConsole } from "../cli/console-build.ts";
import { BILL, billOfMaterials, importedFrom } from "./bill-of-materials.ts";
import { bundle } from "./bundle.ts";
import { type Architecture, buildPackage, type DebianPackage } from "./debian-package.ts";
import { copyModule, folderOf, manifestOf } from "./modules.ts";
import { NODE_CPU, SERIAL_PORT, serialPort } from "./native.ts";

const root = resolve(import.meta.dirname, "../..");
export const HUB = "campus-ops-hub";

/** What `deploy/cli/processes.ts` and the back-tests start; Node-RED is a package of its own. */
const PROGRAMS = [
  "deploy/cli/main.ts",
  "broker/main.ts",
  "ingest/main.ts",
  "rules/main.ts",
  "rules/back-test/worker.ts",
  "dashboards/main.ts",
  "edge-agent/main.ts",
  "deploy/backup/main.ts",
  "deploy/pki/main.ts",
  "deploy/simulators/main.ts",
];

/** Read at run time, from where they lie in a checkout. */
const CONSOLE = "dashboards/console";
const DATA = ["rules/packs", "rules/standards", `${CONSOLE}/dist`];

const DUCKDB = "@duckdb/node-bindings";
/** A guess about the machine's C library, which this package depends on anyway. */
const NOT_NEEDED = new Set(["detect-libc", "node-addon-api"]);

export interface HubPackageOptions {
  readonly architecture: Architecture;
  /** Folder that the package is written to. */
  readonly to: string;
  /** A Node binary for that architecture. */
  readonly node: string;
  /** The folder of DuckDB's package for that architecture ({@link duckdbPackage}); this machine's unless said. */
  readonly duckdb?: string;
  /** Of zstd; less is quicker and larger. */
  readonly level?: number;
  /** The product's own unless said. */
  readonly version?: string;
}

/** Name and version of the npm package that has DuckDB for an architecture. */
export function duckdbPackage(architecture: Architecture): {
  readonly name: string;
  readonly version: string;
} {
  const { version } = manifestOf(folderOf(DUCKDB, duckdbHome()));
  return { name: `${DUCKDB}-linux-${NODE_CPU[architecture]}`, version };
}

const duckdbHome = (): string => folderOf("@duckdb/node-api", join(root, "ingest"));

/** Resolves with the package's path. */
export async function buildHubPackage(options: HubPackageOptions): Promise<string> {
  const { architecture, level, node, to } = options;
  const version = options.version ?? manifestOf(root).version;
  await ensureConsole(root, createLog("packages", "warn"));
  const tree = mkdtempSync(join(tmpdir(), "hub-package-"));
  try {
    const home = join(tree, "usr/lib", HUB);
    const bundled = await bundle({
      from: root,
      programs: PROGRAMS,
      external: [SERIAL_PORT, "@duckdb/node-bindings"],
      to: home,
    });
    // Each agent says its own version, and takes the time it was installed for the earliest that can be.
    for (const folder of [".", "edge-agent"])
      put(join(home, folder, "package.json"), `${JSON.stringify({ name: HUB, version, type: "module" })}\n`);
    for (const folder of DATA)
      cpSync(join(root, folder), join(home, folder), {
        recursive: true,
        filter: (path) => !/\.tests\.yaml$|\.ts$/.test(path),
      });
    const modules = join(home, "node_modules");
    const copied = new Set<string>();
    copyModule(SERIAL_PORT, join(root, "edge-agent"), modules, serialPort(architecture), copied);
    copyModule(DUCKDB, duckdbHome(), modules, { without: NOT_NEEDED }, copied);
    const { name } = duckdbPackage(architecture);
    cpSync(options.duckdb ?? folderOf(name, duckdbHome()), join(modules, name), { recursive: true });
    cpSync(node, join(home, "node"), { mode: 0 });
    for (const [from, target, mode] of PLACED) {
      put(join(tree, target), undefined);
      cpSync(join(root, from), join(tree, target));
      chmodSync(join(tree, target), mode);
    }
    put(
      join(tree, "usr/share/doc", HUB, BILL),
      billOfMaterials({
        root,
        name: HUB,
        version,
        packages: [...bundled, ...copied, `node_modules/${name}`, ...importedFrom(root, CONSOLE)],
        node: process.versions.node,
      }),
    );
    return buildPackage(hubPackage(version, architecture), tree, to, level);
  } finally {
    rmSync(tree, { recursive: true });
  }
}

/** Files of the checkout, where they lie on the machine, and their mode. */
const PLACED = [
  [`deploy/units/${HUB}.service`, `usr/lib/systemd/system/${HUB}.service`, 0o644],
  [`deploy/units/${HUB}.env`, `usr/lib/${HUB}/environment`, 0o644],
  ["deploy/packages/campus-ops.sh", "usr/bin/campus-ops", 0o755],
  ["LICENSE", `usr/share/doc/${HUB}/copyright`, 0o644],
  ["docs/operator.md", `usr/share/doc/${HUB}/operator.md`, 0o644],
] as const;

/** What Debian is told of it. */
export const hubPackage = (version: string, architecture: Architecture): DebianPackage => ({
  name: HUB,
  version,
  architecture,
  depends: ["libc6 (>= 2.28)", "libstdc++6", "openssl", "passwd", "util-linux"],
  recommends: ["openssh-client", "chrony | ntpsec | systemd-timesyncd"],
  description: [
    "hub of campus-ops: alarms, devices and figures of schools",
    "Takes what edge boxes read, keeps it, raises alarms and shows them on duty desks in the browser; backs itself up and enrols boxes.",
    "After the installation: campus-ops init, as root.",
  ],
  service: {
    units: [`${HUB}.service`],
    user: HUB,
    configuration: `/etc/${HUB}`,
    data: [`/var/lib/${HUB}`, `/var/cache/${HUB}`],
  },
});

function put(file: string, text: string | undefined): void {
  mkdirSync(dirname(file), { recursive: true });
  if (text !== undefined) writeFileSync(file, text);
}
