/** A log file that never grows beyond its bounds: when full it is renamed to `.1`, `.1` to `.2`, and the last is gone. */
import { closeSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";

export const LOG_FILE_BYTES_MAX = 16 * 1024 * 1024;
/** Files kept beside the one being written. */
export const LOG_FILES_KEPT = 4;

export interface RotatingFileOptions {
  readonly bytesMax?: number;
  readonly kept?: number;
}

export class RotatingFile {
  /** Lines that could not be written, because the disk was full or worse. */
  dropped = 0;
  readonly #path: string;
  readonly #bytesMax: number;
  readonly #kept: number;
  #descriptor: number | undefined;
  #bytes = 0;

  constructor(
    path: string,
    { bytesMax = LOG_FILE_BYTES_MAX, kept = LOG_FILES_KEPT }: RotatingFileOptions = {},
  ) {
    this.#path = path;
    this.#bytesMax = bytesMax;
    this.#kept = kept;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  }

  /** Never throws: a log that cannot be written must not stop what it is a log of. */
  writeLine(line: string): void {
    const bytes = Buffer.from(`${line}\n`, "utf8");
    try {
      this.#open();
      if (this.#bytes > 0 && this.#bytes + bytes.length > this.#bytesMax) this.#rotate();
      if (this.#descriptor !== undefined) writeSync(this.#descriptor, bytes);
      this.#bytes += bytes.length;
    } catch {
      this.dropped += 1;
    }
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #open(): void {
    if (this.#descriptor !== undefined) return;
    this.#descriptor = openSync(this.#path, "a", 0o600);
    this.#bytes = fstatSync(this.#descriptor).size;
  }

  #rotate(): void {
    this.close();
    rmSync(`${this.#path}.${this.#kept}`, { force: true });
    for (let index = this.#kept - 1; index >= 0; index -= 1) {
      const from = index === 0 ? this.#path : `${this.#path}.${index}`;
      try {
        renameSync(from, `${this.#path}.${index + 1}`);
      } catch (error) {
        // The older ones need not exist yet.
        if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      }
    }
    this.#open();
  }
}
