/** Pieces of a build that are made once: a file by what it was made from. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

const KEY_DIGITS = 16;

export class Cache {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  /**
   * The path of `<name>-<hash of made from>.<ending>`, which `make` writes where it is not there. Older ones of that name are removed; one that was
   * cut short is never taken for whole.
   */
  file(name: string, ending: string, madeFrom: unknown, make: (to: string) => void): string {
    const key = createHash("sha256").update(JSON.stringify(madeFrom)).digest("hex").slice(0, KEY_DIGITS);
    const path = join(this.#folder, `${name}-${key}.${ending}`);
    if (existsSync(path)) return path;
    const begun = join(this.#folder, `.${name}-${key}.${process.pid}`);
    try {
      make(begun);
      for (const each of readdirSync(this.#folder))
        if (each.startsWith(`${name}-`) && each.endsWith(`.${ending}`)) rmSync(join(this.#folder, each));
      renameSync(begun, path);
    } finally {
      rmSync(begun, { recursive: true, force: true });
    }
    return path;
  }
}
