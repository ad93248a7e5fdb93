/** HTTP exchanges with a device: bounded in time and size, every failure a {@link DriverError}. */
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import https from "node:https";
import http from "@campus-ops/service/node-http";
import { DriverError } from "../driver.ts";

export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeout_ms: number;
  readonly bytes_max: number;
}

/** What an answer begins with. */
export interface HttpHead {
  readonly status: number;
  readonly contentType: string;
  readonly headers: IncomingHttpHeaders;
  /** `WWW-Authenticate`, one entry a header line. */
  readonly challenges: readonly string[];
}

export interface HttpAnswer extends HttpHead {
  readonly body: Buffer;
}

/** An answer whose end nobody waits for. */
export interface HttpStream extends HttpHead {
  /** Ends when the device closes the stream. Rejects with a {@link DriverError} when it falls silent or breaks. */
  readonly chunks: AsyncIterable<Buffer>;
  /** Hangs up. */
  close(): void;
}

/** Rejects with the signal's reason when `signal` aborts, and with a {@link DriverError} for everything else. */
export async function exchange(url: URL, request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
  const deadline = AbortSignal.timeout(request.timeout_ms);
  try {
    const incoming = await send(url, request, AbortSignal.any([signal, deadline]));
    return { ...headOf(incoming), body: await bodyOf(incoming, url, request.bytes_max) };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (deadline.aborted) throw silent(url, request.timeout_ms, error);
    throw failure(url, error);
  }
}

/**
 * Opens an endless answer. `request.timeout_ms` is for its head; after that no more than `silence_ms` may pass between
 * two pieces, because a connection that was cut in the middle of the network never says so.
 */
export async function openStream(
  url: URL,
  request: HttpRequest,
  silence_ms: number,
  signal: AbortSignal,
): Promise<HttpStream> {
  const hangUp = new AbortController();
  const ended = AbortSignal.any([signal, hangUp.signal]);
  const timer = setTimeout(() => hangUp.abort(silent(url, request.timeout_ms)), request.timeout_ms);
  try {
    const incoming = await send(url, request, ended);
    clearTimeout(timer);
    return {
      ...headOf(incoming),
      chunks: chunksOf(incoming, url, silence_ms, ended, hangUp),
      close: () => incoming.destroy(),
    };
  } catch (error) {
    clearTimeout(timer);
    if (ended.aborted) throw ended.reason;
    throw failure(url, error);
  }
}

async function* chunksOf(
  incoming: IncomingMessage,
  url: URL,
  silence_ms: number,
  ended: AbortSignal,
  hangUp: AbortController,
): AsyncGenerator<Buffer> {
  const arm = (): NodeJS.Timeout => setTimeout(() => hangUp.abort(silent(url, silence_ms)), silence_ms);
  let timer = arm();
  try {
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      clearTimeout(timer);
      yield chunk;
      timer = arm();
    }
  } catch (error) {
    if (ended.aborted) throw ended.reason;
    throw failure(url, error);
  } finally {
    clearTimeout(timer);
  }
}

function send(url: URL, request: HttpRequest, signal: AbortSignal): Promise<IncomingMessage> {
  const { method, body } = request;
  const client = url.protocol === "https:" ? https : http;
  const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
  // No credentials in the URL, no pooled connection: devices close idle ones without a word.
  const options = { method, headers: { ...length, ...request.headers }, agent: false as const, signal };
  return new Promise((resolve, reject) => {
    const outgoing = client.request(url, options, resolve);
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

function headOf(incoming: IncomingMessage): HttpHead {
  return {
    status: incoming.statusCode ?? 0,
    contentType: incoming.headers["content-type"] ?? "",
    headers: incoming.headers,
    challenges: incoming.headersDistinct["www-authenticate"] ?? [],
  };
}

async function bodyOf(incoming: IncomingMessage, url: URL, bytes_max: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bytes_max) {
      throw new DriverError("garbage", `${url.host} sends more than ${bytes_max} bytes`, { retry: true });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function silent(url: URL, wait_ms: number, cause?: unknown): DriverError {
  const message = `${url.host} does not answer within ${wait_ms} ms`;
  return new DriverError("timeout", message, { retry: true, cause });
}

function failure(url: URL, error: unknown): DriverError {
  if (error instanceof DriverError) return error;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  // The HTTP parser's own errors begin so: what came is no HTTP.
  if (code.startsWith("HPE_")) {
    const message = `${url.host} answers with something that is not HTTP`;
    return new DriverError("garbage", message, { retry: true, cause: error });
  }
  const message = `${url.host} cannot be reached: ${code || String(error)}`;
  return new DriverError("unreachable", message, { retry: true, cause: error });
}
