/** Asks whether an RTSP server is there (RFC 2326, clause 10.1: OPTIONS needs no login). */
import net from "node:net";
import tls from "node:tls";
import { DriverError } from "../driver.ts";

const REPLY_MS_MAX = 5_000;
const PROTOCOL = "RTSP/";
const STATUS_LINE_BYTES_MAX = 256;
const PORTS: Readonly<Record<string, number>> = { "rtsp:": 554, "rtsps:": 322 };

/** Rejects with a {@link DriverError} when there is none. */
export async function askOptions(url: URL, signal: AbortSignal): Promise<void> {
  const deadline = AbortSignal.timeout(REPLY_MS_MAX);
  const ended = AbortSignal.any([signal, deadline]);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const port = url.port === "" ? (PORTS[url.protocol] ?? 0) : Number(url.port);
  // Who may look is asked later; a camera's certificate is its own.
  const socket =
    url.protocol === "rtsps:"
      ? tls.connect({ host, port, rejectUnauthorized: false })
      : net.connect({ host, port });
  const hangUp = (): void => void socket.destroy(new Error("no time left"));
  ended.addEventListener("abort", hangUp, { once: true });
  try {
    const line = await statusLine(
      socket,
      `OPTIONS ${url.protocol}//${url.host}${url.pathname} RTSP/1.0\r\nCSeq: 1\r\n\r\n`,
    );
    if (/^RTSP\/\d\.\d \d{3}/.test(line)) return;
    throw new DriverError("garbage", `${url.host} does not speak RTSP`, { retry: true });
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof DriverError) throw error;
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    throw deadline.aborted
      ? new DriverError("timeout", `${url.host} does not answer within ${REPLY_MS_MAX} ms`, { retry: true })
      : new DriverError("unreachable", `${url.host} cannot be reached: ${code || "it hangs up"}`, {
          retry: true,
        });
  } finally {
    ended.removeEventListener("abort", hangUp);
    socket.destroy();
  }
}

async function statusLine(socket: net.Socket, request: string): Promise<string> {
  socket.write(request);
  let text = "";
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    text += chunk.toString("latin1");
    const end = text.indexOf("\r\n");
    const isOther = text.length >= PROTOCOL.length && !text.startsWith(PROTOCOL);
    if (isOther || end >= 0 || text.length > STATUS_LINE_BYTES_MAX)
      return end < 0 ? text : text.slice(0, end);
  }
  throw new Error("the connection was closed");
}
