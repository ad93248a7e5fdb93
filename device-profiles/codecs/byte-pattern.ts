/**
 * Frames of devices that have a table of bytes for a protocol, as their manuals print them:
 *
 *     AA 11 {id} 01 {value} {sum8:1}        'PWR=' {value:hex2} 0D        BE EF 03 06 00 {crc16be:whole} 02 00 00 60 00 00
 *
 * One pattern both says how a frame is made and recognises one. In it stand:
 *
 * - a byte in hex, or text between single quotes
 * - `??`: any byte; 00 when a frame is made
 * - `{value}`, `{id}`: a byte; with a form behind a colon `u16be`, `u16le`, `u32le`, `dec` (decimal digits, as many as
 *   there are), `dec3` (so many), `hex2` (hex digits, lower case accepted)
 * - a checksum over the bytes from an index to where it stands, `{sum8:1}`, or over the whole frame in which it counts
 *   as zero, `{crc16be:whole}`. Kinds: `sum8`, `neg8` (two's complement of the sum), `xor8`, `or8` (all bits that any
 *   byte has), `crc16le` and `crc16be` (CRC-16/MODBUS)
 */
import { crc16 } from "./modbus-rtu.ts";

export class BytePatternError extends Error {
  override readonly name = "BytePatternError";
}

const FIELDS = ["value", "id"] as const;
type Field = (typeof FIELDS)[number];

type Form =
  | { readonly kind: "u8" | "u16be" | "u16le" | "u32le" }
  | { readonly kind: "dec" | "hex"; readonly digits: number };

const CHECKSUMS = {
  sum8: 1,
  neg8: 1,
  xor8: 1,
  or8: 1,
  crc16le: 2,
  crc16be: 2,
} as const satisfies Record<string, number>;
type ChecksumKind = keyof typeof CHECKSUMS;

type Token =
  | { readonly token: "byte"; readonly byte: number }
  | { readonly token: "any" }
  | { readonly token: "field"; readonly field: Field; readonly form: Form }
  | { readonly token: "checksum"; readonly kind: ChecksumKind; readonly from: number | "whole" };

/** `dec` without a width takes at most so many digits. */
const DIGITS_MAX = 8;
export const PATTERN_BYTES_MAX = 256;

export interface PatternValues {
  readonly value?: number;
  readonly id?: number;
}

export interface PatternMatch extends PatternValues {
  /** Bytes it takes. */
  readonly length: number;
}

export class BytePattern {
  readonly text: string;
  readonly #tokens: readonly Token[];

  /** Throws {@link BytePatternError} with what is wrong. */
  constructor(text: string) {
    this.text = text;
    this.#tokens = tokensOf(text);
  }

  /** True when the frame says a number. */
  get hasValue(): boolean {
    return this.#tokens.some((each) => each.token === "field" && each.field === "value");
  }

  /** Throws {@link BytePatternError} for a number that has no place in it. */
  make(values: PatternValues = {}): Uint8Array {
    const bytes: number[] = [];
    const checksums: { at: number; kind: ChecksumKind; from: number | "whole" }[] = [];
    for (const token of this.#tokens) {
      if (token.token === "byte") bytes.push(token.byte);
      else if (token.token === "any") bytes.push(0);
      else if (token.token === "field") bytes.push(...write(token.form, values[token.field], token.field));
      else {
        checksums.push({ at: bytes.length, kind: token.kind, from: token.from });
        bytes.push(...Array<number>(CHECKSUMS[token.kind]).fill(0));
      }
    }
    const frame = Uint8Array.from(bytes);
    for (const { at, kind, from } of checksums) frame.set(checksumOf(frame, at, kind, from), at);
    return frame;
  }

  /**
   * Whether a frame begins at `at`: what it says, `"short"` when it may once more bytes have come, or undefined. A
   * number in `expected` must be the one in the frame.
   */
  match(bytes: Uint8Array, at: number, expected: PatternValues = {}): PatternMatch | "short" | undefined {
    const found: { value?: number; id?: number } = {};
    const checksums: { at: number; kind: ChecksumKind; from: number | "whole" }[] = [];
    let position = at;
    for (const token of this.#tokens) {
      if (position >= bytes.length) return "short";
      if (token.token === "byte") {
        if (bytes[position] !== token.byte) return undefined;
        position += 1;
      } else if (token.token === "any") position += 1;
      else if (token.token === "checksum") {
        checksums.push({ at: position - at, kind: token.kind, from: token.from });
        position += CHECKSUMS[token.kind];
        if (position > bytes.length) return "short";
      } else {
        const number = read(token.form, bytes, position);
        if (number === "short" || number === undefined) return number;
        const wanted = expected[token.field];
        if (wanted !== undefined && wanted !== number.value) return undefined;
        found[token.field] = number.value;
        position += number.length;
      }
    }
    const frame = bytes.slice(at, position);
    for (const { at: index, kind, from } of checksums) {
      const right = checksumOf(frame, index, kind, from);
      if (right.some((byte, i) => frame[index + i] !== byte)) return undefined;
    }
    return { ...found, length: position - at };
  }
}

function checksumOf(
  frame: Uint8Array,
  at: number,
  kind: ChecksumKind,
  from: number | "whole",
): readonly number[] {
  const zeroed = frame.slice();
  zeroed.fill(0, at, at + CHECKSUMS[kind]);
  const covered = from === "whole" ? zeroed : zeroed.subarray(from, at);
  switch (kind) {
    case "sum8":
      return [sum(covered) & 0xff];
    case "neg8":
      return [-sum(covered) & 0xff];
    case "xor8":
      return [covered.reduce((all, byte) => all ^ byte, 0)];
    case "or8":
      return [covered.reduce((all, byte) => all | byte, 0)];
    case "crc16le":
    case "crc16be": {
      const crc = crc16(covered);
      const bytes = [crc >> 8, crc & 0xff];
      return kind === "crc16be" ? bytes : bytes.toReversed();
    }
  }
}

