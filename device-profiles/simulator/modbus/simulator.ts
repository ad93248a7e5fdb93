import type { ModbusProfile } from "../../profiles/modbus-profile.ts";
import {
  checkFault,
  type SimulatedDevice,
  type SimulatedFault,
  type SimulatorOptions,
} from "../simulated-device.ts";
import { ModbusNetwork } from "./network.ts";
import { listen, type Transport } from "./transport.ts";
import { SimulatedModbusUnit } from "./unit.ts";

const UNIT = 1;

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
  const network = new ModbusNetwork(units);
  const transport = await listen(network, options);
  const devices = new Map([...units].map(([unit, inside]) => [unit, deviceOf(unit, inside, transport)]));
  return { devices, close: () => transport.close() };
}

function deviceOf(unit: number, inside: SimulatedModbusUnit, transport: Transport): SimulatedModbusDevice {
  const faults: readonly SimulatedFault[] = [...transport.faults, ...inside.faults];
  return {
    url: transport.url(unit),
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
