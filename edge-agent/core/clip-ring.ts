/**
 * The last seconds of a camera's stream, in memory, cut at key pictures: a clip begins with one. What is not asked for is
 * forgotten and was never written anywhere.
 */

/** A clip is from so long before the moment it is about to so long after it. */
export const CLIP_BEFORE_MS = 5_000;
export const CLIP_AFTER_MS = 10_000;
/** An alarm may become known so much later than it happened, and its clip is still there. */
export const RING_MS_MAX = 60_000;
/** Of one camera: 60 s at 2 Mbit/s. Of a stream that brings more, fewer seconds are kept. */
export const RING_BYTES_MAX = 15_000_000;

interface Piece {
  readonly since_ms: number;
  readonly data: Uint8Array[];
  bytes: number;
  until_ms: number;
}

export interface ClipPieces {
  readonly data: readonly Uint8Array[];
  /** Uptime of the first picture. */
  readonly since_ms: number;
  readonly bytes: number;
}

/** All times are uptime, milliseconds. */
export class ClipRing {
  readonly #bytesMax: number;
  readonly #pieces: Piece[] = [];
  #bytes = 0;
  /** Pieces that gave way because the stream brings more than there is room for. */
  overflows = 0;

  constructor(bytes_max = RING_BYTES_MAX) {
    this.#bytesMax = bytes_max;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** When the stream last brought something; undefined when nothing is held. */
  get newest_ms(): number | undefined {
    return this.#pieces.at(-1)?.until_ms;
  }

  /** `key`: it begins with a key picture. What comes before the first of them cannot be decoded, and is dropped. */
  add(data: Uint8Array, key: boolean, now_ms: number): void {
    if (key) this.#pieces.push({ since_ms: now_ms, until_ms: now_ms, data: [], bytes: 0 });
    const last = this.#pieces.at(-1);
    if (last === undefined) return;
    last.data.push(data);
    last.bytes += data.length;
    last.until_ms = now_ms;
    this.#bytes += data.length;
    this.forget(now_ms);
  }

  /** The stream begins anew: what comes next does not follow from what is held. */
  clear(): void {
    this.#pieces.length = 0;
    this.#bytes = 0;
  }

  /** The pieces that a span touches; undefined when none does. */
  between(from_ms: number, to_ms: number): ClipPieces | undefined {
    const found = this.#pieces.filter(({ since_ms, until_ms }) => since_ms <= to_ms && until_ms >= from_ms);
    const [first] = found;
    if (first === undefined) return undefined;
    return {
      data: found.flatMap(({ data }) => data),
      since_ms: first.since_ms,
      bytes: found.reduce((sum, { bytes }) => sum + bytes, 0),
    };
  }

  /** What is older than it may be goes, whether anything comes or not. */
  forget(now_ms: number): void {
    for (;;) {
      const [oldest] = this.#pieces;
      if (oldest === undefined) return;
      const isLate = oldest.until_ms < now_ms - RING_MS_MAX;
      const isFull = this.#bytes > this.#bytesMax;
      if (!isLate && !isFull) return;
      this.#pieces.shift();
      this.#bytes -= oldest.bytes;
      if (isFull) this.overflows += 1;
    }
  }
}
