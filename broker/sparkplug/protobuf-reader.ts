/**
 * Reads the protobuf wire format from one byte array, forwards, without copying it.
 *
 * Reading past the end or finding something that protobuf does not allow throws {@link DecodeFailure}, which never
 * leaves the codec: `decodePayload` turns it into a value. A message inside a message is read up to its own end, and
 * its reader checks with {@link ProtobufReader.finish} that the last field did not cross it.
 */

import { NameTable } from "./name-table.ts";

/** What was wrong with the bytes, and where. */
export interface DecodeError {
  readonly kind: DecodeErrorKind;
  /** Bytes from the beginning of the payload. */
  readonly offset: number;
  readonly message: string;
}

export type DecodeErrorKind =
  /** The bytes end, or a message inside ends, in the middle of a field. */
  | "truncated"
  /** A field number or a wire type that protobuf does not have. */
  | "invalid-tag"
  /** A varint of more than ten bytes. */
  | "invalid-varint"
  | "invalid-utf8"
  /** A timestamp or alias that a number cannot hold exactly. */
  | "out-of-range"
  /** A data set whose columns, types and rows do not fit each other. */
  | "invalid-dataset"
  /** A property set with more keys than values, or fewer. */
  | "invalid-properties"
  | "too-large"
  | "too-deep"
  | "too-many";

export class DecodeFailure extends Error {
  override readonly name = "DecodeFailure";
  readonly kind: DecodeErrorKind;
  readonly offset: number;
  constructor(kind: DecodeErrorKind, offset: number, message: string) {
    super(message);
    this.kind = kind;
    this.offset = offset;
  }
}

export const WireType = {
  Varint: 0,
  Fixed64: 1,
  Delimited: 2,
  StartGroup: 3,
  EndGroup: 4,
  Fixed32: 5,
} as const;

/** A group inside an unknown field may hold groups; nobody sends them, and this many are enough for a hostile one. */
const GROUP_DEPTH_MAX = 8;

const names = new NameTable();

/** Up to this length it is faster to build a string from its ASCII codes than to call the decoder. */
const SHORT_STRING_BYTES_MAX = 48;

