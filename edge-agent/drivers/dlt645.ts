import {
  ANY_ADDRESS,
  bcdDigits,
  type Dlt645Frame,
  Dlt645Splitter,
  encodeDlt645,
  encodeIdentifier,
  FROM_METER,
  isAddressed,
  MORE_FOLLOWS,
  NO_SUCH_DATA,
  READ_ADDRESS,
  READ_DATA,
  REFUSALS,
  REFUSED,
  splitIdentifier,
} from "@campus-ops/device-profiles/codecs/dlt645";
import {
  CLOCK_DATE,
  CLOCK_METRIC,
  CLOCK_TIME,
  type Dlt645Item,
  type Dlt645Profile,
  meterClock,
  readItem,
} from "@campus-ops/device-profiles/profiles/dlt645-profile";
import type { Reading, Sample } from "@campus-ops/device-profiles/vocabulary";
import { type DeviceSession, type Driver, type DriverEnvironment, DriverError } from "./driver.ts";
import type { Lease } from "./line.ts";
import { answerTime_ms, parseLineAddress } from "./serial/address.ts";
import type { Bus } from "./serial/bus.ts";
import { leaseBus } from "./serial/buses.ts";

/** What meters leave the factory with. 5.1 */
const SERIAL = { baud: 2400, dataBits: 8, parity: "even", stopBits: 1 } as const;
/** A meter begins its answer within 500 ms (5.3), and a long one takes as long again at 2400 baud. */
const ANSWER_MS = 1_500;
/** A read that was spoilt by noise is asked once more. */
const ATTEMPTS_MAX = 2;
const ADDRESS = /^[0-9A]{12}$/;

/**
 * Speaks DL/T 645-2007 with `dlt645:///dev/ttyUSB0?address=202600000001`, or `dlt645://host:port?address=…` through a
 * serial server. Meters on one line share it. Without an address the one meter on the line is asked for its own.
 */
export const dlt645Driver: Driver<Dlt645Profile> = {
  async open({ url }, profile, environment, signal) {
    const asked = (url.searchParams.get("address") ?? ANY_ADDRESS).toUpperCase().padStart(12, "0");
    if (url.protocol !== "dlt645:" || !ADDRESS.test(asked)) {
      const form = "dlt645:///dev/ttyUSB0?address=202600000001 with the twelve digits of the meter's plate";
      throw new DriverError("unsupported", `${url.href} is no address of a meter; it must read ${form}`, {
        retry: false,
      });
    }
    const lease = await leaseBus(parseLineAddress(url, { settings: SERIAL }), signal);
    try {
      const line = new MeterLine(lease.line, asked, answerTime_ms(url, ANSWER_MS));
      if (asked === ANY_ADDRESS) await line.findAddress(signal);
      return new Dlt645Session(lease, line, profile, environment);
    } catch (error) {
      await lease.release();
      throw error;
    }
  },
};

/** One meter's conversation on the shared line. */
class MeterLine {
  readonly #bus: Bus;
  readonly #answer_ms: number;
  #address: string;

  constructor(bus: Bus, address: string, answer_ms: number) {
    this.#bus = bus;
    this.#address = address;
    this.#answer_ms = answer_ms;
  }

  async findAddress(signal: AbortSignal): Promise<void> {
    const { data } = await this.#ask(READ_ADDRESS, Uint8Array.of(), () => true, signal);
    const address = bcdDigits(data);
    if (address === undefined) throw garbage("an address that is no number");
    this.#address = address;
  }

  /** The data of `identifier`; undefined when the meter has none. */
  async read(identifier: number, signal: AbortSignal): Promise<Uint8Array | undefined> {
    // A late answer to another question names that question's identifier.
    const answers = ({ control, data }: Dlt645Frame) =>
      (control & REFUSED) !== 0 || splitIdentifier(data)?.identifier === identifier;
    const { control, data } = await this.#ask(READ_DATA, encodeIdentifier(identifier), answers, signal);
    if ((control & REFUSED) === 0) return splitIdentifier(data)?.value;
    const [error = 0] = data;
    if ((error & NO_SUCH_DATA) !== 0) return undefined;
    const why = REFUSALS.filter((_, bit) => (error & (1 << bit)) !== 0).join(", ");
    throw new DriverError("device-exception", `meter ${this.#address} refuses: ${why}`, { retry: false });
  }

