/**
 * Values as Modbus devices lay them out in 16-bit registers.
 *
 * Modbus says nothing about values wider than one register (Application Protocol V1.1b3, 4.2 is about 16 bits only),
 * so each vendor chose an order. It is named here by the letters of the big-endian bytes: ABCD is the most significant
 * register first, CDAB the least significant register first, BADC and DCBA the same with the bytes of each register
 * swapped.
 */
export type WordOrder = "ABCD" | "CDAB" | "BADC" | "DCBA";

/** A value as `registers` consecutive registers; `decode` gets exactly that many words of 0 to 65535. */
export interface RegisterCodec<T> {
  /** As a register map names it: `int16`, `uint32 CDAB`. */
  readonly name: string;
  readonly registers: number;
  /** True where the registers hold fractions themselves. */
  readonly fractions?: boolean;
  decode(words: readonly number[]): T;
  /** Throws {@link RegisterRangeError} when the value does not fit. */
  encode(value: T): readonly number[];
}

export class RegisterRangeError extends Error {
  override readonly name = "RegisterRangeError";
}

/** 0 to 65535. */
export const uint16 = (): RegisterCodec<number> => integer(1, false, "ABCD");
/** -32768 to 32767, two's complement. */
export const int16 = (): RegisterCodec<number> => integer(1, true, "ABCD");
export const uint32 = (order: WordOrder = "ABCD"): RegisterCodec<number> => integer(2, false, order);
export const int32 = (order: WordOrder = "ABCD"): RegisterCodec<number> => integer(2, true, order);

/**
 * IEEE 754 binary32. What is encoded comes back rounded to 24 bits of precision, and as the shortest decimal that means
 * those bits: a meter that shows 230.2 V is told of with 230.2 and not with 230.1999969482422.
 */
export function float32(order: WordOrder = "ABCD"): RegisterCodec<number> {
  return {
    name: `float32 ${order}`,
    registers: 2,
    fractions: true,
    decode: (words) => shortest(viewOf(words, order).getFloat32(0)),
    encode: (value) => {
      const view = new DataView(new ArrayBuffer(4));
      view.setFloat32(0, value);
      return wordsOf(view, order);
    },
  };
}

/** Of 6 to 9 significant digits, which always suffice. */
function shortest(value: number): number {
  for (let digits = 6; digits < 9; digits += 1) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}

/** ASCII, two characters a register, the first in the high byte, filled up with NUL. Anything else reads as `?`. */
export function ascii(registers: number): RegisterCodec<string> {
  return {
    name: "ASCII",
    registers,
    decode: (words) => {
      let text = "";
      for (const byte of bytesOf(words)) {
        if (byte === 0) break;
        text += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "?";
      }
      return text.trimEnd();
    },
    encode: (text) => {
      if (text.length > registers * 2) {
        throw new RegisterRangeError(`${JSON.stringify(text)} does not fit into ${registers * 2} characters`);
      }
      return Array.from(
        { length: registers },
        (_, index) => (text.charCodeAt(index * 2) || 0) * 256 + (text.charCodeAt(index * 2 + 1) || 0),
      );
    },
  };
}

/**
 * Bytes as lower-case hex, right-aligned: leading zero bytes are padding and left out. The one canonical form of a
 * card's UID, whose own length (4, 7 or 10 bytes) is not told. The empty text is “no bytes”.
 */
export function hexBytes(registers: number): RegisterCodec<string> {
  const digits = registers * 4;
  return {
    name: "bytes, right-aligned",
    registers,
    decode: (words) => {
      const hex = words.map((word) => word.toString(16).padStart(4, "0")).join("");
      return hex.replace(/^(?:00)+/, "");
    },
    encode: (text) => {
      if (!/^(?:[0-9a-fA-F]{2})*$/.test(text) || text.length > digits) {
        throw new RegisterRangeError(`a UID is up to ${digits / 2} bytes in hex`);
      }
      const hex = text.padStart(digits, "0");
      return Array.from({ length: registers }, (_, index) =>
        Number.parseInt(hex.slice(index * 4, index * 4 + 4), 16),
      );
    },
  };
}

function integer(registers: 1 | 2, signed: boolean, order: WordOrder): RegisterCodec<number> {
  const span = 2 ** (registers * 16);
  const [min, max] = signed ? [-span / 2, span / 2 - 1] : [0, span - 1];
  return {
    name: `${signed ? "" : "u"}int${registers * 16}${registers === 1 ? "" : ` ${order}`}`,
    registers,
    decode: (words) => {
      const view = viewOf(words, order);
      const unsigned = registers === 1 ? view.getUint16(0) : view.getUint32(0);
      return signed && unsigned > max ? unsigned - span : unsigned;
    },
    encode: (value) => {
      if (!Number.isInteger(value) || value < min || value > max) {
        throw new RegisterRangeError(`${value} is not an integer from ${min} to ${max}`);
      }
      const view = new DataView(new ArrayBuffer(registers * 2));
      const unsigned = value < 0 ? value + span : value;
      if (registers === 1) view.setUint16(0, unsigned);
      else view.setUint32(0, unsigned);
      return wordsOf(view, order);
    },
  };
}

function viewOf(words: readonly number[], order: WordOrder): DataView {
  const view = new DataView(new ArrayBuffer(words.length * 2));
  reordered(words, order).forEach((word, index) => {
    view.setUint16(index * 2, word);
  });
  return view;
}

function wordsOf(view: DataView, order: WordOrder): readonly number[] {
  const words = Array.from({ length: view.byteLength / 2 }, (_, index) => view.getUint16(index * 2));
  return reordered(words, order);
}

/** Each of the four orders is its own inverse. */
function reordered(words: readonly number[], order: WordOrder): readonly number[] {
  const swapWords = order === "CDAB" || order === "DCBA";
  const swapBytes = order === "BADC" || order === "DCBA";
  const inOrder = swapWords ? words.toReversed() : words;
  return swapBytes ? inOrder.map((word) => ((word & 0xff) << 8) | (word >>> 8)) : inOrder;
}

function* bytesOf(words: readonly number[]): Generator<number> {
  for (const word of words) {
    yield word >>> 8;
    yield word & 0xff;
  }
}
