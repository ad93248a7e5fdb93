/** `npm run package [amd64|arm64] …`: writes the Debian packages into dist/. */
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

const asked = process.argv.slice(2);
const architectures = (asked.length > 0 ? asked : ["amd64", "arm64"]) as Architecture[];
for (const architecture of architectures) {
  if (!Object.hasOwn(NODE_CPU, architecture)) throw new Error(`there is no package for ${architecture}`);
  const folder = mkdtempSync(join(tmpdir(), "packages-"));
  try {
    // DuckDB's version is the lock file's.
    const node = fetchNode(architecture, folder);
    console.log(await buildEdgePackage({ architecture, node, to }));
    const { name, version } = duckdbPackage(architecture);
    const duckdb = fetchPackage(name, version, folder);
    console.log(await buildHubPackage({ architecture, node, duckdb, to }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
