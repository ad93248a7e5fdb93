/** Secrets that are made here and handed out once; what is kept of them is a hash. */
import { createHash, randomBytes } from "node:crypto";
import { base32 } from "./totp.ts";

/** 256 bits: nothing to guess, so a plain hash keeps it. */
const SECRET_BYTES = 32;
/** 80 bits, which a person can type. */
const TYPED_BYTES = 10;
const RECOVERY_CODES = 8;

export function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString("base64url");
}

export function hashOfSecret(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

/** Four groups of four letters and digits, for a person to type once. */
export function newTypedSecret(): string {
  return (base32(randomBytes(TYPED_BYTES)).toLowerCase().match(/.{4}/g) ?? []).join("-");
}

export function newRecoveryCodes(): readonly string[] {
  return Array.from({ length: RECOVERY_CODES }, newTypedSecret);
}

/** However it was typed. */
export function hashOfTyped(code: string): string {
  return hashOfSecret(code.toLowerCase().replace(/[^a-z2-7]/g, ""));
}
