/**
 * One-time tokens: 128 bits, written so that a person can read them off a paper and type them in (Crockford's base 32: no I, L, O, U).
 * Only their SHA-256 is kept at the hub.
 */
import { createHash, randomBytes } from "node:crypto";

export const TOKEN_BYTES = 16;
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CHARACTERS = Math.ceil((TOKEN_BYTES * 8) / 5);
const GROUP = 5;

/** Six groups with hyphens between them. */
export function newToken(): string {
  let bits = BigInt(`0x${randomBytes(TOKEN_BYTES).toString("hex")}`);
  let text = "";
  for (let index = 0; index < CHARACTERS; index += 1) {
    text = `${ALPHABET[Number(bits & 31n)]}${text}`;
    bits >>= 5n;
  }
  return text.match(new RegExp(`.{1,${GROUP}}`, "g"))?.join("-") ?? text;
}

/** Of a token as somebody wrote it: case, hyphens and blanks do not matter, and O is 0, I and L are 1. */
export function tokenHash(written: string): string {
  const text = written
    .toUpperCase()
    .replaceAll(/[^0-9A-Z]/g, "")
    .replaceAll("O", "0")
    .replaceAll(/[IL]/g, "1");
  return createHash("sha256").update(text).digest("hex");
}
