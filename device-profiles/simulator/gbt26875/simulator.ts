/** A transmission device that calls in, with the fire host behind it: tells each change, and repeats it until confirmed. */
import { encodeFireFrame, FireCommand, Gbt26875Splitter } from "../../codecs/gbt26875-frame.ts";
import { encodeFireObjects, FireType } from "../../codecs/gbt26875-objects.ts";
import type { Gbt26875Profile } from "../../profiles/gbt26875-profile.ts";
import { CALL_FAULTS, CallingClient, freePort } from "../calling-client.ts";
import {
  checkFault,
  type SimulatedDevice,
  type SimulatedFault,
  type SimulatorOptions,
} from "../simulated-device.ts";
import { SimulatedFireHost } from "./fire-host.ts";

const IDENTITY = "0000000000a1";
const CENTRE = "000000000001";
/** Kept while nobody confirms them; the oldest give way. */
const KEPT_MAX = 500;
/** The standard wants ten seconds (7.2); a rehearsal does not wait so long. */
const CONFIRMATION_WAIT_ms = 500;
const HEARTBEAT_ms = 30_000;
const STORM = 200;

const FAULTS = [
  ...CALL_FAULTS,
  "clock-1970",
  "clock-ahead",
  "local-time",
  "replay",
  "counter-reset",
  "stuck",
  "sentinel",
  "mislabelled-text",
  "storm",
] as const satisfies readonly SimulatedFault[];

export async function startGbt26875Simulator(
  profile: Gbt26875Profile,
  options: SimulatorOptions = {},
): Promise<SimulatedDevice> {
  const port = options.port || (await freePort());
  const identity = options.identity ?? IDENTITY;
  const host = new SimulatedFireHost(profile, options.now ?? Date.now);
  const line = new TransmitterLine(host, port, identity);
  return {
    url: `gbt26875://${identity}@127.0.0.1:${port}`,
    set: (metric, value) => {
      host.set(metric, value);
      line.tellStates();
    },
    get: (metric) => host.get(metric),
    raise: (event, fields) => line.tell(host.happening(event, fields)),
    faults: FAULTS,
    fault: async (fault) => {
      checkFault(fault, FAULTS);
      host.fault = fault;
      await line.fault(fault);
    },
    close: async () => line.close(),
  };
}

class TransmitterLine {
  readonly #host: SimulatedFireHost;
  readonly #identity: string;
  readonly #client: CallingClient;
  readonly #timers: readonly NodeJS.Timeout[];
  #splitter = new Gbt26875Splitter();
  #fault: SimulatedFault | null = null;
  #serial = 0;
  /** Data units that were not confirmed, by the serial number they were sent under. */
  readonly #unconfirmed = new Map<number, Uint8Array>();
  #last: Uint8Array | undefined;

  constructor(host: SimulatedFireHost, port: number, identity: string) {
    this.#host = host;
    this.#identity = identity;
    this.#client = new CallingClient({
      port,
      // The beginning of a frame that was cut off.
      noise: Uint8Array.of(0x40, 0x40, 0x31),
      onConnected: () => {
        this.#splitter = new Gbt26875Splitter();
        this.#repeat();
        if (this.#fault === "replay" && this.#last !== undefined) this.#send(this.#last);
        this.tellStates();
        this.#send(encodeFireObjects(FireType.TransmitterVersion, [this.#host.version()]));
      },
      onData: (bytes) => {
        for (const { command, serial } of this.#splitter.push(bytes)) {
          if (command === FireCommand.Confirm || command === FireCommand.Deny)
            this.#unconfirmed.delete(serial);
        }
      },
    });
    this.#timers = [
      setInterval(() => this.#repeat(), CONFIRMATION_WAIT_ms),
      setInterval(() => this.tellStates(), HEARTBEAT_ms),
    ];
  }

  tell(data: Uint8Array): void {
    this.#last = data;
    const copies = this.#fault === "storm" ? STORM : 1;
    for (let copy = 0; copy < copies; copy += 1) this.#send(data);
  }

  tellStates(): void {
    for (const data of this.#host.states()) this.#send(data);
  }

  async fault(fault: SimulatedFault | null): Promise<void> {
    this.#fault = fault;
    if (fault === "counter-reset") this.#serial = 0;
    await this.#client.fault(fault);
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#client.close();
  }

  /** Under the number that it had: the centre may have it already. */
  #repeat(): void {
    for (const [serial, data] of this.#unconfirmed) this.#transmit(serial, data);
  }

  #send(data: Uint8Array): void {
    const serial = this.#serial;
    this.#serial = (serial + 1) & 0xffff;
    this.#unconfirmed.set(serial, data);
    for (const oldest of this.#unconfirmed.keys()) {
      if (this.#unconfirmed.size <= KEPT_MAX) break;
      this.#unconfirmed.delete(oldest);
    }
    this.#transmit(serial, data);
  }

  #transmit(serial: number, data: Uint8Array): void {
    this.#client.send(
      encodeFireFrame({
        serial,
        version: [1, 0],
        sentAt: this.#host.clock(),
        source: this.#identity,
        destination: CENTRE,
        command: FireCommand.Data,
        data,
      }),
    );
  }
}
