/**
 * A bus terminal that calls in: registers, authenticates, reports each change at once, keeps what was not acknowledged,
 * and hands it over as a backlog when it has called again.
 */
import { encodeFrame, type Jt808Frame, Jt808Splitter } from "../../codecs/jt808-frame.ts";
import {
  encodeAuthentication,
  encodeLocationBatch,
  encodeRegistration,
  Jt808Message,
  parseAnswer,
  parseRegisterAnswer,
  RegisterResult,
} from "../../codecs/jt808-messages.ts";
import type { Jt808Profile } from "../../profiles/jt808-profile.ts";
import { CALL_FAULTS, CallingClient, freePort } from "../calling-client.ts";
import {
  checkFault,
  type SimulatedDevice,
  type SimulatedFault,
  type SimulatorOptions,
} from "../simulated-device.ts";
import { SimulatedTerminal } from "./terminal.ts";

const IDENTITY = "13800138000";
/** Reports that a terminal keeps while nobody acknowledges them; the oldest give way. */
const KEPT_MAX = 1_000;
/** Locations of one batch: more than one frame holds, so that it goes in parts. */
const BATCH_MAX = 40;
const PART_BYTES = 500;
const HEARTBEAT_ms = 30_000;
const STORM = 200;
/** Reports that are sent again after every reconnect, while it plays that. */
const REPLAYED = 5;

const FAULTS = [
  ...CALL_FAULTS,
  "clock-1970",
  "clock-ahead",
  "local-time",
  "replay",
  "counter-reset",
  "stuck",
  "sentinel",
  "storm",
] as const satisfies readonly SimulatedFault[];

interface Report {
  readonly message: number;
  readonly body: Uint8Array;
}

/** `secret` is the authentication code that somebody has put into the terminal. */
export async function startJt808Simulator(
  profile: Jt808Profile,
  options: SimulatorOptions = {},
): Promise<SimulatedDevice> {
  const port = options.port || (await freePort());
  const terminal = new SimulatedTerminal(profile, options.now ?? Date.now);
  const phone = options.identity ?? IDENTITY;
  const line = new TerminalLine(profile, terminal, { port, phone, presetCode: options.secret });
  return {
    url: `jt808://${phone}@127.0.0.1:${port}`,
    set: (metric, value) => {
      if (terminal.set(metric, value)) line.restart();
      else line.report({ message: Jt808Message.Location, body: terminal.location() });
    },
    get: (metric) => terminal.get(metric),
    raise: (event, fields) => {
      if (event === "Bus/Driver") {
        line.report({ message: Jt808Message.Driver, body: terminal.driverCard(fields) });
      } else if (event === "Bus/Position") {
        terminal.move(fields);
        line.report({ message: Jt808Message.Location, body: terminal.location() });
      } else throw new RangeError(`${profile.id} has no ${event}`);
    },
    faults: FAULTS,
    fault: async (fault) => {
      checkFault(fault, FAULTS);
      terminal.fault = fault;
      if (fault === "counter-reset") terminal.resetCounters();
      await line.fault(fault);
    },
    close: async () => line.close(),
  };
}

interface LineOptions {
  readonly port: number;
  readonly phone: string;
  readonly presetCode: string | undefined;
}

class TerminalLine {
  readonly #profile: Jt808Profile;
  readonly #terminal: SimulatedTerminal;
  readonly #client: CallingClient;
  readonly #heartbeat: NodeJS.Timeout;
  readonly #options: LineOptions;
  #splitter = new Jt808Splitter();
  #fault: SimulatedFault | null = null;
  #serial = 0;
  #admitted = false;
  #authentication = -1;
  /** By the serial number of the message that bears them. */
  readonly #unanswered = new Map<number, readonly Report[]>();
  #kept: Report[] = [];
  #last: Report[] = [];

