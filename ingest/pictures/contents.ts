/** Where the pictures themselves are, by names that say what is in them. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

export interface PictureContents {
  /** On the disk when it returns, or once the promise resolves; one that rejects is never kept. Throws when there is no room. */
  put(name: string, data: Uint8Array): void | Promise<void>;
  /** Undefined when it is not there, or no longer. */
  get(name: string): Promise<Buffer | undefined>;
  /** Removes all that is called otherwise. */
  keep(names: readonly string[]): void | Promise<void>;
}

/** A folder of this machine. */
export class PictureFolder implements PictureContents {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  /** On the disk under its name, or not at all. */
  put(name: string, data: Uint8Array): void {
    const file = join(this.#folder, name);
    if (existsSync(file)) return;
    const pending = `${file}.new`;
    const handle = openSync(pending, "w", 0o600);
    try {
      writeSync(handle, data);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(pending, file);
    const folder = openSync(this.#folder, "r");
    fsyncSync(folder);
    closeSync(folder);
  }

  get(name: string): Promise<Buffer | undefined> {
    return readFile(join(this.#folder, name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    });
  }

  keep(names: readonly string[]): void {
    const kept = new Set(names);
    for (const file of readdirSync(this.#folder))
      if (!kept.has(file)) rmSync(join(this.#folder, file), { force: true });
  }
}
