/** One HTTP exchange with a camera: bounded in time and size, every failure a {@link DriverError}. */
import http from "node:http";
import https from "node:https";
import { DriverError } from "../driver.ts";

export interface HttpRequest {
  readonly method: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeout_ms: number;
  readonly bytes_max: number;
}

export interface HttpAnswer {
  readonly status: number;
  /** `WWW-Authenticate`, one entry a header line. */
  readonly challenges: readonly string[];
  readonly body: Buffer;
}

/** Rejects with the signal's reason when `signal` aborts, and with a {@link DriverError} for everything else. */
export async function exchange(url: URL, request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
  const deadline = AbortSignal.timeout(request.timeout_ms);
  try {
    return await send(url, request, AbortSignal.any([signal, deadline]));
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof DriverError) throw error;
    const camera = `camera ${url.host}`;
    if (deadline.aborted) {
      const message = `${camera} does not answer within ${request.timeout_ms} ms`;
      throw new DriverError("timeout", message, { retry: true, cause: error });
    }
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    // The HTTP parser's own errors begin so: what came is no HTTP.
    if (code.startsWith("HPE_")) {
      throw new DriverError("garbage", `${camera} answers with something that is not HTTP`, {
        retry: true,
        cause: error,
      });
    }
    throw new DriverError("unreachable", `${camera} cannot be reached: ${code || String(error)}`, {
      retry: true,
      cause: error,
    });
  }
}

function send(url: URL, request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
  const { method, body, bytes_max } = request;
  const client = url.protocol === "https:" ? https : http;
  // No credentials in the URL, no pooled connection: cameras close idle ones without a word.
  const options = { method, headers: request.headers ?? {}, agent: false as const, signal };
  return new Promise((resolve, reject) => {
    const outgoing = client.request(url, options, (incoming) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      incoming.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > bytes_max) {
          const message = `camera ${url.host} sends more than ${bytes_max} bytes`;
          outgoing.destroy(new DriverError("garbage", message, { retry: true }));
          return;
        }
        chunks.push(chunk);
      });
      incoming.on("error", reject);
      incoming.on("end", () =>
        resolve({
          status: incoming.statusCode ?? 0,
          challenges: incoming.headersDistinct["www-authenticate"] ?? [],
          body: Buffer.concat(chunks),
        }),
      );
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}
