import { type Cjt188Frame, Cjt188Splitter, encodeCjt188 } from "../../codecs/cjt188.ts";
import type { Cjt188Profile } from "../../profiles/cjt188-profile.ts";
import { listenWithMeters, type MeterProtocol, type SimulatedMeterBus } from "../meter-line.ts";
import type { SimulatedDevice, SimulatorOptions } from "../simulated-device.ts";
import { SimulatedCjt188Meter } from "./meter.ts";

/** A maker's four digits and the ten on the plate. */
const ADDRESS = "78332026000001";

const CJT188: MeterProtocol<Cjt188Frame> = {
  scheme: "cjt188",
  noise: Uint8Array.of(0xfe, 0x68, 0x10, 0x16),
  encode: encodeCjt188,
  splitter: () => new Cjt188Splitter(),
};

/** A CJ/T 188 meter that behaves as `profile` says, alone at its address. Rejects when the port is taken. */
export async function startCjt188Simulator(
  profile: Cjt188Profile,
  options: SimulatorOptions = {},
): Promise<SimulatedDevice> {
  const bus = await startCjt188Bus([{ profile, address: ADDRESS }], options);
  const device = bus.meters.get(ADDRESS);
  if (device === undefined) throw new Error("a bus without the meter it was started with");
  return device;
}

export interface Cjt188BusMeter {
  readonly profile: Cjt188Profile;
  readonly address: string;
  /** It knows identifiers with the high byte first alone, as many do. */
  readonly highFirst?: boolean;
}

export async function startCjt188Bus(
  meters: readonly Cjt188BusMeter[],
  options: SimulatorOptions = {},
): Promise<SimulatedMeterBus> {
  const now = options.now ?? Date.now;
  const simulated = meters.map(
    ({ address, profile, ...more }) => new SimulatedCjt188Meter(profile, address, { now, ...more }),
  );
  return await listenWithMeters(CJT188, simulated, options);
}
