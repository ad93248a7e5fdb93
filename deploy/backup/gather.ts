/** Makes, from a hub that may be running, a folder that a stopped hub could have left. */
import { existsSync } from "node:fs";
import { copyFile, link, mkdir, rm, stat } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { OperatorError } from "@campus-ops/service";
import { ORDER, partOf } from "./contents.ts";
import { CONFIGURATION, DATA, listFiles, type Manifest, writeManifest } from "./manifest.ts";

/** A configuration is a few files and their secrets; more lies in that folder by mistake. */
const CONFIGURATION_FILES_MAX = 1_000;
const CONFIGURATION_BYTES_MAX = 64 * 1024 * 1024;

export interface GatherOptions {
  /** The hub's data folder. */
  readonly data: string;
  /** The hub's configuration file; its whole folder is taken. */
  readonly config: string;
  /** A new folder, on the same disk as `data` for choice: what never changes is linked. */
  readonly draft: string;
  readonly version: string;
  readonly at: number;
  /**
   * Has whoever holds the store copy it into a new folder; says whether it is there. Absent when nothing runs: its files
   * are copied as they are.
   */
  readonly snapshotStore?: (folder: string) => Promise<boolean>;
  readonly signal: AbortSignal;
}

/** Throws an {@link OperatorError}, and what a disk throws; the draft is the caller's to remove. */
export async function gather(options: GatherOptions): Promise<Manifest> {
  const { at, data, draft, signal, snapshotStore, version } = options;
  const to = join(draft, DATA);
  await mkdir(to, { recursive: true, mode: 0o700 });
  let store: Manifest["store"] = "elsewhere";
  for (const part of ORDER) {
    if (part === "store" && snapshotStore !== undefined) {
      if (await snapshotStore(join(to, "store"))) store = "here";
      continue;
    }
    // Listed when its turn comes: a segment that is begun meanwhile belongs to the next backup.
    const paths = (await listFiles(data)).filter((path) => partOf(path) === part);
    const newest = part === "segment" ? paths.at(-1) : undefined;
    if (part === "store" && paths.length > 0) store = "here";
    for (const path of paths) {
      signal.throwIfAborted();
      const [from, target] = [join(data, path), join(to, path)];
      await mkdir(dirname(target), { recursive: true, mode: 0o700 });
      const isSealed = part === "segment" && path !== newest && !existsSync(`${from}-wal`);
      if (isSealed) await linkOrCopy(from, target);
      else if (part === "database" || part === "segment") copyDatabase(from, target);
      else await copyWhatIsThere(from, target);
    }
  }
  const configuration = await gatherConfiguration(options);
  const journal = existsSync(join(to, "journal")) ? "here" : "elsewhere";
  return await writeManifest(draft, { version, at, journal, store, configuration });
}

/** A configuration inside of the data folder is there already. */
async function gatherConfiguration({ config, data, draft }: GatherOptions): Promise<string> {
  const inside = relative(data, config);
  if (!inside.startsWith("..")) return join(DATA, inside);
  const folder = dirname(config);
  const to = join(draft, CONFIGURATION);
  const fromData = relative(folder, data);
  const isData = (path: string): boolean => !fromData.startsWith("..") && path.startsWith(`${fromData}/`);
  const files = (await listFiles(folder)).filter((path) => !isData(path));
  let bytes = 0;
  for (const path of files) bytes += (await stat(join(folder, path))).size;
  if (files.length > CONFIGURATION_FILES_MAX || bytes > CONFIGURATION_BYTES_MAX)
    throw new OperatorError(
      `the folder of the configuration, ${folder}, holds ${files.length} files of ${Math.ceil(bytes / 1e6)} MB; a backup ` +
        `takes it whole. Keep ${basename(config)} in a folder that holds the configuration and its secrets alone`,
    );
  for (const path of files) {
    await mkdir(dirname(join(to, path)), { recursive: true, mode: 0o700 });
    await copyWhatIsThere(join(folder, path), join(to, path));
  }
  return join(CONFIGURATION, basename(config));
}

/** As of one moment, whoever writes to it: SQLite copies what is committed. */
function copyDatabase(from: string, to: string): void {
  const database = new DatabaseSync(from, { readOnly: true, timeout: 5_000 });
  try {
    database.prepare("VACUUM INTO ?").run(to);
  } finally {
    database.close();
  }
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  await link(from, to).catch(() => copyWhatIsThere(from, to));
}

async function copyWhatIsThere(from: string, to: string): Promise<void> {
  try {
    await copyFile(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    // It was removed since it was listed, and is not part of the hub any more.
    await rm(to, { force: true });
  }
}
