/** Meters by address on one pair of wires, whatever they speak. A fault of the line befalls them all. */
import type { Duplex } from "node:stream";
import type { MetricName, SampleValue } from "../vocabulary/index.ts";
import { type LineServer, listenOnPty, listenOnTcp } from "./line-transport.ts";
import {
  checkFault,
  type SimulatedDevice,
  type SimulatedFault,
  type SimulatorOptions,
} from "./simulated-device.ts";

/** How many exchanges a meter that restarts all the time gets through. */
const EXCHANGES_BEFORE_REBOOT = 3;

export interface SimulatedMeterBus {
  readonly meters: ReadonlyMap<string, SimulatedDevice>;
  close(): Promise<void>;
}

/** One meter, without wire. */
export interface LineMeter<Frame> {
  readonly address: string;
  readonly faults: readonly SimulatedFault[];
  fault(fault: SimulatedFault | null): void;
  set(metric: MetricName, value: SampleValue): void;
  get(metric: MetricName): SampleValue;
  /** Undefined where it is not meant, or nobody is to answer. */
  answer(frame: Frame): Frame | undefined;
}

/** How frames lie on the wire. */
export interface MeterProtocol<Frame> {
  /** Of the URL. */
  readonly scheme: string;
  /** What a client has to pass over: marks that begin no frame. */
  readonly noise: Uint8Array<ArrayBuffer>;
  encode(frame: Frame): Uint8Array;
  splitter(): { push(bytes: Uint8Array): readonly Frame[] };
}

export async function listenWithMeters<Frame>(
  protocol: MeterProtocol<Frame>,
  meters: readonly LineMeter<Frame>[],
  options: SimulatorOptions,
): Promise<SimulatedMeterBus> {
  const server = new MeterLine(protocol, meters);
  const transport =
    options.transport === "serial"
      ? await listenOnPty(server)
      : await listenOnTcp(server, options.port, protocol.noise);
  const devices = meters.map((meter): [string, SimulatedDevice] => {
    const faults: readonly SimulatedFault[] = [...transport.faults, ...meter.faults];
    const device: SimulatedDevice = {
      url: transport.url(protocol.scheme, `address=${meter.address}`),
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

class MeterLine<Frame> implements LineServer {
  readonly #protocol: MeterProtocol<Frame>;
  readonly #meters: readonly LineMeter<Frame>[];
  #reboots = false;
  #exchanges = 0;

  constructor(protocol: MeterProtocol<Frame>, meters: readonly LineMeter<Frame>[]) {
    this.#protocol = protocol;
    this.#meters = meters;
  }

  reboot(reboots: boolean): void {
    this.#reboots = reboots;
    this.#exchanges = 0;
  }

  serve(wire: Duplex): void {
    const splitter = this.#protocol.splitter();
    wire.on("data", (bytes: Uint8Array) => {
      for (const frame of splitter.push(bytes)) {
        this.#exchanges += 1;
        if (this.#reboots && this.#exchanges % (EXCHANGES_BEFORE_REBOOT + 1) === 0) {
          wire.destroy();
          return;
        }
        for (const meter of this.#meters) {
          const answer = meter.answer(frame);
          if (answer !== undefined) wire.write(this.#protocol.encode(answer));
        }
      }
    });
  }
}
