/**
 * How a system that posts proves who it is, by the secret that both have: `Authorization: Bearer <secret>`, or, so that
 * the secret never travels, `X-Signature: sha256=<HMAC-SHA-256 of the body, in hex>`.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

export function isAuthentic(headers: IncomingHttpHeaders, body: Uint8Array, secret: string): boolean {
  const signature = headers["x-signature"];
  if (typeof signature === "string") return isSame(signature, signatureOf(body, secret));
  return isSame(headers.authorization ?? "", `Bearer ${secret}`);
}

export const signatureOf = (body: Uint8Array, secret: string): string =>
  `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;

function isSame(told: string, right: string): boolean {
  const [a, b] = [Buffer.from(told), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