const sum = (bytes: Uint8Array): number => bytes.reduce((all, byte) => all + byte, 0);

function write(form: Form, value: number | undefined, field: Field): readonly number[] {
  if (value === undefined || !Number.isInteger(value) || value < 0 || value > largest(form)) {
    throw new BytePatternError(`${String(value)} has no place in {${field}}`);
  }
  switch (form.kind) {
    case "u8":
      return [value];
    case "u16be":
      return [value >> 8, value & 0xff];
    case "u16le":
      return [value & 0xff, value >> 8];
    case "u32le":
      return [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24];
    case "dec":
      return charactersOf(value.toString().padStart(form.digits, "0"));
    case "hex":
      return charactersOf(value.toString(16).toUpperCase().padStart(form.digits, "0"));
  }
}

function largest(form: Form): number {
  if (form.kind === "u8") return 0xff;
  if (form.kind === "dec") return 10 ** (form.digits === 0 ? DIGITS_MAX : form.digits) - 1;
  if (form.kind === "u32le") return 0xffff_ffff;
  return form.kind === "hex" ? 16 ** form.digits - 1 : 0xffff;
}

function read(
  form: Form,
  bytes: Uint8Array,
  at: number,
): { readonly value: number; readonly length: number } | "short" | undefined {
  if (form.kind === "u8") return { value: bytes[at] ?? 0, length: 1 };
  if (form.kind === "u32le") {
    if (at + 4 > bytes.length) return "short";
    return { value: new DataView(bytes.buffer, bytes.byteOffset + at, 4).getUint32(0, true), length: 4 };
  }
  if (!("digits" in form)) {
    const [first, second] = bytes.subarray(at, at + 2);
    if (first === undefined || second === undefined) return "short";
    return { value: form.kind === "u16be" ? first * 256 + second : second * 256 + first, length: 2 };
  }
  const isDigit = form.kind === "dec" ? /^[0-9]$/ : /^[0-9a-fA-F]$/;
  const most = form.digits === 0 ? DIGITS_MAX : form.digits;
  let text = "";
  for (const byte of bytes.subarray(at, at + most)) {
    const character = String.fromCharCode(byte);
    if (!isDigit.test(character)) break;
    text += character;
  }
  const ends = at + text.length >= bytes.length;
  if (text.length < most && ends) return "short";
  if (text.length === 0 || (form.digits > 0 && text.length < form.digits)) return undefined;
  return { value: Number.parseInt(text, form.kind === "dec" ? 10 : 16), length: text.length };
}

const charactersOf = (text: string): number[] => [...text].map((character) => character.charCodeAt(0));

const PART = /\s*(?:'([^']*)'|([0-9A-Fa-f]{2})(?![0-9A-Fa-f])|(\?\?)|\{([a-z0-9]+)(?::([a-z0-9]+))?\})/y;

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  PART.lastIndex = 0;
  let at = 0;
  while (at < text.trimEnd().length) {
    PART.lastIndex = at;
    const match = PART.exec(text);
    if (match === null)
      throw new BytePatternError(`“${text}”: “${text.slice(at).trim()}” is no part of a pattern`);
    const [, characters, hex, any, name, detail] = match;
    if (characters !== undefined) {
      tokens.push(...charactersOf(characters).map((byte) => ({ token: "byte" as const, byte })));
    } else if (hex !== undefined) tokens.push({ token: "byte", byte: Number.parseInt(hex, 16) });
    else if (any !== undefined) tokens.push({ token: "any" });
    else tokens.push(named(text, name ?? "", detail));
    at = PART.lastIndex;
  }
  if (tokens.length === 0) throw new BytePatternError("an empty pattern");
  if (tokens.length > PATTERN_BYTES_MAX) throw new BytePatternError(`longer than ${PATTERN_BYTES_MAX} bytes`);
  return tokens;
}

function named(text: string, name: string, detail: string | undefined): Token {
  const field = FIELDS.find((each) => each === name);
  if (field !== undefined) return { token: "field", field, form: formOf(text, detail) };
  if (!Object.hasOwn(CHECKSUMS, name)) {
    const known = [...FIELDS, ...Object.keys(CHECKSUMS)].join(", ");
    throw new BytePatternError(`“${text}”: {${name}} is none of ${known}`);
  }
  const from = detail === "whole" ? detail : Number(detail ?? 0);
  if (from !== "whole" && !Number.isInteger(from)) {
    throw new BytePatternError(`“${text}”: {${name}:${detail}} must name an index or “whole”`);
  }
  return { token: "checksum", kind: name as ChecksumKind, from };
}

function formOf(text: string, form: string | undefined): Form {
  if (form === undefined) return { kind: "u8" };
  if (form === "u16be" || form === "u16le" || form === "u32le") return { kind: form };
  const [, kind, digits] = /^(dec|hex)([1-8])?$/.exec(form) ?? [];
  if ((kind === "dec" || kind === "hex") && (kind === "dec" || digits !== undefined)) {
    return { kind, digits: Number(digits ?? 0) };
  }
  throw new BytePatternError(
    `“${text}”: “${form}” is none of u16be, u16le, u32le, dec, dec1 … dec8, hex1 … hex8`,
  );
}
