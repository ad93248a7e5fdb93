import { type Dlt645Frame, Dlt645Splitter, encodeDlt645 } from "../../codecs/dlt645.ts";
import type { Dlt645Profile } from "../../profiles/dlt645-profile.ts";
import { listenWithMeters, type MeterProtocol, type SimulatedMeterBus } from "../meter-line.ts";
import type { SimulatedDevice, SimulatorOptions } from "../simulated-device.ts";
import { SimulatedMeter } from "./meter.ts";

const ADDRESS = "202600000001";

const DLT645: MeterProtocol<Dlt645Frame> = {
  scheme: "dlt645",
  noise: Uint8Array.of(0xfe, 0x68, 0x01, 0x16),
  encode: encodeDlt645,
  splitter: () => new Dlt645Splitter(),
};

/** A DL/T 645 meter that behaves as `profile` says, alone at its address. Rejects when the port is taken. */
export async function startDlt645Simulator(
  profile: Dlt645Profile,
  options: SimulatorOptions = {},
): Promise<SimulatedDevice> {
  const bus = await startMeterBus(new Map([[ADDRESS, profile]]), options);
  const device = bus.meters.get(ADDRESS);
  if (device === undefined) throw new Error("a bus without the meter it was started with");
  return device;
}

export async function startMeterBus(
  profiles: ReadonlyMap<string, Dlt645Profile>,
  options: SimulatorOptions = {},
): Promise<SimulatedMeterBus> {
  const now = options.now ?? Date.now;
  const meters = [...profiles].map(([address, profile]) => new SimulatedMeter(profile, address, now));
  return await listenWithMeters(DLT645, meters, options);
}
