/**
 * Passwords that are known to be in the lists of attackers, from a file on the hub's own disk: nothing of a password leaves the
 * machine. The file is the one that Have I Been Pwned gives away as "Pwned Passwords, SHA-1, ordered by hash": a line each,
 * forty hexadecimal digits, a colon and how often it was seen. It is tens of gigabytes, so it is searched where it lies.
 */
import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";

const HASH_DIGITS = 40;
/** A line is 42 to 55 bytes: this much holds a whole one wherever it begins. */
const PIECE_BYTES = 256;
/** Halving 2^64 bytes down to a line. */
const STEPS_MAX = 64;
const LINE = /^([0-9A-F]{40})(?::\d+)?\r?$/i;

/** The file is not what it should be; the text says what to do. */
export class LeakedPasswordsError extends Error {
  override readonly name = "LeakedPasswordsError";
}

export class LeakedPasswords {
  readonly #path: string;

  /** The file is opened for each question: it may be replaced by a newer one meanwhile. */
  constructor(path: string) {
    this.#path = path;
  }

  /** True when the password is in the file. Rejects with a {@link LeakedPasswordsError}. */
  async has(password: string): Promise<boolean> {
    const wanted = createHash("sha1").update(password).digest("hex").toUpperCase();
    let file: FileHandle;
    try {
      file = await open(this.#path, "r");
    } catch (error) {
      throw new LeakedPasswordsError(
        `${this.#path}: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
    try {
      return await this.#search(file, wanted);
    } finally {
      await file.close();
    }
  }

  /** The first line that begins at or after `from` and is not less than wanted lies between `from` and `to`. */
  async #search(file: FileHandle, wanted: string): Promise<boolean> {
    let from = 0;
    let to = (await file.stat()).size;
    for (let step = 0; step < STEPS_MAX && to - from > PIECE_BYTES; step += 1) {
      const middle = Math.floor((from + to) / 2);
      const [first] = await this.#hashesFrom(file, middle, PIECE_BYTES);
      if (first === undefined || first >= wanted) to = middle;
      else from = middle;
    }
    // Lines that begin before `to` and end after it belong to the piece.
    return (await this.#hashesFrom(file, from, to - from + PIECE_BYTES)).includes(wanted);
  }

  /** Hashes of the lines that begin in the piece of the file and are whole in it. */
  async #hashesFrom(file: FileHandle, at: number, bytes: number): Promise<readonly string[]> {
    // One byte before tells whether a line begins at `at` itself.
    const start = Math.max(0, at - 1);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes + 1), 0, bytes + 1, start);
    const text = buffer.toString("latin1", 0, bytesRead);
    const isEnd = bytesRead <= bytes;
    const lines = text.split("\n");
    if (at > 0) lines.shift();
    if (!isEnd || text.endsWith("\n")) lines.pop();
    return lines.map((line) => {
      const hash = LINE.exec(line)?.[1];
      if (hash?.length !== HASH_DIGITS)
        throw new LeakedPasswordsError(
          `${this.#path}: near byte ${start} is no line of a SHA-1 hash; take the list that is ordered by hash`,
        );
      return hash.toUpperCase();
    });
  }
}