  constructor(profile: Jt808Profile, terminal: SimulatedTerminal, options: LineOptions) {
    this.#profile = profile;
    this.#terminal = terminal;
    this.#options = options;
    this.#client = new CallingClient({
      port: options.port,
      // The end of a frame that was cut off.
      noise: Uint8Array.of(0x31, 0x32, 0x7e),
      onConnected: () => this.#register(),
      onData: (bytes) => {
        for (const frame of this.#splitter.push(bytes)) this.#hear(frame);
      },
    });
    this.#heartbeat = setInterval(() => {
      if (this.#admitted) this.#send(Jt808Message.Heartbeat, new Uint8Array());
    }, HEARTBEAT_ms);
  }

  report(report: Report): void {
    this.#last = [...this.#last, report].slice(-REPLAYED);
    const copies = this.#fault === "storm" ? STORM : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      if (this.#admitted) this.#deliver(report.message, report.body, [report]);
      else if (copy === 0) this.#kept = [...this.#kept, report].slice(-KEPT_MAX);
    }
  }

  restart(): void {
    this.#client.reconnect();
  }

  async fault(fault: SimulatedFault | null): Promise<void> {
    this.#fault = fault;
    if (fault === "counter-reset") this.#serial = 0;
    this.#admitted = false;
    await this.#client.fault(fault);
  }

  close(): void {
    clearInterval(this.#heartbeat);
    this.#client.close();
  }

  /** A new call: what was not answered on the last one is kept for this one. */
  #register(): void {
    this.#splitter = new Jt808Splitter();
    this.#admitted = false;
    this.#kept = [...[...this.#unanswered.values()].flat(), ...this.#kept].slice(-KEPT_MAX);
    this.#unanswered.clear();
    const { edition } = this.#profile;
    this.#send(Jt808Message.Register, encodeRegistration(this.#terminal.registration(), edition));
  }

  #hear({ body, message }: Jt808Frame): void {
    if (message === Jt808Message.RegisterAnswer) {
      const { code, result } = parseRegisterAnswer(body);
      if (result === RegisterResult.done) this.#authenticate(code);
      else if (result === RegisterResult.alreadyRegistered)
        this.#authenticate(this.#options.presetCode ?? "");
    } else if (message === Jt808Message.PlatformAnswer) {
      const answer = parseAnswer(body);
      if (answer.serial === this.#authentication && answer.result === 0) this.#admit();
      else if (answer.result === 0) this.#unanswered.delete(answer.serial);
    }
  }

  #authenticate(code: string): void {
    this.#authentication = this.#serial;
    this.#send(Jt808Message.Authenticate, encodeAuthentication(code, this.#profile.edition));
  }

  #admit(): void {
    if (this.#admitted) return;
    this.#admitted = true;
    const kept = [...this.#kept, ...(this.#fault === "replay" ? this.#last : [])];
    this.#kept = [];
    const locations = kept.filter(({ message }) => message === Jt808Message.Location);
    for (let at = 0; at < locations.length; at += BATCH_MAX) {
      const batch = locations.slice(at, at + BATCH_MAX);
      const body = encodeLocationBatch({ backlog: true, locations: batch.map((each) => each.body) });
      this.#deliver(Jt808Message.LocationBatch, body, batch);
    }
    for (const report of kept.filter(({ message }) => message !== Jt808Message.Location)) {
      this.#deliver(report.message, report.body, [report]);
    }
    this.#deliver(Jt808Message.Location, this.#terminal.location(), []);
  }

  /** Sends, in parts where it must, and keeps `reports` until the last part is answered. */
  #deliver(message: number, body: Uint8Array, reports: readonly Report[]): void {
    const total = Math.max(1, Math.ceil(body.length / PART_BYTES));
    this.#unanswered.set((this.#serial + total - 1) & 0xffff, reports);
    for (let number = 1; number <= total; number += 1) {
      const part = body.slice((number - 1) * PART_BYTES, number * PART_BYTES);
      this.#send(message, part, total === 1 ? undefined : { total, number });
    }
  }

  #send(message: number, body: Uint8Array, part?: { readonly total: number; readonly number: number }): void {
    const { edition } = this.#profile;
    const head = { message, edition, phone: this.#options.phone, serial: this.#serial, body };
    this.#serial = (this.#serial + 1) & 0xffff;
    this.#client.send(encodeFrame(part === undefined ? head : { ...head, part }));
  }
}
