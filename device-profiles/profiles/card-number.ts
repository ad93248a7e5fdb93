/** One card is one credential, whichever way a device writes its number. */

/** Four bytes, the shortest identifier of ISO/IEC 14443-3. */
const CARD_DIGITS_MIN = 8;

/**
 * The bytes of a card's number in lower-case hex. Terminals tell it in decimal, with leading zeros or without; readers
 * tell its bytes. What is no decimal number is taken for hex as it stands.
 */
export function canonicalCard(cardNo: string): string {
  if (!/^\d{1,20}$/.test(cardNo)) return cardNo.toLowerCase();
  const hex = BigInt(cardNo).toString(16);
  return hex.padStart(Math.max(CARD_DIGITS_MIN, hex.length + (hex.length % 2)), "0");
}
