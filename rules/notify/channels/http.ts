/** One POST, as all channels over HTTP make it. */
import { ChannelError, reason } from "./channel.ts";

const ANSWER_BYTES_MAX = 16_384;
/** Statuses after which the same request may succeed later. */
const PASSING = new Set([408, 425, 429]);

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Rejects with a {@link ChannelError} unless the answer is a success; a redirect is none: a secret would go with it. */
export async function post(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  signal: AbortSignal,
  method = "POST",
): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(url, { method, headers, body, signal, redirect: "manual" });
  } catch (cause) {
    throw new ChannelError(`cannot be reached (${reason(cause)})`, { retry: true });
  }
  const text = await beginning(response);
  const { status } = response;
  if (status >= 200 && status < 300) return { status, text };
  const retry = status >= 500 || PASSING.has(status);
  throw new ChannelError(`answered ${status}${retry ? "" : "; check its address and secret"}`, { retry });
}

/** An answer is a line; whoever sends more is not read to the end. */
async function beginning(response: Response): Promise<string> {
  if (response.body === null) return "";
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of response.body) {
      chunks.push(chunk);
      size += chunk.byteLength;
      if (size >= ANSWER_BYTES_MAX) break;
    }
  } catch (cause) {
    throw new ChannelError(`broke off its answer (${reason(cause)})`, { retry: true });
  }
  return Buffer.concat(chunks).toString("utf8").slice(0, ANSWER_BYTES_MAX);
}

/** A field of a JSON answer; undefined when the answer is not JSON or has no such field. */
export function fieldOf(text: string, field: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null
      ? (value as Record<string, unknown>)[field]
      : undefined;
  } catch {
    return undefined;
  }
}
