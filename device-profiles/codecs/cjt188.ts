/**
 * Frames of Chinese water, heat and gas meters. CJ/T 188-2004, chapter 4: link layer, and its table of codes.
 *
 * Much as DL/T 645, with the kind of meter before the address, addresses of seven bytes, data as they are, and a serial
 * number with which each answer names its question.
 */

import { bcdDigits, encodeDigits } from "./dlt645.ts";
import { FrameSplitter } from "./frame-splitter.ts";

export interface Cjt188Frame {
  /** 0x10 to 0x19 water, 0x20 to 0x29 heat, 0x30 to 0x39 gas; of a question, 0xAA asks whatever kind there is. */
  readonly meterType: number;
  /** Fourteen digits: the maker's four and the ten on the plate; `A` in place of a digit asks whatever stands there. */
  readonly address: string;
  readonly control: number;
  readonly data: Uint8Array;
}

/** The one meter on the line, whatever its address. */
export const ANY_CJT188_ADDRESS = "AAAAAAAAAAAAAA";
export const CJT188_ADDRESS_DIGITS = 14;

/** What is asked, in the low six bits of the control code. */
export const READ_METER = 0x01;
export const READ_METER_ADDRESS = 0x03;
/** Set in everything a meter says; and in an answer that refuses. */
export const FROM_CJT188_METER = 0x80;
export const CJT188_REFUSED = 0x40;

/** What a meter measures, with its clock and its state: the one thing that every meter can be asked for. */
export const READING = 0x901f;

const MARK = 0x68;
const END = 0x16;
const WAKE_UP = 0xfe;
const WAKE_UP_BYTES = 4;
const ADDRESS_BYTES = CJT188_ADDRESS_DIGITS / 2;
const HEADER_BYTES = 11;
/** Checksum and end mark. */
const TRAILER_BYTES = 2;
/** Identifier and serial number. */
const QUESTION_BYTES = 3;
/** 4.3.5: 100 in reading; a length byte beyond it is noise. */
export const CJT188_DATA_BYTES_MAX = 100;

/** The bytes of a frame, the preamble that wakes sleeping receivers before it. */
export function encodeCjt188({ address, control, data, meterType }: Cjt188Frame): Uint8Array {
  const frame = Uint8Array.of(
    MARK,
    meterType,
    ...encodeDigits(address, ADDRESS_BYTES),
    control,
    data.length,
    ...data,
  );
  return Uint8Array.of(...new Array<number>(WAKE_UP_BYTES).fill(WAKE_UP), ...frame, sum(frame), END);
}

/** Cuts what is heard, in pieces of any size, into frames; noise and frames with a wrong checksum are passed over. */
export class Cjt188Splitter extends FrameSplitter<Cjt188Frame> {
  constructor() {
    super({ lengthOf: frameLength, parse: parseFrame });
  }
}

/**
 * An identifier and a serial number, and what follows them. The standard sends the identifier's low byte first, and many
 * meters know it the other way round alone: an answer may have either, and a question is asked as `highFirst` says.
 */
export function encodeCjt188Question(identifier: number, serial: number, highFirst = false): Uint8Array {
  const bytes = [identifier & 0xff, identifier >>> 8];
  return Uint8Array.of(...(highFirst ? bytes.toReversed() : bytes), serial);
}

/** Undefined where the data are too short, or of another identifier. */
export function answerTo(
  identifier: number,
  data: Uint8Array,
): { readonly serial: number; readonly value: Uint8Array } | undefined {
  const [a = 0, b = 0, serial = 0] = data;
  const isIt = a + b * 256 === identifier || b + a * 256 === identifier;
  return data.length < QUESTION_BYTES || !isIt ? undefined : { serial, value: data.slice(QUESTION_BYTES) };
}

/** Seconds first, the century last: `31 01 22 11 05 15 20` is 2015-05-11 22:01:31. As BCD, year first, two digits. */
export function clockOf(bytes: Uint8Array): Uint8Array {
  return bytes.slice(0, 6).toReversed();
}

/** Of the frame that `bytes` may begin with; undefined when they begin none. */
function frameLength(bytes: Uint8Array): number | undefined {
  if (bytes[0] !== MARK) return undefined;
  // No second mark follows: that an address has digits alone tells a beginning from noise.
  if (!bytes.subarray(2, 2 + ADDRESS_BYTES).every(isAddressByte)) return undefined;
  if (bytes.length < HEADER_BYTES) return HEADER_BYTES;
  const data = bytes[HEADER_BYTES - 1] ?? 0;
  return data > CJT188_DATA_BYTES_MAX ? undefined : HEADER_BYTES + data + TRAILER_BYTES;
}

function parseFrame(bytes: Uint8Array): Cjt188Frame | undefined {
  const body = bytes.subarray(0, -TRAILER_BYTES);
  if (bytes.length < HEADER_BYTES + TRAILER_BYTES) return undefined;
  if (bytes.at(-1) !== END || bytes.at(-2) !== sum(body)) return undefined;
  const [, meterType = 0] = bytes;
  const plate = bytes.subarray(2, 2 + ADDRESS_BYTES);
  return {
    meterType,
    address: bcdDigits(plate) ?? hexDigits(plate),
    control: bytes[HEADER_BYTES - 2] ?? 0,
    data: body.slice(HEADER_BYTES),
  };
}

const WILDCARD = 0xaa;
const isAddressByte = (byte: number): boolean => byte === WILDCARD || (byte >> 4 < 10 && (byte & 15) < 10);

const hexDigits = (bytes: Uint8Array): string =>
  [...bytes]
    .toReversed()
    .map((byte) => byte.toString(16).padStart(2, "0").toUpperCase())
    .join("");

function sum(bytes: Uint8Array): number {
  let total = 0;
  for (const byte of bytes) total += byte;
  return total & 0xff;
}
