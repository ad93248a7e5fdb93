/** Points that an engine refuses to take, kept in a file for a person to look at. */
import { appendFileSync, mkdirSync, renameSync, statSync } from "node:fs";
import { dirname } from "node:path";

/** Beyond it the file becomes the older one of two, and what was in that is gone. */
export const REJECTED_BYTES_MAX = 4 * 1024 * 1024;

export class RejectedPoints {
  readonly #file: string;
  #count = 0;

  constructor(file: string) {
    this.#file = file;
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  }

  /** Since this was made. */
  get count(): number {
    return this.#count;
  }

  /** One line each, with the engine's reason after `#`. */
  add(line: string, reason: string): void {
    this.#count += 1;
    if (sizeOf(this.#file) >= REJECTED_BYTES_MAX) renameSync(this.#file, `${this.#file}.1`);
    appendFileSync(this.#file, `${line} # ${reason.replaceAll(/\s+/g, " ").slice(0, 512)}\n`, {
      mode: 0o600,
    });
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
