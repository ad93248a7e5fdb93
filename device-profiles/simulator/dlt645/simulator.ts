import type { Duplex } from "node:stream";
import { Dlt645Splitter, encodeDlt645 } from "../../codecs/dlt645.ts";
import type { Dlt645Profile } from "../../profiles/dlt645-profile.ts";
import { type LineServer, listenOnPty, listenOnTcp } from "../line-transport.ts";
import {
  checkFault,
  type SimulatedDevice,
  type SimulatedFault,
  type SimulatorOptions,
} from "../simulated-device.ts";
import { SimulatedMeter } from "./meter.ts";

const ADDRESS = "202600000001";
/** What a client has to pass over: marks that begin no frame. */
const NOISE = Uint8Array.of(0xfe, 0x68, 0x01, 0x16);
/** How many exchanges a meter that restarts all the time gets through. */
const EXCHANGES_BEFORE_REBOOT = 3;

/** Meters by address on one pair of wires. A fault of the line befalls them all. */
export interface SimulatedMeterBus {
  readonly meters: ReadonlyMap<string, SimulatedDevice>;
  close(): Promise<void>;
}

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
  const server = new MeterLine(meters);
  const transport =
    options.transport === "serial"
      ? await listenOnPty(server)
      : await listenOnTcp(server, options.port, NOISE);
  const devices = meters.map((meter): [string, SimulatedDevice] => {
    const faults: readonly SimulatedFault[] = [...transport.faults, ...meter.faults];
    const device: SimulatedDevice = {
      url: transport.url("dlt645", `address=${meter.address}`),
      set: (metric, value) => meter.set(metric, value),
      get: (metric) => meter.get(metric),
      raise: (event) => {
        throw new RangeError(`a meter has no ${event}`);
      },
      faults,
      fault: async (fault) => {
        checkFault(fault, faults);
        meter.fault(fault);
        await transport.fault(fault !== null && transport.faults.includes(fault) ? fault : null);
      },
      close: () => transport.close(),
    };
    return [meter.address, device];
  });
  return { meters: new Map(devices), close: () => transport.close() };
}

class MeterLine implements LineServer {
  readonly #meters: readonly SimulatedMeter[];
  #reboots = false;
  #exchanges = 0;

  constructor(meters: readonly SimulatedMeter[]) {
    this.#meters = meters;
  }

  reboot(reboots: boolean): void {
    this.#reboots = reboots;
    this.#exchanges = 0;
  }

  serve(wire: Duplex): void {
    const splitter = new Dlt645Splitter();
    wire.on("data", (bytes: Uint8Array) => {
      for (const frame of splitter.push(bytes)) {
        this.#exchanges += 1;
        if (this.#reboots && this.#exchanges % (EXCHANGES_BEFORE_REBOOT + 1) === 0) {
          wire.destroy();
          return;
        }
        for (const meter of this.#meters) {
          const answer = meter.answer(frame);
          if (answer !== undefined) wire.write(encodeDlt645(answer));
        }
      }
    });
  }
}
