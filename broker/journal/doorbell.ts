/**
 * What the writer of the embedded journal says beside its segments, after every commit: which of them there are, and the newest
 * number. It spares readers listing the folder and asking a segment that has nothing new. It is a hint and may be old: after
 * a crash between a commit and its ring, readers find what is new by looking.
 */
import { closeSync, openSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";

/** Readers watch it. */
export const DOORBELL = "doorbell";

const NUMBER_DIGITS = 15;
const TEXT = /^(\d{15} \d{15}) (\d{15})$/;
const TEXT_BYTES = 3 * NUMBER_DIGITS + 2;

export interface Rung {
  /** Another text means other segments. */
  readonly segments: string;
  readonly last: number;
}

export class DoorbellWriter {
  readonly #file: number;

  constructor(folder: string) {
    // Empty until it is rung: readers look for themselves meanwhile.
    this.#file = openSync(join(folder, DOORBELL), "w");
  }

  /** The first numbers of the oldest and the newest segment, and the newest number of all. */
  ring(oldest: number, newest: number, last: number): void {
    const text = [oldest, newest, last].map((each) => String(each).padStart(NUMBER_DIGITS, "0")).join(" ");
    try {
      writeSync(this.#file, text, 0);
    } catch {
      // A disk without room for it: readers look by themselves, a little later.
    }
  }

  close(): void {
    closeSync(this.#file);
  }
}

export class DoorbellReader {
  readonly #path: string;
  readonly #buffer = Buffer.alloc(TEXT_BYTES + 1);
  #file: number | undefined;

  constructor(folder: string) {
    this.#path = join(folder, DOORBELL);
  }

  /** Undefined when nobody has rung, or somebody of an older version did: look for yourself. */
  read(): Rung | undefined {
    try {
      this.#file ??= openSync(this.#path, "r");
      const bytes = readSync(this.#file, this.#buffer, 0, this.#buffer.length, 0);
      const [, segments, last] = TEXT.exec(this.#buffer.toString("latin1", 0, bytes)) ?? [];
      return segments === undefined ? undefined : { segments, last: Number(last) };
    } catch {
      return undefined;
    }
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }
}
