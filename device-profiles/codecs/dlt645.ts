/**
 * Frames of Chinese electricity meters. DL/T 645-2007, chapter 5: link layer, and 7.1: the codes.
 *
 * On the wire each byte of the data has 0x33 added; numbers are BCD with the lowest digits first. Everything here is
 * as it means: addresses as they stand on the meter's plate, data identifiers as the standard writes them, data without
 * the 0x33.
 */
import { FrameSplitter } from "./frame-splitter.ts";

export interface Dlt645Frame {
  /** Twelve digits as on the meter's plate; `A` in place of a digit asks whatever stands there. */
  readonly address: string;
  readonly control: number;
  readonly data: Uint8Array;
}

/** Every meter takes it and none answers. 5.2.3 */
export const BROADCAST_ADDRESS = "999999999999";
/** The one meter on the line, whatever its address. 5.2.3 */
export const ANY_ADDRESS = "AAAAAAAAAAAA";

/** What is asked, in the low five bits of the control code. 7.1 */
export const READ_DATA = 0x11;
export const READ_ADDRESS = 0x13;
/** Set in everything a meter says. 5.2.4 */
export const FROM_METER = 0x80;
/** Set in an answer that refuses; its data are one byte of {@link REFUSALS}. */
export const REFUSED = 0x40;
/** Set in an answer of which more could be had. */
export const MORE_FOLLOWS = 0x20;

/** By bit of the error byte. Appendix B.7 */
export const REFUSALS: readonly string[] = [
  "another error",
  "no such data",
  "wrong password or not authorised",
  "the speed cannot be changed",
  "too many yearly time zones",
  "too many daily periods",
  "too many tariffs",
];
/** The bit of {@link REFUSALS} that says that a meter has no such data. */
export const NO_SUCH_DATA = 1 << 1;

const MARK = 0x68;
const END = 0x16;
const WAKE_UP = 0xfe;
/** Put before a request, so that sleeping receivers wake up. 5.2.1 */
const WAKE_UP_BYTES = 4;
const OFFSET = 0x33;
const ADDRESS_BYTES = 6;
const HEADER_BYTES = 10;
/** Checksum and end mark. */
const TRAILER_BYTES = 2;
const IDENTIFIER_BYTES = 4;
/** 5.2.5: 200 in reading; a length byte beyond it is noise. */
export const DATA_BYTES_MAX = 200;

/** The bytes of a frame, {@link WAKE_UP_BYTES} of preamble before it. */
export function encodeDlt645({ address, control, data }: Dlt645Frame): Uint8Array {
  const frame = Uint8Array.of(
    MARK,
    ...encodeAddress(address),
    MARK,
    control,
    data.length,
    ...data.map(shifted),
  );
  return Uint8Array.of(...new Array<number>(WAKE_UP_BYTES).fill(WAKE_UP), ...frame, sum(frame), END);
}

/** Cuts what is heard, in pieces of any size, into frames; noise and frames with a wrong checksum are passed over. */
export class Dlt645Splitter extends FrameSplitter<Dlt645Frame> {
  constructor() {
    super({ lengthOf: frameLength, parse: parseFrame });
  }
}

/** The data identifier `DI3 DI2 DI1 DI0` as the standard writes it, 0x02010100 for the voltage of phase A. */
export function encodeIdentifier(identifier: number): Uint8Array {
  return Uint8Array.from({ length: IDENTIFIER_BYTES }, (_, index) => (identifier >>> (index * 8)) & 0xff);
}

/** The identifier that data begin with, and what follows it; undefined when they are too short. */
export function splitIdentifier(
  data: Uint8Array,
): { readonly identifier: number; readonly value: Uint8Array } | undefined {
  if (data.length < IDENTIFIER_BYTES) return undefined;
  const [a = 0, b = 0, c = 0, d = 0] = data;
  return { identifier: (a | (b << 8) | (c << 16) | (d << 24)) >>> 0, value: data.slice(IDENTIFIER_BYTES) };
}

/** True when a meter at `address`, which may hold wildcards, is the one that is asked. */
export function isAddressed(asked: string, address: string): boolean {
  return [...asked].every((digit, index) => digit === "A" || digit === address[index]);
}

/** BCD digits, the highest first; undefined when a nibble is no digit, as where all bits are set. */
export function bcdDigits(bytes: Uint8Array): string | undefined {
  const digits = hexDigits(bytes);
  return /^[0-9]*$/.test(digits) ? digits : undefined;
}

export function encodeDigits(digits: string, bytes: number): Uint8Array {
  const padded = digits.padStart(bytes * 2, "0");
  return Uint8Array.from({ length: bytes }, (_, index) => {
    const end = padded.length - index * 2;
    return Number.parseInt(padded.slice(end - 2, end), 16);
  });
}

function encodeAddress(address: string): Uint8Array {
  return encodeDigits(address, ADDRESS_BYTES);
}

function hexDigits(bytes: Uint8Array): string {
  return [...bytes]
    .map((byte) => byte.toString(16).padStart(2, "0").toUpperCase())
    .toReversed()
    .join("");
}

/** Of the frame that `bytes` may begin with; undefined when they begin none. */
function frameLength(bytes: Uint8Array): number | undefined {
  if (bytes[0] !== MARK) return undefined;
  if (bytes.length < HEADER_BYTES) return HEADER_BYTES;
  const data = bytes[HEADER_BYTES - 1] ?? 0;
  if (bytes[ADDRESS_BYTES + 1] !== MARK || data > DATA_BYTES_MAX) return undefined;
  return HEADER_BYTES + data + TRAILER_BYTES;
}

function parseFrame(bytes: Uint8Array): Dlt645Frame | undefined {
  const body = bytes.subarray(0, -TRAILER_BYTES);
  if (bytes.length < HEADER_BYTES + TRAILER_BYTES) return undefined;
  if (bytes.at(-1) !== END || bytes.at(-2) !== sum(body)) return undefined;
  return {
    address: hexDigits(bytes.subarray(1, 1 + ADDRESS_BYTES)),
    control: bytes[ADDRESS_BYTES + 2] ?? 0,
    data: body.slice(HEADER_BYTES).map(unshifted),
  };
}

const shifted = (byte: number): number => (byte + OFFSET) & 0xff;
const unshifted = (byte: number): number => (byte - OFFSET) & 0xff;

function sum(bytes: Uint8Array): number {
  let total = 0;
  for (const byte of bytes) total += byte;
  return total & 0xff;
}
