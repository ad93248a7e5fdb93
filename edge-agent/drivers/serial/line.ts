import { connect } from "node:net";
import type { LineAddress } from "./address.ts";
import { type ByteLine, gaveUp, type LineEvents, once, unreachable } from "./byte-line.ts";
import { openPort } from "./port.ts";

/** Opens the line. Rejects with `unreachable`, or with `timeout` when `signal` aborts. */
export function openLine(address: LineAddress, events: LineEvents, signal: AbortSignal): Promise<ByteLine> {
  if (signal.aborted) return Promise.reject(gaveUp(signal));
  return address.kind === "tcp" ? openTcp(address, events, signal) : openPort(address, events, signal);
}

type TcpAddress = Extract<LineAddress, { kind: "tcp" }>;

function openTcp({ host, port }: TcpAddress, events: LineEvents, signal: AbortSignal): Promise<ByteLine> {
  const where = `serial server ${host}:${port}`;
  const { promise, resolve, reject } = Promise.withResolvers<ByteLine>();
  const socket = connect({ host, port, noDelay: true });
  const giveUp = (): void => {
    socket.destroy();
    reject(gaveUp(signal));
  };
  signal.addEventListener("abort", giveUp, { once: true });
  let end = once((why) => reject(why));
  socket.on("error", (cause) => end(unreachable(where, cause)));
  socket.on("close", () => end(unreachable(`${where} closed the connection`)));
  socket.once("connect", () => {
    signal.removeEventListener("abort", giveUp);
    end = once((why) => events.ended(why));
    socket.on("data", (bytes) => events.received(bytes));
    resolve({
      write: (bytes) => void socket.write(bytes),
      close: async () => {
        end.forget();
        socket.destroy();
      },
    });
  });
  return promise;
}
