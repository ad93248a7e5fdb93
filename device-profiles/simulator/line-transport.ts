/** What carries the frames of simulated devices that speak on lines: TCP connections, or a pseudo-terminal. */
import { randomBytes } from "node:crypto";
import type { Duplex } from "node:stream";
import { openPty } from "./pty.ts";
import { LINE_FAULTS, type SimulatedFault, TCP_FAULTS } from "./simulated-device.ts";
import { FaultableTcpServer } from "./tcp-server.ts";

/** What speaks on the line. */
export interface LineServer {
  /** Gets every connection, or the one end of a serial line. */
  serve(wire: Duplex): void;
  /** From now on, or no longer, every few exchanges end with a restart. */
  reboot(reboots: boolean): void;
}

export interface Transport {
  url(scheme: string, query: string): string;
  readonly faults: readonly SimulatedFault[];
  /** Gets those of {@link faults} alone; null mends the line. */
  fault(fault: SimulatedFault | null): Promise<void>;
  close(): Promise<void>;
}

const BAUD = 115_200;
const GARBAGE_BYTES = 32;

/** Listens on a loopback port, 0 for a free one. `noise` is what a client of the protocol has to pass over. */
export async function listenOnTcp(
  server: LineServer,
  port = 0,
  noise = new Uint8Array(),
): Promise<Transport> {
  const listener = new FaultableTcpServer((wire) => server.serve(wire), { noise });
  await listener.listen(port);
  let current: SimulatedFault | null = null;
  return {
    url: (scheme, query) => `${scheme}://127.0.0.1:${listener.port}?${query}`,
    faults: [...TCP_FAULTS, "reboot-loop"],
    fault: async (fault) => {
      // A device that shows something else is no reason to cut its line.
      if (fault === current) return;
      current = fault;
      server.reboot(fault === "reboot-loop");
      await listener.fault(fault === "reboot-loop" ? null : fault);
    },
    close: () => listener.close(),
  };
}

/** On a line nothing is connected and nothing refused: a device that is down and one that hangs are both silent. */
export async function listenOnPty(server: LineServer): Promise<Transport> {
  const pty = await openPty();
  let fault: SimulatedFault | null = null;
  const write = pty.bytes.write.bind(pty.bytes);
  pty.bytes.write = (chunk: Uint8Array) => {
    if (fault === "down" || fault === "hang") return true;
    return write(fault === "garbage" ? randomBytes(GARBAGE_BYTES) : chunk);
  };
  server.serve(pty.bytes);
  return {
    url: (scheme, query) => `${scheme}://${pty.path}?baud=${BAUD}&parity=none&${query}`,
    faults: LINE_FAULTS,
    fault: async (next) => {
      fault = next;
    },
    close: () => pty.close(),
  };
}
