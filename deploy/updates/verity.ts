/**
 * The root of a dm-verity tree of hash type 1: SHA-256 over the salt and 4,096 bytes, of the data first, then of the blocks
 * that the hashes make, until there is one (Linux, Documentation/admin-guide/device-mapper/verity.rst).
 */
import { createHash } from "node:crypto";

export const BLOCK_BYTES = 4_096;

export class VerityRoot {
  readonly #salt: Buffer;
  #rest: Buffer = Buffer.alloc(0);
  #hashes: Buffer[] = [];

  /** `salt`: hex. */
  constructor(salt: string) {
    this.#salt = Buffer.from(salt, "hex");
  }

  /** The next bytes of the data, in order. */
  add(bytes: Buffer): void {
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const whole = all.length - (all.length % BLOCK_BYTES);
    for (let at = 0; at < whole; at += BLOCK_BYTES)
      this.#hashes.push(this.#hash(all.subarray(at, at + BLOCK_BYTES)));
    this.#rest = Buffer.from(all.subarray(whole));
  }

  /** Hex; undefined where the data were no whole blocks. */
  root(): string | undefined {
    if (this.#rest.length > 0) return undefined;
    let level = this.#hashes;
    while (level.length > 1) level = this.#above(Buffer.concat(level));
    return level[0]?.toString("hex");
  }

  #above(hashes: Buffer): Buffer[] {
    const above: Buffer[] = [];
    for (let at = 0; at < hashes.length; at += BLOCK_BYTES) {
      const block = Buffer.alloc(BLOCK_BYTES);
      hashes.copy(block, 0, at, at + BLOCK_BYTES);
      above.push(this.#hash(block));
    }
    return above;
  }

  #hash(block: Buffer): Buffer {
    return createHash("sha256").update(this.#salt).update(block).digest();
  }
}
