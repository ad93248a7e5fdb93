/**
 * Frames between a user information transmission device (用户信息传输装置) and a monitoring centre: GB/T 26875.3-2011,
 * clause 6 and 7. Numbers are sent with the least significant byte first.
 */
import type { Timestamp } from "../vocabulary/index.ts";
import { encodeSecondFirstTime, secondFirstTime } from "./china-time.ts";

/** 7.1.5, table 3. */
export const FireCommand = {
  Control: 1,
  Data: 2,
  Confirm: 3,
  Request: 4,
  Answer: 5,
  Deny: 6,
} as const;

export interface Gbt26875Frame {
  /** 0 to 65535, counts up; an answer bears that of what it answers. */
  readonly serial: number;
  /** Main and user version. */
  readonly version: readonly [number, number];
  /** When it was sent, by its sender's clock; undefined for six bytes that are no time. */
  readonly sentAt: Timestamp | undefined;
  /** Twelve hex digits, the most significant first. */
  readonly source: string;
  readonly destination: string;
  readonly command: number;
  /** The application data unit: type, count, objects. Empty in a confirmation. */
  readonly data: Uint8Array;
}

/** 7.1.4. */
export const DATA_BYTES_MAX = 1_024;
const HEAD_BYTES = 27;
const TAIL_BYTES = 3;
const MARK = 0x40;
const END = 0x23;

export function encodeFireFrame(frame: Gbt26875Frame): Uint8Array {
  const { command, data, destination, sentAt, serial, source, version } = frame;
  if (data.length > DATA_BYTES_MAX) throw new RangeError(`${data.length} bytes of data do not fit`);
  const bytes = new Uint8Array(HEAD_BYTES + data.length + TAIL_BYTES);
  const view = new DataView(bytes.buffer);
  bytes.set([MARK, MARK]);
  view.setUint16(2, serial, true);
  bytes.set(version, 4);
  bytes.set(sentAt === undefined ? new Uint8Array(6) : encodeSecondFirstTime(sentAt), 6);
  bytes.set(encodeAddress(source), 12);
  bytes.set(encodeAddress(destination), 18);
  view.setUint16(24, data.length, true);
  bytes[26] = command;
  bytes.set(data, HEAD_BYTES);
  const sumAt = HEAD_BYTES + data.length;
  bytes.set([sum(bytes.subarray(2, sumAt)), END, END], sumAt);
  return bytes;
}

/** Cuts what arrives, in pieces of any size, into frames. What is none is skipped byte by byte, and counted once. */
export class Gbt26875Splitter {
  #held: Uint8Array = new Uint8Array();
  #bad = 0;
  #skipping = false;

  /** Stretches of bytes that were no frame. */
  get bad(): number {
    return this.#bad;
  }

  push(bytes: Uint8Array): readonly Gbt26875Frame[] {
    const held = new Uint8Array(this.#held.length + bytes.length);
    held.set(this.#held);
    held.set(bytes, this.#held.length);
    const frames: Gbt26875Frame[] = [];
    let at = 0;
    while (at < held.length) {
      const rest = held.subarray(at);
      const length = frameLength(rest);
      if (length === "more" && !holdsFrame(rest)) break;
      if (typeof length !== "number") {
        if (!this.#skipping) this.#bad += 1;
        this.#skipping = true;
        at += 1;
        continue;
      }
      frames.push(decode(rest.subarray(0, length)));
      this.#skipping = false;
      at += length;
    }
    // Never more than one frame's bytes: whatever cannot begin one has been skipped.
    this.#held = held.slice(at);
    return frames;
  }
}

/**
 * What looks like the beginning of a long frame may be noise before a short one: a fire alarm behind it must not wait
 * until as many bytes have come as the noise seems to promise.
 */
function holdsFrame(bytes: Uint8Array): boolean {
  for (let at = 1; at < bytes.length; at += 1) {
    if (typeof frameLength(bytes.subarray(at)) === "number") return true;
  }
  return false;
}

/** How many bytes at the beginning are a frame. */
function frameLength(bytes: Uint8Array): number | "more" | "none" {
  if (bytes[0] !== MARK || (bytes.length > 1 && bytes[1] !== MARK)) return "none";
  if (bytes.length < HEAD_BYTES) return "more";
  const data = (bytes[24] ?? 0) + (bytes[25] ?? 0) * 256;
  if (data > DATA_BYTES_MAX) return "none";
  const sumAt = HEAD_BYTES + data;
  if (bytes.length < sumAt + TAIL_BYTES) return "more";
  const isFrame =
    bytes[sumAt] === sum(bytes.subarray(2, sumAt)) && bytes[sumAt + 1] === END && bytes[sumAt + 2] === END;
  return isFrame ? sumAt + TAIL_BYTES : "none";
}

function decode(bytes: Uint8Array): Gbt26875Frame {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    serial: view.getUint16(2, true),
    version: [view.getUint8(4), view.getUint8(5)],
    sentAt: secondFirstTime(bytes.subarray(6, 12)),
    source: decodeAddress(bytes.subarray(12, 18)),
    destination: decodeAddress(bytes.subarray(18, 24)),
    command: view.getUint8(26),
    data: bytes.slice(HEAD_BYTES, -TAIL_BYTES),
  };
}

/** An address as people write it, in twelve hex digits; undefined for what is none. */
export function fireAddress(text: string): string | undefined {
  const digits = text.toLowerCase().replaceAll(/[:-]/g, "");
  return /^[0-9a-f]{1,12}$/.test(digits) ? digits.padStart(12, "0") : undefined;
}

const decodeAddress = (bytes: Uint8Array): string =>
  Array.from(bytes.toReversed(), (byte) => byte.toString(16).padStart(2, "0")).join("");

const encodeAddress = (address: string): Uint8Array =>
  Uint8Array.from({ length: 6 }, (_, index) =>
    Number.parseInt(address.slice(10 - index * 2, 12 - index * 2), 16),
  );

/** Of the control unit and the data, modulo 256 (7.1.7). */
const sum = (bytes: Uint8Array): number => bytes.reduce((total, byte) => (total + byte) & 0xff, 0);
