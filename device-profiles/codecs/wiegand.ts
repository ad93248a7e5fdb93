/**
 * Wiegand formats: how many bits a reader sends, where the facility and the card number stand in them, and which parity
 * guards what. Bit 1 is the first that is sent.
 */

/** Bits from `first` to `last`, counted from 1. */
interface Field {
  readonly first: number;
  readonly last: number;
}

interface Parity {
  readonly bit: number;
  readonly even: boolean;
  readonly over: Field;
}

export interface WiegandFormat {
  readonly name: string;
  readonly bits: number;
  readonly facility?: Field;
  readonly card: Field;
  readonly parity: readonly Parity[];
}

export const WIEGAND_26: WiegandFormat = {
  name: "26-bit (H10301)",
  bits: 26,
  facility: { first: 2, last: 9 },
  card: { first: 10, last: 25 },
  parity: [
    { bit: 1, even: true, over: { first: 2, last: 13 } },
    { bit: 26, even: false, over: { first: 14, last: 25 } },
  ],
};

/** Four bytes between two parities: most Chinese readers send a card's serial number so. */
export const WIEGAND_34: WiegandFormat = {
  name: "34-bit",
  bits: 34,
  facility: { first: 2, last: 17 },
  card: { first: 18, last: 33 },
  parity: [
    { bit: 1, even: true, over: { first: 2, last: 17 } },
    { bit: 34, even: false, over: { first: 18, last: 33 } },
  ],
};

/** The middle bit counts in both parities. */
export const WIEGAND_37: WiegandFormat = {
  name: "37-bit (H10304)",
  bits: 37,
  facility: { first: 2, last: 17 },
  card: { first: 18, last: 36 },
  parity: [
    { bit: 1, even: true, over: { first: 2, last: 19 } },
    { bit: 37, even: false, over: { first: 19, last: 36 } },
  ],
};

export const WIEGAND_FORMATS: readonly WiegandFormat[] = [WIEGAND_26, WIEGAND_34, WIEGAND_37];

export interface WiegandCard {
  readonly facility: number;
  readonly card: number;
}

export class WiegandError extends Error {
  override readonly name = "WiegandError";
}

/** A bit string, `0` and `1`. Throws {@link WiegandError} when its length or a parity is wrong. */
export function decodeWiegand(format: WiegandFormat, bits: string): WiegandCard {
  if (bits.length !== format.bits || !/^[01]+$/.test(bits)) {
    throw new WiegandError(`${bits.length} bits are no ${format.name}`);
  }
  for (const parity of format.parity) {
    if (bits[parity.bit - 1] !== parityOf(parity, bits)) {
      throw new WiegandError(`${format.name}: parity bit ${parity.bit} is wrong`);
    }
  }
  return {
    facility: format.facility === undefined ? 0 : Number.parseInt(slice(bits, format.facility), 2),
    card: Number.parseInt(slice(bits, format.card), 2),
  };
}

/** Throws {@link WiegandError} for a number that the format has no room for. */
export function encodeWiegand(format: WiegandFormat, { card, facility }: WiegandCard): string {
  const bits = Array<string>(format.bits).fill("0");
  write(bits, format.card, card, format.name);
  if (format.facility !== undefined) write(bits, format.facility, facility, format.name);
  for (const parity of format.parity) bits[parity.bit - 1] = parityOf(parity, bits.join(""));
  return bits.join("");
}

/** What stands between the parities. */
export function payloadOf(format: WiegandFormat, bits: string): string {
  return bits.slice(1, format.bits - 1);
}

function parityOf({ even, over }: Parity, bits: string): "0" | "1" {
  const isOdd = [...slice(bits, over)].filter((bit) => bit === "1").length % 2 === 1;
  return isOdd === even ? "1" : "0";
}

const slice = (bits: string, { first, last }: Field): string => bits.slice(first - 1, last);

function write(bits: string[], { first, last }: Field, value: number, name: string): void {
  const width = last - first + 1;
  if (!Number.isSafeInteger(value) || value < 0 || value >= 2 ** width) {
    throw new WiegandError(`${name} has no room for ${value}`);
  }
  bits.splice(first - 1, width, ...value.toString(2).padStart(width, "0"));
}
