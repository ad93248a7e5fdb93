import dgram from "node:dgram";

/**
 * A datagram socket whose message listener cannot throw into the event loop: what arrives is anybody's bytes, and
 * `net-snmp` decodes some of them outside its own error handling.
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
              listener(...values);
            } catch {
              // The request stays open and times out.
            }
          },
    )) as dgram.Socket["on"];
  return socket;
}
