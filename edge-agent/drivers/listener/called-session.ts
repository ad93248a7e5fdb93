/** A session with a device that calls in: it takes what the device says, and tells what is known of its calls. */
import { GOOD, type Reading, type Sample } from "@campus-ops/device-profiles/vocabulary";
import type { DeviceSession, DriverEnvironment, ReadingSink } from "../driver.ts";
import type { Caller } from "./caller.ts";
import type { Meeting } from "./switchboard.ts";

/** Hands a reading over; true when it is on the disk, and may be acknowledged. */
export type Keep = (reading: Reading) => Promise<boolean>;

/** What a protocol adds. */
export interface CalledDevice<Message> {
  /** What the device has said of itself. */
  facts?(): readonly Sample[];
  /** Takes one message in and answers it. */
  take(message: Message, caller: Caller<Message>, keep: Keep): Promise<void>;
}

export class CalledSession<Message, Settings> implements DeviceSession {
  readonly #meeting: Meeting<Message, Settings>;
  readonly #device: CalledDevice<Message>;
  readonly #environment: DriverEnvironment;
  readonly #silenceMax_ms: number;

  constructor(
    meeting: Meeting<Message, Settings>,
    device: CalledDevice<Message>,
    environment: DriverEnvironment,
    silenceMax_ms: number,
  ) {
    this.#meeting = meeting;
    this.#device = device;
    this.#environment = environment;
    this.#silenceMax_ms = silenceMax_ms;
  }

  async identify(): Promise<Reading> {
    return { samples: this.#device.facts?.() ?? [], events: [] };
  }

  /** The device cannot be asked: this tells what is known of its calls, and that it is still there. */
  async poll(signal: AbortSignal): Promise<Reading> {
    const { board, extension } = this.#meeting;
    await extension.present(signal);
    const eventTime = this.#environment.now();
    const counts = {
      "Connectivity/RefusedCalls": extension.refused,
      "Connectivity/UnknownCallers": board.unknownCallers,
      "Connectivity/Malformed": extension.malformed,
    };
    const samples = Object.entries(counts).map(([metric, value]) => ({
      metric,
      value,
      quality: GOOD,
      eventTime,
    }));
    return { samples, events: [] };
  }

  async subscribe(sink: ReadingSink, signal: AbortSignal): Promise<void> {
    const keep: Keep = (reading) => new Promise((settled) => sink(reading, settled));
    await this.#meeting.extension.serve(
      (message, caller) => this.#device.take(message, caller, keep),
      this.#silenceMax_ms,
      signal,
    );
  }

  async close(): Promise<void> {
    await this.#meeting.letGo();
  }
}