const TWO_28 = 2 ** 28;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export class ProtobufReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly length: number;
  position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.length = bytes.length;
  }

  fail(kind: DecodeErrorKind, message: string, offset = this.position): never {
    throw new DecodeFailure(kind, offset, message);
  }

  /** The end of a length-delimited field that begins here. */
  delimited(): number {
    const size = this.uint32();
    const end = this.position + size;
    if (end > this.length) this.fail("truncated", `a field of ${size} bytes is longer than what is left`);
    return end;
  }

  /** To be called when a message has been read up to `end`: its last field must not have crossed it. */
  finish(end: number): void {
    if (this.position !== end) this.fail("truncated", "a field crosses the end of the message it is in", end);
  }

  #next(): number {
    const byte = this.#bytes[this.position];
    if (byte === undefined) this.fail("truncated", "the payload ends in the middle of a field");
    this.position += 1;
    return byte;
  }

  /** A varint cut to 32 bits, as protobuf asks of a longer one in a uint32 field. */
  uint32(): number {
    let byte = this.#next();
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    byte = this.#next();
    value |= (byte & 0x7f) << 7;
    if (byte < 0x80) return value;
    byte = this.#next();
    value |= (byte & 0x7f) << 14;
    if (byte < 0x80) return value;
    byte = this.#next();
    value |= (byte & 0x7f) << 21;
    if (byte < 0x80) return value;
    byte = this.#next();
    value |= (byte & 0x7f) << 28;
    for (let rest = 5; byte >= 0x80; rest -= 1) {
      if (rest === 0) this.fail("invalid-varint", "a number of more than ten bytes");
      byte = this.#next();
    }
    return value >>> 0;
  }

  /** A varint of 64 bits, unsigned: a number where that is exact, and a bigint where it is not. */
  uint64(): number | bigint {
    let byte = this.#next();
    if (byte < 0x80) return byte;
    let low = byte & 0x7f;
    for (let shift = 7; shift < 28; shift += 7) {
      byte = this.#next();
      low |= (byte & 0x7f) << shift;
      if (byte < 0x80) return low;
    }
    let high = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      byte = this.#next();
      high |= (byte & 0x7f) << shift;
      if (byte < 0x80) return exact(low, high, 0);
    }
    let top = 0;
    for (let shift = 0; shift < 14; shift += 7) {
      byte = this.#next();
      top |= (byte & 0x7f) << shift;
      if (byte < 0x80) return exact(low, high, top & 0xff);
    }
    return this.fail("invalid-varint", "a number of more than ten bytes");
  }

  /** A varint of 64 bits that must be exact as a number; `what` says whose it is. */
  safeInteger(what: string): number {
    const start = this.position;
    const value = this.uint64();
    if (typeof value === "bigint") this.fail("out-of-range", `${what} ${value} is beyond 2^53`, start);
    return value;
  }

  bool(): boolean {
    return this.uint64() !== 0;
  }

  float(): number {
    const at = this.#fixed(4);
    return this.#view.getFloat32(at, true);
  }

  double(): number {
    const at = this.#fixed(8);
    return this.#view.getFloat64(at, true);
  }

  #fixed(size: number): number {
    const at = this.position;
    if (at + size > this.length) this.fail("truncated", "the payload ends in the middle of a field");
    this.position = at + size;
    return at;
  }

  string(): string {
    const end = this.delimited();
    const start = this.position;
    this.position = end;
    return this.#text(start, end);
  }

  /** A text that is likely to have come before. */
  name(): string {
    const end = this.delimited();
    const start = this.position;
    this.position = end;
    const known = names.find(this.#bytes, start, end);
    if (known !== undefined) return known;
    const text = this.#text(start, end);
    names.keep(this.#bytes, start, end, text);
    return text;
  }

  #text(start: number, end: number): string {
    if (end - start <= SHORT_STRING_BYTES_MAX) {
      const text = ascii(this.#bytes, start, end);
      if (text !== undefined) return text;
    }
    try {
      return utf8.decode(this.#bytes.subarray(start, end));
    } catch {
      return this.fail("invalid-utf8", "a text that is not UTF-8", start);
    }
  }

  /** A copy, so that a value never keeps the packet it came in alive. */
  bytes(): Uint8Array {
    const end = this.delimited();
    const copy = new Uint8Array(this.#bytes.subarray(this.position, end));
    this.position = end;
    return copy;
  }

  /** Steps over a field that is not known, or that came in a wire type its number does not have. */
  skip(tag: number, depth = 0): void {
    if (tag >>> 3 === 0) this.fail("invalid-tag", "field number 0");
    switch (tag & 7) {
      case WireType.Varint:
        this.uint64();
        return;
      case WireType.Fixed64:
        this.#fixed(8);
        return;
      case WireType.Delimited:
        this.position = this.delimited();
        return;
      case WireType.StartGroup:
        this.#skipGroup(tag, depth);
        return;
      case WireType.Fixed32:
        this.#fixed(4);
        return;
      default:
        this.fail("invalid-tag", `wire type ${tag & 7} where a field should begin`);
    }
  }

  #skipGroup(start: number, depth: number): void {
    if (depth >= GROUP_DEPTH_MAX) this.fail("too-deep", `groups more than ${GROUP_DEPTH_MAX} deep`);
    const end = start + 1;
    for (;;) {
      const tag = this.uint32();
      if (tag === end) return;
      this.skip(tag, depth + 1);
    }
  }
}

function exact(low: number, high: number, top: number): number | bigint {
  if (top === 0 && high < 2 ** 25) return high * TWO_28 + low;
  return (BigInt(top) << 56n) | (BigInt(high) << 28n) | BigInt(low);
}

/** The text when all of it is ASCII. */
function ascii(bytes: Uint8Array, start: number, end: number): string | undefined {
  let text = "";
  for (let at = start; at < end; at += 1) {
    const code = bytes[at];
    if (code === undefined || code >= 0x80) return undefined;
    text += String.fromCharCode(code);
  }
  return text;
}
