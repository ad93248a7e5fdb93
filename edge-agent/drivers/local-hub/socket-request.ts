/** One request to a process of the hub on this machine, behind its private socket. */
import http from "@campus-ops/service/node-http";
import { DriverError } from "../driver.ts";

/** A hundred alarms with all their facts stay far below this. */
export const ANSWER_BYTES_MAX = 8 * 1024 * 1024;

export interface SocketAnswer {
  readonly status: number;
  readonly text: string;
}

/** Rejects with the signal's reason when it aborts, else with a {@link DriverError}. */
export async function socketRequest(
  socketPath: string,
  path: string,
  signal: AbortSignal,
  body?: object,
): Promise<SocketAnswer> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const headers =
    text === undefined
      ? {}
      : { "content-type": "application/json", "content-length": Buffer.byteLength(text) };
  try {
    return await new Promise((resolve, reject) => {
      const outgoing = http.request(
        { socketPath, path, method: text === undefined ? "GET" : "POST", headers, signal, agent: false },
        (incoming) => {
          const chunks: Buffer[] = [];
          let bytes = 0;
          incoming.on("data", (chunk: Buffer) => {
            chunks.push(chunk);
            bytes += chunk.length;
            if (bytes > ANSWER_BYTES_MAX) incoming.destroy(new Error(`more than ${ANSWER_BYTES_MAX} bytes`));
          });
          incoming.on("error", reject);
          incoming.on("end", () =>
            resolve({ status: incoming.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") }),
          );
        },
      );
      outgoing.on("error", reject);
      outgoing.end(text);
    });
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    const why = error instanceof Error ? error.message : String(error);
    throw new DriverError("unreachable", `${socketPath} does not answer: ${why}`, {
      retry: true,
      cause: error,
    });
  }
}

/** The answer's JSON. Rejects with a {@link DriverError} when it is none, or the process says no. */
export async function socketJson<T>(socketPath: string, path: string, signal: AbortSignal): Promise<T> {
  const { status, text } = await socketRequest(socketPath, path, signal);
  if (status !== 200)
    throw new DriverError("device-exception", `${socketPath}${path} answers ${status}: ${text}`, {
      retry: true,
    });
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw new DriverError("garbage", `${socketPath}${path} answers with something that is not JSON`, {
      retry: true,
      cause,
    });
  }
}
