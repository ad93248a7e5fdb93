/** The edge agent as a Debian package: its code in one folder, the Node it was tested with, a hardened unit. */
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { BILL, billOfMaterials } from "./bill-of-materials.ts";
import { bundle } from "./bundle.ts";
import { type Architecture, buildPackage, type DebianPackage } from "./debian-package.ts";
import { copyModule, manifestOf } from "./modules.ts";
import { SERIAL_PORT, serialPort } from "./native.ts";

const root = resolve(import.meta.dirname, "../..");
const agent = join(root, "edge-agent");
export const EDGE = "campus-ops-edge";
/** `campus-ops-edge` for whoever stands at the box; `campus-ops` is the hub's, and both may be on one machine. */
const COMMAND = "deploy/cli/box.ts";
/** A stick of this label is mounted, and the agent looks on it for its seed. */
const STICK_UNITS = ["media-EDGECFG.mount", `${EDGE}-seed.service`] as const;

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
  const version = options.version ?? manifestOf(agent).version;
  const tree = mkdtempSync(join(tmpdir(), "edge-package-"));
  try {
    const home = join(tree, "usr/lib", EDGE);
    const bundled = new Set<string>();
    const copied = new Set<string>();
    for (const part of [
      { from: agent, programs: ["main.ts"], to: home },
      { from: root, programs: [COMMAND], to: join(home, "cli") },
    ])
      for (const each of await bundle({ ...part, external: [SERIAL_PORT] })) bundled.add(each);
    // The agent and the command say this version.
    for (const folder of [home, join(home, "cli")])
      writeFileSync(
        join(folder, "package.json"),
        `${JSON.stringify({ name: EDGE, version, type: "module" })}\n`,
      );
    copyModule(SERIAL_PORT, agent, join(home, "node_modules"), serialPort(architecture), copied);
    cpSync(node, join(home, "node"), { mode: 0 });
    const commands = join(tree, "usr/bin");
    mkdirSync(commands, { recursive: true });
    cpSync(join(root, `deploy/packages/${EDGE}.sh`), join(commands, EDGE));
    chmodSync(join(commands, EDGE), 0o755);
    const units = join(tree, "usr/lib/systemd/system");
    mkdirSync(units, { recursive: true });
    for (const unit of [...STICK_UNITS, `${EDGE}.service`])
      cpSync(join(root, "deploy/units", unit), join(units, unit));
    const documents = join(tree, "usr/share/doc", EDGE);
    mkdirSync(documents, { recursive: true });
    cpSync(join(root, "LICENSE"), join(documents, "copyright"));
    cpSync(join(root, "docs/installer.md"), join(documents, "installer.md"));
    writeFileSync(
      join(documents, BILL),
      billOfMaterials({
        root,
        name: EDGE,
        version,
        packages: [...bundled, ...copied],
        node: process.versions.node,
      }),
    );
    return buildPackage(edgePackage(version, architecture), tree, to, level);
  } finally {
    rmSync(tree, { recursive: true });
  }
}

/** What Debian is told of it. */
export const edgePackage = (version: string, architecture: Architecture): DebianPackage => ({
  name: EDGE,
  version,
  architecture,
  depends: ["libc6 (>= 2.28)", "libstdc++6", "passwd", "util-linux"],
  recommends: ["ffmpeg", "chrony | ntpsec | systemd-timesyncd"],
  description: [
    "edge agent of campus-ops",
    "Reads cameras, gates, scanners, switches and more by their own protocols, keeps what it reads until the hub has it, and hands it over as Sparkplug B.",
    `Put in a stick labelled EDGECFG with the edge.conf that the hub has made; or write /etc/${EDGE}/edge.yaml and restart ${EDGE}.service.`,
  ],
  service: {
    units: [...STICK_UNITS, `${EDGE}.service`],
    user: EDGE,
    configuration: `/etc/${EDGE}`,
    data: [`/var/lib/${EDGE}`, `/var/cache/${EDGE}`],
  },
});
