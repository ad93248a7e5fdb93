/**
 * A disk that keeps what it was asked to keep, and may forget the rest: writes stay in its cache until a flush, and when
 * the power goes each sector of the cache is kept or forgotten by chance, in whatever order it was written. That is what
 * disks are allowed to do, and more than most do at once.
 */
import type { Random } from "../../testing/random.ts";

/** What is written whole or not at all. */
export const SECTOR_BYTES = 512;

export class ForgetfulDisk {
  readonly bytes: number;
  readonly #kept = new Map<number, Uint8Array>();
  readonly #cached = new Map<number, Uint8Array>();

  /** @throws RangeError unless it is a whole number of sectors */
  constructor(bytes: number) {
    this.bytes = bytes;
    this.#check(0, bytes);
  }

  /** Sectors that were written and never flushed. */
  get unflushed(): number {
    return this.#cached.size;
  }

  read(offset: number, length: number): Buffer {
    this.#check(offset, length);
    const bytes = Buffer.alloc(length);
    for (let at = 0; at < length; at += SECTOR_BYTES) {
      const sector = (offset + at) / SECTOR_BYTES;
      bytes.set(this.#cached.get(sector) ?? this.#kept.get(sector) ?? NOTHING, at);
    }
    return bytes;
  }

  write(offset: number, bytes: Uint8Array): void {
    this.#check(offset, bytes.length);
    for (let at = 0; at < bytes.length; at += SECTOR_BYTES)
      this.#cached.set((offset + at) / SECTOR_BYTES, Uint8Array.from(bytes.subarray(at, at + SECTOR_BYTES)));
  }

  /** What was written until now outlives any cut. */
  flush(): void {
    for (const [sector, bytes] of this.#cached) this.#kept.set(sector, bytes);
    this.#cached.clear();
  }

  /** The power goes: how many sectors were forgotten. How forgetful it is changes from cut to cut. */
  cut(chance: Random): number {
    const forgets = chance();
    let forgotten = 0;
    for (const [sector, bytes] of this.#cached) {
      if (chance() < forgets) forgotten += 1;
      else this.#kept.set(sector, bytes);
    }
    this.#cached.clear();
    return forgotten;
  }

  #check(offset: number, length: number): void {
    if (offset % SECTOR_BYTES !== 0 || length % SECTOR_BYTES !== 0)
      throw new RangeError(`${offset} and ${length} are no whole sectors`);
    if (offset < 0 || length < 0 || offset + length > this.bytes)
      throw new RangeError(`${offset} and ${length} are not on a disk of ${this.bytes} bytes`);
  }
}

const NOTHING = new Uint8Array(SECTOR_BYTES);
