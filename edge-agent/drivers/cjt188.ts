import {
  ANY_CJT188_ADDRESS,
  answerTo,
  CJT188_ADDRESS_DIGITS,
  CJT188_REFUSED,
  type Cjt188Frame,
  Cjt188Splitter,
  encodeCjt188,
  encodeCjt188Question,
  FROM_CJT188_METER,
  READ_METER,
  READING,
} from "@campus-ops/device-profiles/codecs/cjt188";
import { isAddressed } from "@campus-ops/device-profiles/codecs/dlt645";
import { type Cjt188Profile, readCjt188 } from "@campus-ops/device-profiles/profiles/cjt188-profile";
import type { Reading } from "@campus-ops/device-profiles/vocabulary";
import { type DeviceSession, type Driver, type DriverEnvironment, DriverError } from "./driver.ts";
import type { Lease } from "./line.ts";
import { answerTime_ms, parseLineAddress } from "./serial/address.ts";
import type { Bus } from "./serial/bus.ts";
import { leaseBus } from "./serial/buses.ts";

/** What meters leave the factory with. */
const SERIAL = { baud: 2400, dataBits: 8, parity: "even", stopBits: 1 } as const;
/** A meter begins its answer within 500 ms, and the longest takes as long again at 2400 baud. */
const ANSWER_MS = 1_500;
/** A read that was spoilt by noise is asked once more. */
const ATTEMPTS_MAX = 2;
const ADDRESS = /^[0-9A]{14}$/;

/**
 * Reads CJ/T 188 meters with `cjt188:///dev/ttyUSB0?address=78330011223344`, or `cjt188://host:port?address=…` through
 * a serial server. Meters on one line share it. Without an address the one meter on the line is read.
 */
export const cjt188Driver: Driver<Cjt188Profile> = {
  async open({ url }, profile, environment, signal) {
    const said = url.searchParams.get("address") ?? ANY_CJT188_ADDRESS;
    const address = said.toUpperCase().padStart(CJT188_ADDRESS_DIGITS, "0");
    if (url.protocol !== "cjt188:" || !ADDRESS.test(address)) {
      const form =
        "cjt188:///dev/ttyUSB0?address=78330011223344: the maker's four digits and the ten on the plate";
      throw new DriverError("unsupported", `${url.href} is no address of a meter; it must read ${form}`, {
        retry: false,
      });
    }
    const lease = await leaseBus(parseLineAddress(url, { settings: SERIAL }), signal);
    return new Cjt188Session(lease, address, answerTime_ms(url, ANSWER_MS), profile, environment);
  },
};

class Cjt188Session implements DeviceSession {
  readonly #lease: Lease<Bus>;
  readonly #address: string;
  readonly #answer_ms: number;
  readonly #profile: Cjt188Profile;
  readonly #environment: DriverEnvironment;
  #hasAnswered = false;
  #serial = 0;
  /** Which way round this meter knows identifiers: the standard's, until it has refused that. */
  #highFirst = false;

  constructor(
    lease: Lease<Bus>,
    address: string,
    answer_ms: number,
    profile: Cjt188Profile,
    environment: DriverEnvironment,
  ) {
    this.#lease = lease;
    this.#address = address;
    this.#answer_ms = answer_ms;
    this.#profile = profile;
    this.#environment = environment;
  }

  async poll(signal: AbortSignal): Promise<Reading> {
    const value = await this.#read(signal);
    const samples = readCjt188(this.#profile.layout, value, this.#environment.now());
    return { samples, events: [] };
  }

  async close(): Promise<void> {
    await this.#lease.release();
  }

  /** Some refuse an identifier that comes the other way round, others say nothing to it: both ways are tried once. */
  async #read(signal: AbortSignal): Promise<Uint8Array> {
    try {
      return await this.#ask(signal);
    } catch (error) {
      const mayTurn = error instanceof DriverError && ["device-exception", "timeout"].includes(error.kind);
      if (!mayTurn || this.#hasAnswered) throw error;
      this.#highFirst = !this.#highFirst;
      return await this.#ask(signal).catch((second: unknown) => {
        this.#highFirst = !this.#highFirst;
        throw second;
      });
    }
  }

  async #ask(signal: AbortSignal): Promise<Uint8Array> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#exchange(signal);
      } catch (error) {
        if (!(error instanceof DriverError)) throw error;
        if (error.kind === "garbage" && attempt < ATTEMPTS_MAX) continue;
        const { kind, message, retry } = error;
        throw new DriverError(kind, `meter ${this.#address}: ${message}`, { retry, cause: error });
      }
    }
  }

  async #exchange(signal: AbortSignal): Promise<Uint8Array> {
    this.#serial = (this.#serial + 1) & 0xff;
    const serial = this.#serial;
    const data = encodeCjt188Question(READING, serial, this.#highFirst);
    const { meterType } = this.#profile;
    const request = encodeCjt188({ meterType, address: this.#address, control: READ_METER, data });
    const find = (received: Uint8Array): Cjt188Frame | undefined =>
      new Cjt188Splitter().push(received).find((frame) => this.#isAnswer(frame, serial));
    const answer = await this.#lease.line.exclusively(this.#address, signal, (turn) =>
      turn.ask(request, find, this.#answer_ms),
    );
    const value = answerTo(READING, answer.data)?.value;
    if ((answer.control & CJT188_REFUSED) !== 0 || value === undefined)
      throw new DriverError("device-exception", "it refuses to be read", { retry: true });
    this.#hasAnswered = true;
    return value;
  }

  /** From a meter, to this question: a late answer to another one bears that one's number. */
  #isAnswer({ address, control, data, meterType }: Cjt188Frame, serial: number): boolean {
    if (meterType !== this.#profile.meterType || !isAddressed(this.#address, address)) return false;
    if ((control & ~CJT188_REFUSED) !== (READ_METER | FROM_CJT188_METER)) return false;
    return (control & CJT188_REFUSED) !== 0 ? data[0] === serial : answerTo(READING, data)?.serial === serial;
  }
}
