/** A hub put back from a backup, on this machine or another one. */
import { existsSync, readdirSync } from "node:fs";
import { cp, mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { OperatorError } from "@campus-ops/service";
import { unpack } from "./archive.ts";
import { CONFIGURATION, DATA } from "./manifest.ts";
import { type Proof, prove } from "./prove.ts";

export interface RestoreOptions {
  /** The backup, on this machine. */
  readonly file: string;
  /** age's, `AGE-SECRET-KEY-1…`. */
  readonly identity: string;
  /** Made, or empty. */
  readonly data: string;
  /** Made, or empty; used when the configuration was outside of the data folder. */
  readonly configuration: string;
  readonly signal: AbortSignal;
}

export interface RestoreResult {
  readonly proof: Proof;
  /** The hub's configuration file, where it is now. */
  readonly config: string;
}

/** All of it or nothing: the folders are filled when everything was unpacked and proven. Throws an {@link OperatorError}. */
export async function restore(options: RestoreOptions): Promise<RestoreResult> {
  const { configuration, data, file, identity, signal } = options;
  for (const folder of [data, configuration]) refuseFilled(folder);
  await mkdir(dirname(data), { recursive: true });
  const draft = `${data}.restoring`;
  await rm(draft, { recursive: true, force: true });
  try {
    await unpack(file, draft, identity, signal);
    const proof = await prove(draft);
    const path = proof.manifest.configuration;
    const inData = path.startsWith(`${DATA}/`);
    if (!inData) await move(join(draft, CONFIGURATION), configuration);
    await move(join(draft, DATA), data);
    const config = inData
      ? join(data, path.slice(DATA.length + 1))
      : join(configuration, path.slice(CONFIGURATION.length + 1));
    return { proof, config };
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

function refuseFilled(folder: string): void {
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new OperatorError(
      `${folder} is not empty; nothing was changed. Restore into a new folder, or move what is there away first`,
      { zh: `${folder} 不是空的，没有改动；请恢复到新的文件夹，或先移走其中的内容` },
    );
}

async function move(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await rm(to, { recursive: true, force: true });
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EXDEV") throw error;
    await cp(from, to, { recursive: true, preserveTimestamps: true });
  }
}
