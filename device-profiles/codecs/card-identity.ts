/**
 * One card, one name. The same serial number is printed as hex, as reversed hex, or in decimal with its leading zeros
 * lost, and a reader sends it with parity bits around it: all of them become the same bytes, first byte first, in
 * lower-case hex. It is this that a credential is made of, so that a card that was enrolled at a desk is known at a gate.
 */
import {
  decodeWiegand,
  payloadOf,
  WIEGAND_26,
  WIEGAND_34,
  WIEGAND_FORMATS,
  WiegandError,
} from "./wiegand.ts";

/** Bits of a card's number; longer ones are not card numbers. */
export const CARD_BITS_MAX = 512;

/** How a card number is written where people handle it. */
export type CardNotation =
  | "hex"
  /** Last byte first, as readers with a USB keyboard often write it. */
  | "hex-reversed"
  /** Of four bytes, leading zeros present or lost. */
  | "decimal"
  | "decimal-reversed"
  /** Facility and number with a comma, `123,45678`: three bytes. */
  | "facility";

export class CardIdentityError extends Error {
  override readonly name = "CardIdentityError";
}

const DECIMAL_BYTES = 4;
const FACILITY_BYTES = 3;

/** The canonical name of a card from how it is written. Throws {@link CardIdentityError}. */
export function cardFromText(text: string, notation: CardNotation): string {
  const written = text.trim();
  switch (notation) {
    case "hex":
    case "hex-reversed": {
      const digits = written.replaceAll(/[\s:-]/g, "").toLowerCase();
      if (!/^([0-9a-f]{2}){3,16}$/.test(digits)) throw unknown(text, notation);
      return notation === "hex" ? digits : reversed(digits);
    }
    case "decimal":
    case "decimal-reversed": {
      if (!/^[0-9]{1,10}$/.test(written) || Number(written) > 0xffff_ffff) throw unknown(text, notation);
      const digits = Number(written)
        .toString(16)
        .padStart(DECIMAL_BYTES * 2, "0");
      return notation === "decimal" ? digits : reversed(digits);
    }
    case "facility": {
      const [, facility, card] = /^([0-9]{1,3})[,\s]+([0-9]{1,5})$/.exec(written) ?? [];
      if (Number(facility) > 0xff || Number(card) > 0xffff || card === undefined)
        throw unknown(text, notation);
      const number = Number(facility) * 0x1_0000 + Number(card);
      return number.toString(16).padStart(FACILITY_BYTES * 2, "0");
    }
  }
}

/**
 * The canonical name of a card from the bits a reader sent, `0` and `1`. Of 26 and 34 bits with right parities what
 * stands between them; whole bytes as they are; of others the bits themselves, with their number before them.
 * Throws {@link CardIdentityError} where a known format has a wrong parity: the card was misread.
 */
export function cardFromBits(bits: string): string {
  if (!/^[01]+$/.test(bits) || bits.length > CARD_BITS_MAX)
    throw new CardIdentityError(`${bits.length} bits are no card`);
  const format = WIEGAND_FORMATS.find((each) => each.bits === bits.length);
  if (format !== undefined) {
    try {
      decodeWiegand(format, bits);
    } catch (error) {
      if (!(error instanceof WiegandError)) throw error;
      throw new CardIdentityError(error.message);
    }
    if (format === WIEGAND_26 || format === WIEGAND_34) return hexOf(payloadOf(format, bits));
  }
  return bits.length % 8 === 0
    ? hexOf(bits)
    : `${bits.length}-${hexOf(bits.padEnd(Math.ceil(bits.length / 8) * 8, "0"))}`;
}

/** The first `count` bits of `bytes`, the most significant of each byte first. */
export function bitsOf(bytes: Uint8Array, count: number): string {
  const all = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  if (count < 1 || count > all.length) throw new CardIdentityError(`${count} bits in ${bytes.length} bytes`);
  return all.slice(0, count);
}

function hexOf(bits: string): string {
  const bytes = bits.match(/.{8}/g) ?? [];
  return bytes.map((byte) => Number.parseInt(byte, 2).toString(16).padStart(2, "0")).join("");
}

const reversed = (digits: string): string => (digits.match(/../g) ?? []).toReversed().join("");

const unknown = (text: string, notation: CardNotation): CardIdentityError =>
  // The number itself is personal and stays out of messages.
  new CardIdentityError(`${text.length} characters that are no card number written as ${notation}`);
