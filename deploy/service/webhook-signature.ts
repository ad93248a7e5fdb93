/** Standard Webhooks 1.0: how a receiver can tell who sent a message, and that it has it already. */
import { createHmac } from "node:crypto";

/**
 * The headers of one message. HMAC-SHA-256 over `id.timestamp.body`; the id is the same at each attempt. Without a secret
 * the receiver cannot tell who sent it.
 */
export function webhookHeaders(
  secret: string | undefined,
  id: string,
  timestamp_s: number,
  body: string,
): Record<string, string> {
  const base = { "webhook-id": id, "webhook-timestamp": String(timestamp_s) };
  if (secret === undefined) return base;
  const mac = createHmac("sha256", secret).update(`${id}.${timestamp_s}.${body}`).digest("base64");
  return { ...base, "webhook-signature": `v1,${mac}` };
}
