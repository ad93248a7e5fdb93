import dgram from "node:dgram";

/**
 * A datagram socket whose message listener cannot throw into the event loop: what arrives is anybody's bytes, and
 * `net-snmp` decodes some of them outside its own error handling. A message that was cut off on the way is not handed
 * on: the library would take its first half for the answer, and give the request up.
 */
export function guardedSocket(transport: "udp4" | "udp6"): dgram.Socket {
  const socket = dgram.createSocket(transport);
  const on = socket.on.bind(socket);
  socket.on = ((event: string, listener: (...values: unknown[]) => void) =>
    on(
      event,
      event !== "message"
        ? listener
        : (...values: unknown[]) => {
            try {
              if (values[0] instanceof Uint8Array && isCutOff(values[0])) return;
              listener(...values);
            } catch {
              // The request stays open and times out.
            }
          },
    )) as dgram.Socket["on"];
  return socket;
}

const SEQUENCE = 0x30;

/** A message is one BER sequence (RFC 3417, clause 8); this one says that it is longer than what came. */
function isCutOff(message: Uint8Array): boolean {
  const [tag, first = 0] = message;
  if (tag !== SEQUENCE) return false;
  if (message.length < 2) return true;
  const count = first < 0x80 ? 0 : first & 0x7f;
  const length = message
    .subarray(2, 2 + count)
    .reduce((sum, byte) => sum * 256 + byte, count === 0 ? first : 0);
  return message.length < 2 + count + length;
}
