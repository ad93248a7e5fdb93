/**
 * `npm run image -- build [amd64|arm64] [--refresh]`, `… -- keys root|intermediate|release`, `… -- trial [scenario …]`: composition root.
 * Everything goes into `dist/image`, keys into `dist/image/keys` unless `--keys` names a folder.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { Architecture } from "../packages/debian-package.ts";
import { fetchNode } from "../packages/fetch.ts";
import { manifestOf } from "../packages/modules.ts";
import { NODE_CPU } from "../packages/native.ts";
import { build } from "./build.ts";
import { certificateFile, makeIntermediate, makeRelease, makeRoot, type Signer } from "./keys.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const USAGE = `npm run image -- keys root|intermediate|release [--keys <folder>]
npm run image -- build [amd64|arm64] [--keys <folder>] [--to <folder>] [--refresh]
npm run image -- trial [<scenario> …]`;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { keys: { type: "string" }, to: { type: "string" }, refresh: { type: "boolean", default: false } },
});
const [command, word, ...more] = positionals;
const to = resolve(values.to ?? join(ROOT, "dist/image"));
const keys = resolve(values.keys ?? join(to, "keys"));
const now = Date.now();

switch (command) {
  case "keys":
    await makeKeys(word);
    break;
  case "build":
    await buildImage((word ?? "amd64") as Architecture);
    break;
  case "trial": {
    const { campaign } = await import("./qemu/campaign.ts");
    const held = await campaign(join(to, "trial"), word === undefined ? [] : [word, ...more]);
    process.exitCode = held ? 0 : 1;
    break;
  }
  default:
    console.error(USAGE);
    process.exitCode = 1;
}

async function makeKeys(signer: string | undefined): Promise<void> {
  const make = { root: makeRoot, intermediate: makeIntermediate, release: makeRelease };
  if (signer === undefined || !Object.hasOwn(make, signer)) throw new Error(USAGE);
  await make[signer as Signer](keys, { name: `campus-ops edge ${signer}`, now });
  console.log(certificateFile(keys, signer as Signer));
}

async function buildImage(architecture: Architecture): Promise<void> {
  if (!Object.hasOwn(NODE_CPU, architecture)) throw new Error(`there is no image for ${architecture}`);
  const folder = mkdtempSync(join(tmpdir(), "node-"));
  try {
    await buildFor(architecture, fetchNode(architecture, folder));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function buildFor(architecture: Architecture, node: string): Promise<void> {
  const { version } = manifestOf(join(ROOT, "edge-agent"));
  const built = await build({
    architecture,
    version,
    built: new Date(now).toISOString(),
    node,
    keys,
    to,
    ...(values.refresh ? { refreshed: new Date(now).toISOString() } : {}),
    onStep: (step, milliseconds) =>
      console.log(`${(milliseconds / 1_000).toFixed(1).padStart(7)} s  ${step}`),
  });
  for (const file of Object.values(built)) if (file !== undefined) console.log(file);
}
