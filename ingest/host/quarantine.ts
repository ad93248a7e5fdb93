/** Payloads that could not be read, kept for inspection: the newest few, in files of their own. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";

export const QUARANTINE_FILES_MAX = 100;
export const QUARANTINE_FILE_BYTES_MAX = 64 * 1024;

export class Quarantine {
  readonly #folder: string;
  #files: string[];
  #count = 0;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#files = readdirSync(folder).sort();
  }

  /** The first bytes of a payload, with its topic before them. Beyond the bound the oldest goes. */
  add(topic: string, payload: Uint8Array, time: Timestamp): string {
    this.#count += 1;
    const name = `${String(time).padStart(15, "0")}-${String(this.#count % 1_000_000).padStart(6, "0")}`;
    const path = join(this.#folder, name);
    const head = Buffer.from(`${topic.slice(0, 1024)}\n`);
    writeFileSync(path, Buffer.concat([head, payload.subarray(0, QUARANTINE_FILE_BYTES_MAX)]), {
      mode: 0o600,
    });
    this.#files.push(name);
    while (this.#files.length > QUARANTINE_FILES_MAX) {
      const oldest = this.#files.shift();
      if (oldest !== undefined) rmSync(join(this.#folder, oldest), { force: true });
    }
    return path;
  }
}
