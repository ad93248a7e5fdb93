/** Packages for machines other than this one, which npm does not install here. */
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Architecture } from "./debian-package.ts";
import { NODE_CPU } from "./native.ts";

/** The Node that runs here, in the same version for that machine; put below `below`. Returns the binary's path. */
export function fetchNode(architecture: Architecture, below: string): string {
  const home = fetchPackage(`node-linux-${NODE_CPU[architecture]}`, process.versions.node, below);
  return join(home, "bin/node");
}

/** From npm's registry; returns the folder. */
export function fetchPackage(name: string, version: string, below: string): string {
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
