/** Codes of authenticator apps: TOTP (RFC 6238) with SHA-1, six digits and steps of 30 s, which every app knows. */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";

const STEP_MS = 30_000;
const DIGITS = 6;
/** A telephone's clock may be a step off (RFC 6238, 5.2). */
const DRIFT_STEPS = 1;
/** 160 bits, as RFC 4226 asks. */
export const SECRET_BYTES = 20;
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** RFC 4226, 5.3. */
export function hotp(secret: Uint8Array, counter: number, digits = DIGITS): string {
  const moving = Buffer.alloc(8);
  moving.writeBigUInt64BE(BigInt(counter));
  const hash = createHmac("sha1", secret).update(moving).digest();
  const offset = (hash.at(-1) ?? 0) & 0xf;
  const number = hash.readUInt32BE(offset) & 0x7fff_ffff;
  return String(number % 10 ** digits).padStart(digits, "0");
}

export function stepAt(at: Timestamp): number {
  return Math.floor(at / STEP_MS);
}

/**
 * The step whose code this is, or undefined. A step up to `lastStep` has been used and is not taken again: a code that
 * was looked over a shoulder is worth nothing.
 */
export function acceptedStep(
  secret: Uint8Array,
  code: string,
  at: Timestamp,
  lastStep: number,
): number | undefined {
  const given = Buffer.from(code.replaceAll(" ", ""));
  const now = stepAt(at);
  for (let step = now - DRIFT_STEPS; step <= now + DRIFT_STEPS; step += 1) {
    const right = Buffer.from(hotp(secret, step));
    if (step > lastStep && given.length === right.length && timingSafeEqual(given, right)) return step;
  }
  return undefined;
}

/** RFC 4648, 6, without padding: as apps take it. */
export function base32(bytes: Uint8Array): string {
  let text = "";
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += BASE32[(held >>> bits) & 31] ?? "";
    }
    held &= (1 << bits) - 1;
  }
  return bits > 0 ? text + (BASE32[(held << (5 - bits)) & 31] ?? "") : text;
}

/** What an app reads out of the QR code (the Key URI Format). */
export function otpauthUri(secret: Uint8Array, user: string): string {
  const label = encodeURIComponent(`campus-ops:${user}`);
  return `otpauth://totp/${label}?secret=${base32(secret)}&issuer=campus-ops&algorithm=SHA1&digits=${DIGITS}&period=${STEP_MS / 1_000}`;
}
