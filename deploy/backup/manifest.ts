/** What a backup says of itself: the file `manifest.json` in it. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { OperatorError } from "@campus-ops/service";

export const FORMAT = 1;
export const MANIFEST = "manifest.json";
/** Folders of a backup. */
export const DATA = "data";
export const CONFIGURATION = "configuration";

export interface ManifestFile {
  /** Relative to the backup, with `/` between its parts. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface Manifest {
  readonly format: number;
  /** Version of the program that made it. */
  readonly version: string;
  /** Milliseconds since the Unix epoch, when its making began. */
  readonly at: number;
  /** elsewhere: the engine is not this hub's own and has backups of its own. */
  readonly journal: "here" | "elsewhere";
  readonly store: "here" | "elsewhere";
  /** The hub's configuration file, relative to the backup. */
  readonly configuration: string;
  readonly files: readonly ManifestFile[];
}

export async function writeManifest(
  folder: string,
  about: Omit<Manifest, "format" | "files">,
): Promise<Manifest> {
  const files: ManifestFile[] = [];
  for (const path of await listFiles(folder)) files.push(await describe(folder, path));
  const manifest: Manifest = { format: FORMAT, ...about, files };
  await writeFile(join(folder, MANIFEST), `${JSON.stringify(manifest, undefined, 1)}\n`, { mode: 0o600 });
  return manifest;
}

/** Reads the manifest in `folder` and compares every file with it. Throws an {@link OperatorError}. */
export async function checkManifest(folder: string): Promise<Manifest> {
  const manifest = await readManifest(folder);
  const there = new Set((await listFiles(folder)).filter((path) => path !== MANIFEST));
  const wrong: string[] = [];
  for (const { path, bytes, sha256 } of manifest.files) {
    if (!there.delete(path)) wrong.push(`${path} is missing`);
    else {
      const found = await describe(folder, path);
      if (found.bytes !== bytes || found.sha256 !== sha256) wrong.push(`${path} was changed`);
    }
  }
  wrong.push(...[...there].map((path) => `${path} does not belong to it`));
  if (wrong.length > 0) throw new OperatorError(`the backup is damaged: ${wrong.slice(0, 5).join("; ")}`);
  return manifest;
}

async function readManifest(folder: string): Promise<Manifest> {
  const text = await readFile(join(folder, MANIFEST), "utf8").catch(() => undefined);
  if (text === undefined) throw new OperatorError("this is no backup of campus-ops: it has no manifest.json");
  const manifest = JSON.parse(text) as Manifest;
  if (manifest.format > FORMAT)
    throw new OperatorError(
      `the backup was made by a newer version (${manifest.version}); restore it with that version or a newer one`,
    );
  return manifest;
}

/** All files below a folder, in a fixed order. */
export async function listFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

async function describe(folder: string, path: string): Promise<ManifestFile> {
  const hash = createHash("sha256");
  const file = join(folder, path);
  await pipeline(createReadStream(file), hash);
  return { path, bytes: (await stat(file)).size, sha256: hash.digest("hex") };
}