  async #ask(
    control: number,
    data: Uint8Array,
    answers: (frame: Dlt645Frame) => boolean,
    signal: AbortSignal,
  ): Promise<Dlt645Frame> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#exchange(control, data, answers, signal);
      } catch (error) {
        if (!(error instanceof DriverError)) throw error;
        if (error.kind === "garbage" && attempt < ATTEMPTS_MAX) continue;
        const { kind, message, retry } = error;
        throw new DriverError(kind, `meter ${this.#address}: ${message}`, { retry, cause: error });
      }
    }
  }

  #exchange(
    control: number,
    data: Uint8Array,
    answers: (frame: Dlt645Frame) => boolean,
    signal: AbortSignal,
  ): Promise<Dlt645Frame> {
    const request = encodeDlt645({ address: this.#address, control, data });
    const find = (received: Uint8Array): Dlt645Frame | undefined =>
      new Dlt645Splitter()
        .push(received)
        .find(
          (frame) => isAnswer(frame, control) && isAddressed(this.#address, frame.address) && answers(frame),
        );
    return this.#bus.exclusively(this.#address, signal, (turn) => turn.ask(request, find, this.#answer_ms));
  }
}

/** From a meter, to this question: whole, as the first part of more, or as a refusal. */
const isAnswer = ({ control }: Dlt645Frame, asked: number): boolean =>
  (control & ~(REFUSED | MORE_FOLLOWS)) === (asked | FROM_METER);

class Dlt645Session implements DeviceSession {
  readonly #lease: Lease<Bus>;
  readonly #line: MeterLine;
  readonly #profile: Dlt645Profile;
  readonly #environment: DriverEnvironment;
  /** What this meter said it has not; meters differ in what they measure, and it is not asked for again. */
  readonly #absent = new Set<number>();

  constructor(lease: Lease<Bus>, line: MeterLine, profile: Dlt645Profile, environment: DriverEnvironment) {
    this.#lease = lease;
    this.#line = line;
    this.#profile = profile;
    this.#environment = environment;
  }

  async identify(signal: AbortSignal): Promise<Reading> {
    return { samples: await this.#read(this.#profile.identity, signal), events: [] };
  }

  async poll(signal: AbortSignal): Promise<Reading> {
    const samples = await this.#read(this.#profile.items, signal);
    if (samples.length === 0) {
      const what = "the meter has none of what its profile asks for; is it one of DL/T 645-2007?";
      throw new DriverError("device-exception", what, { retry: false });
    }
    return { samples: [...samples, ...(await this.#clock(signal))], events: [] };
  }

  async close(): Promise<void> {
    await this.#lease.release();
  }

  async #read(items: readonly Dlt645Item[], signal: AbortSignal): Promise<readonly Sample[]> {
    const samples: Sample[] = [];
    for (const item of items) {
      const data = await this.#value(item.identifier, signal);
      if (data !== undefined) samples.push(...readItem(item, data, this.#environment.now()));
    }
    return samples;
  }

  async #value(identifier: number, signal: AbortSignal): Promise<Uint8Array | undefined> {
    if (this.#absent.has(identifier)) return undefined;
    const data = await this.#line.read(identifier, signal);
    if (data === undefined) this.#absent.add(identifier);
    return data;
  }

  /** The date is asked for on both sides of the time: between the two it may have become tomorrow. */
  async #clock(signal: AbortSignal): Promise<readonly Sample[]> {
    const before = await this.#value(CLOCK_DATE, signal);
    const time = await this.#value(CLOCK_TIME, signal);
    const eventTime = this.#environment.now();
    const after = await this.#value(CLOCK_DATE, signal);
    if (before === undefined || time === undefined || after === undefined) return [];
    if (before.some((byte, index) => byte !== after[index])) return [];
    const shows = meterClock(before, time);
    const metric = CLOCK_METRIC;
    return shows === undefined
      ? [{ metric, value: null, quality: { status: "bad", reason: "device-clock" }, eventTime }]
      : [{ metric, value: (shows - eventTime) / 1000, quality: { status: "good" }, eventTime }];
  }
}

function garbage(what: string): DriverError {
  return new DriverError("garbage", `the meter answers with ${what}`, { retry: true });
}
