/** `npm run package [amd64|arm64] …`: writes the Debian packages into dist/. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Architecture } from "./debian-package.ts";
import { buildEdgePackage } from "./edge.ts";
import { buildHubPackage, duckdbPackage } from "./hub.ts";
import { NODE_CPU } from "./native.ts";

const root = resolve(import.meta.dirname, "../..");
const to = join(root, "dist");

const asked = process.argv.slice(2);
const architectures = (asked.length > 0 ? asked : ["amd64", "arm64"]) as Architecture[];
for (const architecture of architectures) {
  if (!Object.hasOwn(NODE_CPU, architecture)) throw new Error(`there is no package for ${architecture}`);
  const folder = mkdtempSync(join(tmpdir(), "packages-"));
  try {
    // The same version as runs here, for that machine; DuckDB's as the lock file has it.
    const home = fetchPackage(`node-linux-${NODE_CPU[architecture]}`, process.versions.node, folder);
    const node = join(home, "bin/node");
    console.log(await buildEdgePackage({ architecture, node, to }));
    const { name, version } = duckdbPackage(architecture);
    const duckdb = fetchPackage(name, version, folder);
    console.log(await buildHubPackage({ architecture, node, duckdb, to }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** From npm's registry; returns the folder. */
function fetchPackage(name: string, version: string, below: string): string {
  const folder = join(below, name);
  mkdirSync(folder, { recursive: true });
  run("npm", ["pack", "--loglevel=error", `${name}@${version}`, "--pack-destination", folder]);
  const file = `${name.replace("@", "").replace("/", "-")}-${version}.tgz`;
  run("tar", ["-xzf", join(folder, file), "-C", folder]);
  return join(folder, "package");
}

function run(command: string, arguments_: readonly string[]): void {
  const { status } = spawnSync(command, arguments_, { stdio: ["ignore", "ignore", "inherit"] });
  if (status !== 0) throw new Error(`${command} ${arguments_.join(" ")} failed`);
}
