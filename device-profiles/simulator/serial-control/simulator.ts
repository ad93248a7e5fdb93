import type { Duplex } from "node:stream";
import type { SerialControlProfile } from "../../profiles/serial-control-profile.ts";
import {
  checkFault,
  REBOOTING_TCP_FAULTS,
  type SimulatedDevice,
  type SimulatedFault,
  type SimulatorOptions,
} from "../simulated-device.ts";
import { FaultableTcpServer } from "../tcp-server.ts";
import { SimulatedController } from "./controller.ts";

const INSIDE_FAULTS = ["not-done", "storm"] as const satisfies readonly SimulatedFault[];

export interface SimulatedSerialDevice extends SimulatedDevice {
  /** Puts a second line to it, for example a serial port. */
  attach(line: Duplex): void;
}

/** A device behind a serial server on loopback. Rejects when the port is taken. */
export async function startSerialControlSimulator(
  profile: SerialControlProfile,
  options: SimulatorOptions = {},
): Promise<SimulatedSerialDevice> {
  const controller = new SimulatedController(profile);
  const attach = (line: Duplex): void => {
    const { hear, leave } = controller.attach((frame) => void line.write(frame));
    line.on("data", hear);
    line.on("close", leave);
  };
  // FF begins no frame of any of these tables.
  const server = new FaultableTcpServer(attach, { noise: Uint8Array.of(0xff) });
  await server.listen(options.port ?? 0);
  const faults: readonly SimulatedFault[] = [...REBOOTING_TCP_FAULTS, ...INSIDE_FAULTS];
  return {
    // It needs no silence between frames.
    url: `serial-control://127.0.0.1:${server.port}?gap=0`,
    set: (metric, value) => controller.set(metric, value),
    get: (metric) => controller.get(metric),
    raise: (event) => {
      throw new RangeError(`${profile.id} has no ${event}: it has states only`);
    },
    attach,
    faults,
    fault: async (fault) => {
      checkFault(fault, faults);
      controller.fault(fault);
      // A device that misbehaves inside keeps its connections.
      const isInside = INSIDE_FAULTS.some((each) => each === fault);
      if (!isInside) await server.fault(fault);
    },
    close: () => server.close(),
  };
}
