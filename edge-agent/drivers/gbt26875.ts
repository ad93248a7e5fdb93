/**
 * Fire alarm hosts behind a user information transmission device of GB/T 26875.3-2011:
 * `gbt26875://<source address, 12 hex digits>@0.0.0.0:5200`. The transmitters call; we listen, all of them at one port.
 * Nothing is ever sent to them but confirmations, and those when what they sent is on the disk: a transmitter repeats
 * what was not confirmed. The platform watches the fire host; it never is part of what it does.
 */
import {
  encodeFireFrame,
  FireCommand,
  fireAddress,
  type Gbt26875Frame,
  Gbt26875Splitter,
} from "@campus-ops/device-profiles/codecs/gbt26875-frame";
import { FireObjectError, parseFireObjects } from "@campus-ops/device-profiles/codecs/gbt26875-objects";
import type { Gbt26875Profile } from "@campus-ops/device-profiles/profiles/gbt26875-profile";
import { FireHost, type FireReceipt } from "@campus-ops/device-profiles/profiles/gbt26875-reading";
import { type DeviceEvent, GOOD, type Reading, type Sample } from "@campus-ops/device-profiles/vocabulary";
import { type Driver, type DriverEnvironment, DriverError } from "./driver.ts";
import { callAddress } from "./listener/address.ts";
import { type CalledDevice, CalledSession, type Keep } from "./listener/called-session.ts";
import type { Caller } from "./listener/caller.ts";
import { type CallProtocol, LINGER_MS, Switchboards } from "./listener/switchboard.ts";

export const GBT26875_PORT = 5200;
/** Its clock tells whole seconds, and the frame was on its way. */
const CLOCK_UNCERTAINTY_ms = 1_000;

/** The standard knows no login: a transmitter is who its source address says. */
type NoSettings = undefined;

const calls: CallProtocol<Gbt26875Frame, NoSettings> = {
  splitter: () => new Gbt26875Splitter(),
  introduction: (expected) => (frame) => {
    const extension = expected(frame.source);
    return extension === undefined ? { is: "unknown" } : { is: "known", extension, message: frame };
  },
};

export const gbt26875Driver: Driver<Gbt26875Profile> = createGbt26875Driver();

export function createGbt26875Driver(linger_ms = LINGER_MS): Driver<Gbt26875Profile> {
  const boards = new Switchboards(calls, linger_ms);
  return {
    calls: boards.tally,
    async open(target, profile, environment, signal) {
      const address = callAddress(target, "gbt26875", GBT26875_PORT, "<source address>");
      const source = fireAddress(address.identity);
      if (source === undefined) {
        throw new DriverError(
          "unsupported",
          `${address.identity} is no source address; it has up to 12 hex digits, the most significant first`,
          { retry: false },
        );
      }
      const onCall = (): void => environment.onCall?.();
      const meeting = await boards.meet(address, source, () => undefined, onCall, signal);
      return new CalledSession(
        meeting,
        new Transmitter(profile, environment),
        environment,
        profile.silenceMax_ms,
      );
    },
  };
}

class Transmitter implements CalledDevice<Gbt26875Frame> {
  readonly #environment: DriverEnvironment;
  readonly #host: FireHost;

  constructor(profile: Gbt26875Profile, environment: DriverEnvironment) {
    this.#environment = environment;
    this.#host = new FireHost(profile);
  }

  async take(frame: Gbt26875Frame, caller: Caller<Gbt26875Frame>, keep: Keep): Promise<void> {
    // Confirmations and denials answer something that we never say.
    if (frame.command !== FireCommand.Data && frame.command !== FireCommand.Answer) return;
    let reading: Reading;
    try {
      reading = this.#read(frame);
    } catch (error) {
      if (!(error instanceof FireObjectError)) throw error;
      // To send it again would not mend it.
      this.#answer(frame, caller, FireCommand.Deny);
      throw error;
    }
    const kept = await keep(reading);
    if (kept && frame.command === FireCommand.Data) this.#answer(frame, caller, FireCommand.Confirm);
  }

  #read({ data, sentAt, serial }: Gbt26875Frame): Reading {
    const receivedAt = this.#environment.now();
    const samples: Sample[] = [];
    const events: DeviceEvent[] = [];
    let clockOffset_ms = 0;
    if (sentAt !== undefined) {
      const measured = { offset_ms: sentAt - receivedAt, uncertainty_ms: CLOCK_UNCERTAINTY_ms };
      clockOffset_ms = this.#environment.clockOffset?.(measured) ?? measured.offset_ms;
      samples.push({
        metric: "Connectivity/ClockOffset",
        value: Math.round(clockOffset_ms / 1000),
        quality: GOOD,
        eventTime: receivedAt,
      });
    }
    const receipt: FireReceipt = { receivedAt, clockOffset_ms, serial };
    for (const object of parseFireObjects(data)) {
      const told = this.#host.read(object, receipt);
      samples.push(...told.samples);
      events.push(...told.events);
    }
    return { samples, events };
  }

  /** 6.3: with the serial number of what it answers, the addresses exchanged, and no data. */
  #answer(frame: Gbt26875Frame, caller: Caller<Gbt26875Frame>, command: number): void {
    const { destination, serial, source, version } = frame;
    caller.send(
      encodeFireFrame({
        serial,
        version,
        sentAt: this.#environment.now(),
        source: destination,
        destination: source,
        command,
        data: new Uint8Array(),
      }),
    );
  }
}
