/** One question to an NTP server: SNTP of RFC 5905, clause 14. */
import { createSocket } from "node:dgram";
import { once } from "node:events";

export const NTP_PORT = 123;
const PACKET_BYTES = 48;
/** Leap 0, version 4, mode 3 (client). */
const CLIENT = 0x23;
const MODE_SERVER = 4;
/** Seconds from 1900 to 1970 (RFC 5905, clause 6). */
const NTP_TO_UNIX_S = 2_208_988_800;
/** The server's own clock is not set (RFC 5905, clause 7.3). */
const LEAP_UNSYNCHRONISED = 3;

export interface NtpAnswer {
  /** Ours minus the server's. */
  readonly offset_ms: number;
  readonly roundTrip_ms: number;
}

export class NtpError extends Error {
  override readonly name = "NtpError";
}

export function ntpRequest(sent_ms: number): Uint8Array {
  const bytes = new Uint8Array(PACKET_BYTES);
  bytes[0] = CLIENT;
  writeTimestamp(new DataView(bytes.buffer), 40, sent_ms);
  return bytes;
}

/** Throws {@link NtpError} for what is no answer of a server whose clock is set. */
export function parseNtpAnswer(bytes: Uint8Array, sent_ms: number, received_ms: number): NtpAnswer {
  if (bytes.length < PACKET_BYTES) throw new NtpError(`an answer of ${bytes.length} bytes is no NTP`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const first = view.getUint8(0);
  if ((first & 0x07) !== MODE_SERVER) throw new NtpError("what answers is no NTP server");
  if (first >>> 6 === LEAP_UNSYNCHRONISED || view.getUint8(1) === 0) {
    throw new NtpError("the server does not know the time itself");
  }
  const arrived_ms = readTimestamp(view, 32);
  const answered_ms = readTimestamp(view, 40);
  return {
    offset_ms: -(arrived_ms - sent_ms + (answered_ms - received_ms)) / 2,
    roundTrip_ms: received_ms - sent_ms - (answered_ms - arrived_ms),
  };
}

/** Rejects with {@link NtpError}. */
export async function askNtp(host: string, port: number, timeout_ms: number): Promise<NtpAnswer> {
  const socket = createSocket("udp4");
  try {
    const signal = AbortSignal.timeout(timeout_ms);
    const sent_ms = Date.now();
    socket.send(ntpRequest(sent_ms), port, host);
    const [bytes] = (await once(socket, "message", { signal })) as [Uint8Array];
    return parseNtpAnswer(bytes, sent_ms, Date.now());
  } catch (cause) {
    if (cause instanceof NtpError) throw cause;
    const code = cause instanceof Error && cause.name === "AbortError" ? "no answer" : String(cause);
    throw new NtpError(`${host}: ${code}`, { cause });
  } finally {
    socket.close();
  }
}

function writeTimestamp(view: DataView, at: number, time_ms: number): void {
  view.setUint32(at, Math.floor(time_ms / 1_000) + NTP_TO_UNIX_S);
  view.setUint32(at + 4, ((time_ms % 1_000) / 1_000) * 2 ** 32);
}

const readTimestamp = (view: DataView, at: number): number =>
  (view.getUint32(at) - NTP_TO_UNIX_S) * 1_000 + (view.getUint32(at + 4) / 2 ** 32) * 1_000;
