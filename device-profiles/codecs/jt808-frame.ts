/**
 * Frames of JT/T 808 (terminal ↔ platform of road vehicles), editions 2013 and 2019: flags and escapes, check code,
 * header. JT/T 808-2019, 4.4; the edition is told by bit 14 of the message's attributes.
 */
export interface Jt808Frame {
  readonly message: number;
  readonly edition: 2013 | 2019;
  /** 12 digits in 2013, 20 in 2019, filled up with zeros on the left. */
  readonly phone: string;
  /** 0 to 65535, counts up. */
  readonly serial: number;
  /** Which part of a longer message this is; `number` begins with 1. */
  readonly part?: { readonly total: number; readonly number: number };
  readonly body: Uint8Array;
}

export class Jt808FrameError extends Error {
  override readonly name = "Jt808FrameError";
}

const FLAG = 0x7e;
const ESCAPE = 0x7d;
/** The length has ten bits. */
export const BODY_BYTES_MAX = 1_023;
/** Header of 2019 with part, body, check code: before escaping. */
const FRAME_BYTES_MAX = 21 + BODY_BYTES_MAX + 1;
/** Every byte may be escaped. */
const ESCAPED_BYTES_MAX = FRAME_BYTES_MAX * 2;

const PART_BIT = 1 << 13;
const EDITION_BIT = 1 << 14;
const ENCRYPTION_BITS = 0x7 << 10;
/** “Each key revision counts up; the first is 1” (2019, table 2). */
const REVISION = 1;

/** Throws {@link RangeError} when the body is longer than {@link BODY_BYTES_MAX}: the sender splits it. */
export function encodeFrame({ body, edition, message, part, phone, serial }: Jt808Frame): Uint8Array {
  if (body.length > BODY_BYTES_MAX) throw new RangeError(`a body of ${body.length} bytes does not fit`);
  const attributes = body.length | (part === undefined ? 0 : PART_BIT) | (edition === 2019 ? EDITION_BIT : 0);
  const plain = [
    ...word(message),
    ...word(attributes),
    ...(edition === 2019 ? [REVISION] : []),
    ...encodeBcd(phone, edition === 2019 ? 10 : 6),
    ...word(serial),
    ...(part === undefined ? [] : [...word(part.total), ...word(part.number)]),
    ...body,
  ];
  plain.push(checkCode(plain));
  const escaped = plain.flatMap((byte) => {
    if (byte === FLAG) return [ESCAPE, 2];
    return byte === ESCAPE ? [ESCAPE, 1] : [byte];
  });
  return Uint8Array.from([FLAG, ...escaped, FLAG]);
}

/** What stands between two flags. Throws {@link Jt808FrameError}. */
export function decodeFrame(escaped: Uint8Array): Jt808Frame {
  const bytes = unescaped(escaped);
  const plain = bytes.subarray(0, -1);
  if (plain.length < 12)
    throw new Jt808FrameError(`a frame of ${bytes.length} bytes has no room for a header`);
  if (checkCode(plain) !== bytes.at(-1)) throw new Jt808FrameError("the check code does not match");
  const view = new DataView(plain.buffer, plain.byteOffset, plain.byteLength);
  const attributes = view.getUint16(2);
  if ((attributes & ENCRYPTION_BITS) !== 0) throw new Jt808FrameError("the body is encrypted");
  const edition = (attributes & EDITION_BIT) === 0 ? 2013 : 2019;
  const phoneAt = edition === 2019 ? 5 : 4;
  const serialAt = phoneAt + (edition === 2019 ? 10 : 6);
  const isPart = (attributes & PART_BIT) !== 0;
  const bodyAt = serialAt + (isPart ? 6 : 2);
  if (plain.length !== bodyAt + (attributes & BODY_BYTES_MAX)) {
    throw new Jt808FrameError(
      `a body of ${attributes & BODY_BYTES_MAX} bytes is told, and ${plain.length - bodyAt} have come`,
    );
  }
  const head = {
    message: view.getUint16(0),
    edition,
    phone: decodeBcd(plain.subarray(phoneAt, serialAt)),
    serial: view.getUint16(serialAt),
    body: plain.slice(bodyAt),
  } as const;
  if (!isPart) return head;
  const part = { total: view.getUint16(serialAt + 2), number: view.getUint16(serialAt + 4) };
  if (part.number < 1 || part.number > part.total) {
    throw new Jt808FrameError(`part ${part.number} of ${part.total}`);
  }
  return { ...head, part };
}

/**
 * Cuts what arrives, in pieces of any size, into frames. What is none is left out and counted: the next flag begins
 * anew, so noise costs the frames that it touched and no other.
 */
export class Jt808Splitter {
  #held: number[] = [];
  /** Between two flags; noise before the first one is no frame. */
  #inside = false;
  #bad = 0;

  /** Pieces that were no frame. */
  get bad(): number {
    return this.#bad;
  }

  push(bytes: Uint8Array): readonly Jt808Frame[] {
    const frames: Jt808Frame[] = [];
    for (const byte of bytes) {
      if (byte !== FLAG) {
        this.#hold(byte);
        continue;
      }
      // A flag ends one frame and may at once begin the next; two in a row are both.
      if (this.#inside && this.#held.length > 0) {
        const frame = this.#read();
        if (frame !== undefined) frames.push(frame);
      }
      this.#held = [];
      this.#inside = true;
    }
    return frames;
  }

  #hold(byte: number): void {
    if (!this.#inside) {
      if (this.#held.length === 0) this.#bad += 1;
      this.#held = [byte];
      return;
    }
    this.#held.push(byte);
    if (this.#held.length <= ESCAPED_BYTES_MAX) return;
    this.#bad += 1;
    this.#inside = false;
  }

  #read(): Jt808Frame | undefined {
    try {
      return decodeFrame(Uint8Array.from(this.#held));
    } catch (error) {
      if (!(error instanceof Jt808FrameError)) throw error;
      this.#bad += 1;
      return undefined;
    }
  }
}

/** The phone number without the zeros it was filled up with: the same in both editions. */
export const canonicalPhone = (digits: string): string => digits.replace(/^0+(?=\d)/, "");

/** A nibble that is no digit is kept as hex, so that a strange number is still a name. */
function decodeBcd(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function encodeBcd(digits: string, length: number): readonly number[] {
  const padded = digits.padStart(length * 2, "0").slice(-length * 2);
  return Array.from({ length }, (_, index) => Number.parseInt(padded.slice(index * 2, index * 2 + 2), 16));
}

function unescaped(escaped: Uint8Array): Uint8Array {
  const bytes: number[] = [];
  for (let at = 0; at < escaped.length; at += 1) {
    const byte = escaped[at] ?? 0;
    if (byte !== ESCAPE) {
      bytes.push(byte);
      continue;
    }
    at += 1;
    const mark = escaped[at];
    if (mark !== 1 && mark !== 2) throw new Jt808FrameError("an escape that escapes nothing");
    bytes.push(mark === 1 ? ESCAPE : FLAG);
  }
  return Uint8Array.from(bytes);
}

/** Exclusive or of header and body (4.4.4). */
const checkCode = (bytes: Iterable<number>): number => {
  let code = 0;
  for (const byte of bytes) code ^= byte;
  return code;
};

const word = (value: number): readonly number[] => [(value >> 8) & 0xff, value & 0xff];
