/** `npm run package -- [hub|edge] … [amd64|arm64] …`: writes those Debian packages into dist/; all of them unless said. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Architecture } from "./debian-package.ts";
import { buildEdgePackage } from "./edge.ts";
import { fetchNode, fetchPackage } from "./fetch.ts";
import { buildHubPackage, duckdbPackage } from "./hub.ts";
import { NODE_CPU } from "./native.ts";

const root = resolve(import.meta.dirname, "../..");
const to = join(root, "dist");

const PACKAGES = ["hub", "edge"] as const;
const ARCHITECTURES = Object.keys(NODE_CPU) as Architecture[];

const asked = process.argv.slice(2);
const unknown = asked.find((word) => ![...PACKAGES, ...ARCHITECTURES].some((each) => each === word));
if (unknown !== undefined) throw new Error(`there is no package for ${unknown}`);
const among = <T extends string>(all: readonly T[]): readonly T[] => {
  const named = all.filter((each) => asked.includes(each));
  return named.length > 0 ? named : all;
};
const packages = among(PACKAGES);
for (const architecture of among(ARCHITECTURES)) {
  const folder = mkdtempSync(join(tmpdir(), "packages-"));
  try {
    const node = fetchNode(architecture, folder);
    if (packages.includes("edge")) console.log(await buildEdgePackage({ architecture, node, to }));
    if (!packages.includes("hub")) continue;
    // DuckDB's version is the lock file's.
    const { name, version } = duckdbPackage(architecture);
    const duckdb = fetchPackage(name, version, folder);
    console.log(await buildHubPackage({ architecture, node, duckdb, to }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
