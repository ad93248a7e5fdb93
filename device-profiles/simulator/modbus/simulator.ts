import type { Duplex } from "node:stream";
import type { ModbusProfile } from "../../profiles/modbus-profile.ts";
import { listenOnPty, listenOnTcp, type Transport } from "../line-transport.ts";
import {
  checkFault,
  type SimulatedDevice,
  type SimulatedFault,
  type SimulatorOptions,
} from "../simulated-device.ts";
import { ModbusNetwork } from "./network.ts";
import { SimulatedModbusUnit } from "./unit.ts";

const UNIT = 1;
/** What a client on a line has to pass over: half a frame of another unit. */
const RTU_NOISE = Uint8Array.of(0x02, 0x04, 0x02, 0xff);

export interface SimulatedModbusDevice extends SimulatedDevice {
  /** A factory reset: the log is empty and its serial numbers begin again. */
  resetLog(): void;
  /** Unit identifier of the device. */
  readonly unit: number;
}

/** Several devices at one address: a gateway, or a pair of wires. */
export interface SimulatedModbusBus {
  /** By unit. A fault of the line, such as `down`, befalls them all. */
  readonly devices: ReadonlyMap<number, SimulatedModbusDevice>;
  close(): Promise<void>;
}

/** A Modbus server that behaves as `profile` says, alone at its address. Rejects when the port is taken. */
export async function startModbusSimulator(
  profile: ModbusProfile,
  options: SimulatorOptions = {},
): Promise<SimulatedModbusDevice> {
  const bus = await startModbusBus(new Map([[UNIT, profile]]), options);
  const device = bus.devices.get(UNIT);
  if (device === undefined) throw new Error("a bus without the device it was started with");
  return { ...device, close: () => bus.close() };
}

/** Devices by unit on one line. Rejects when the port is taken. */
export async function startModbusBus(
  profiles: ReadonlyMap<number, ModbusProfile>,
  options: SimulatorOptions = {},
): Promise<SimulatedModbusBus> {
  const now = options.now ?? Date.now;
  const units = new Map(
    [...profiles].map(([unit, profile]) => [unit, new SimulatedModbusUnit(profile, now)]),
  );
  const network = new ModbusNetwork(units, options.onRequest ?? (() => undefined));
  const transport = await listen(network, options);
  const scheme = (options.transport ?? "tcp") === "tcp" ? "modbus" : "modbus+rtu";
  const url = (unit: number): string => transport.url(scheme, `unit=${unit}`);
  const devices = new Map(
    [...units].map(([unit, inside]) => [unit, deviceOf(unit, inside, transport, url(unit))]),
  );
  return { devices, close: () => transport.close() };
}

function listen(network: ModbusNetwork, { transport = "tcp", port }: SimulatorOptions): Promise<Transport> {
  const serve = (wire: Duplex) => (transport === "tcp" ? network.serveTcp(wire) : network.serveRtu(wire));
  const server = { serve, reboot: (reboots: boolean) => network.reboot(reboots) };
  if (transport === "serial") return listenOnPty(server);
  return listenOnTcp(server, port, transport === "tcp" ? undefined : RTU_NOISE);
}

function deviceOf(
  unit: number,
  inside: SimulatedModbusUnit,
  transport: Transport,
  url: string,
): SimulatedModbusDevice {
  const faults: readonly SimulatedFault[] = [...transport.faults, ...inside.faults];
  return {
    url,
    unit,
    set: (metric, value) => inside.set(metric, value),
    get: (metric) => inside.get(metric),
    raise: (event, fields) => inside.raise(event, fields),
    resetLog: () => inside.resetLog(),
    faults,
    fault: async (fault) => {
      checkFault(fault, faults);
      inside.fault(fault);
      await transport.fault(fault !== null && transport.faults.includes(fault) ? fault : null);
    },
    close: () => transport.close(),
  };
}
