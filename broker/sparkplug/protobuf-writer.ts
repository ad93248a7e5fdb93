/**
 * Writes the protobuf wire format into one buffer that grows and is used again.
 *
 * A message inside a message is written in one pass: {@link ProtobufWriter.begin} leaves one byte for its length, and
 * {@link ProtobufWriter.end} fills it in, moving the message up only when it turned out longer than 127 bytes.
 */

const INITIAL_BYTES = 4096;
/** A buffer that one exceptional payload made larger than this is let go. */
const KEPT_BYTES_MAX = 1024 * 1024;

const TWO_32 = 2 ** 32;
const SHORT_STRING_CHARS_MAX = 48;
const encoder = new TextEncoder();

export class ProtobufWriter {
  #bytes = new Uint8Array(INITIAL_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  reset(): void {
    if (this.#bytes.length > KEPT_BYTES_MAX) this.#grow(INITIAL_BYTES);
    this.#length = 0;
  }

  /** A copy of what was written. */
  result(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #grow(capacity: number): void {
    const bytes = new Uint8Array(capacity);
    bytes.set(this.#bytes.subarray(0, Math.min(this.#length, capacity)));
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }

  #reserve(size: number): number {
    const at = this.#length;
    if (at + size > this.#bytes.length) this.#grow(Math.max(this.#bytes.length * 2, at + size));
    return at;
  }

  /** A varint of 32 bits, unsigned; a negative number goes as its two's complement. Tags too. */
  uint32(value: number): void {
    let at = this.#reserve(5);
    let rest = value >>> 0;
    while (rest > 0x7f) {
      this.#bytes[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#bytes[at++] = rest;
    this.#length = at;
  }

  /** A varint of 64 bits; a negative value goes as its two's complement. A number must be a safe integer. */
  uint64(value: number | bigint): void {
    if (typeof value === "bigint") {
      const bits = BigInt.asUintN(64, value);
      this.#varint(Number(bits & 0xffff_ffffn), Number(bits >> 32n));
    } else if (value >= 0 && value < TWO_32) {
      this.uint32(value);
    } else {
      this.#varint(value >>> 0, Math.floor(value / TWO_32) >>> 0);
    }
  }

  #varint(low: number, high: number): void {
    let at = this.#reserve(10);
    let lower = low;
    let upper = high;
    while (upper > 0) {
      this.#bytes[at++] = (lower & 0x7f) | 0x80;
      lower = ((lower >>> 7) | (upper << 25)) >>> 0;
      upper >>>= 7;
    }
    while (lower > 0x7f) {
      this.#bytes[at++] = (lower & 0x7f) | 0x80;
      lower >>>= 7;
    }
    this.#bytes[at++] = lower;
    this.#length = at;
  }

  float(value: number): void {
    const at = this.#reserve(4);
    this.#view.setFloat32(at, value, true);
    this.#length = at + 4;
  }

  double(value: number): void {
    const at = this.#reserve(8);
    this.#view.setFloat64(at, value, true);
    this.#length = at + 8;
  }

  /** A length and UTF-8. */
  string(text: string): void {
    if (text.length <= SHORT_STRING_CHARS_MAX && this.#ascii(text)) return;
    const start = this.begin();
    const at = this.#reserve(text.length * 3);
    this.#length = at + encoder.encodeInto(text, this.#bytes.subarray(at)).written;
    this.end(start);
  }

  /** Writes a text of at most 127 ASCII characters; says false, and writes nothing, when it is not. */
  #ascii(text: string): boolean {
    const size = text.length;
    const start = this.#reserve(size + 1);
    this.#bytes[start] = size;
    for (let index = 0, at = start + 1; index < size; index += 1, at += 1) {
      const code = text.charCodeAt(index);
      if (code > 0x7f) return false;
      this.#bytes[at] = code;
    }
    this.#length = start + 1 + size;
    return true;
  }

  /** A length and bytes. */
  bytes(value: Uint8Array): void {
    this.uint32(value.length);
    const at = this.#reserve(value.length);
    this.#bytes.set(value, at);
    this.#length = at + value.length;
  }

  /** Opens a length-delimited field; what it returns belongs to {@link end}. */
  begin(): number {
    const at = this.#reserve(1);
    this.#length = at + 1;
    return this.#length;
  }

  end(start: number): void {
    const size = this.#length - start;
    if (size <= 0x7f) {
      this.#bytes[start - 1] = size;
      return;
    }
    const extra = size < 1 << 14 ? 1 : size < 1 << 21 ? 2 : size < 1 << 28 ? 3 : 4;
    this.#reserve(extra);
    this.#bytes.copyWithin(start + extra, start, this.#length);
    const length = this.#length + extra;
    this.#length = start - 1;
    this.uint32(size);
    this.#length = length;
  }
}
