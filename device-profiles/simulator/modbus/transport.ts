/** What carries the frames of simulated Modbus devices. */
import { randomBytes } from "node:crypto";
import { openPty } from "../pty.ts";
import { LINE_FAULTS, type SimulatedFault, type SimulatorOptions, TCP_FAULTS } from "../simulated-device.ts";
import { FaultableTcpServer } from "../tcp-server.ts";
import type { ModbusNetwork } from "./network.ts";

export interface Transport {
  url(unit: number): string;
  readonly faults: readonly SimulatedFault[];
  /** Gets those of {@link faults} alone; anything else mends the line. */
  fault(fault: SimulatedFault | null): Promise<void>;
  close(): Promise<void>;
}

const BAUD = 115_200;
/** What a client on a line has to pass over: half a frame of another unit. */
const RTU_NOISE = Uint8Array.of(0x02, 0x04, 0x02, 0xff);
const GARBAGE_BYTES = 32;

export async function listen(network: ModbusNetwork, options: SimulatorOptions): Promise<Transport> {
  switch (options.modbus?.transport ?? "tcp") {
    case "tcp":
      return await overTcp(
        network,
        new FaultableTcpServer((wire) => network.serveTcp(wire)),
        "modbus",
        options,
      );
    case "rtu-over-tcp": {
      const server = new FaultableTcpServer((wire) => network.serveRtu(wire), { noise: RTU_NOISE });
      return await overTcp(network, server, "modbus+rtu", options);
    }
    case "serial":
      return await onLine(network);
  }
}

async function overTcp(
  network: ModbusNetwork,
  server: FaultableTcpServer,
  scheme: string,
  { port = 0 }: SimulatorOptions,
): Promise<Transport> {
  await server.listen(port);
  return {
    url: (unit) => `${scheme}://127.0.0.1:${server.port}?unit=${unit}`,
    faults: [...TCP_FAULTS, "reboot-loop"],
    fault: async (fault) => {
      network.reboot(fault === "reboot-loop");
      await server.fault(fault === "reboot-loop" ? null : fault);
    },
    close: () => server.close(),
  };
}

/** On a line nothing is connected and nothing refused: a device that is down and one that hangs are both silent. */
async function onLine(network: ModbusNetwork): Promise<Transport> {
  const pty = await openPty();
  let fault: SimulatedFault | null = null;
  const write = pty.bytes.write.bind(pty.bytes);
  pty.bytes.write = (chunk: Uint8Array) => {
    if (fault === "down" || fault === "hang") return true;
    return write(fault === "garbage" ? randomBytes(GARBAGE_BYTES) : chunk);
  };
  network.serveRtu(pty.bytes);
  return {
    url: (unit) => `modbus+rtu://${pty.path}?baud=${BAUD}&unit=${unit}`,
    faults: LINE_FAULTS,
    fault: async (next) => {
      fault = next;
    },
    close: () => pty.close(),
  };
}
