import {
  encodeRequest,
  isBitTable,
  ModbusFrameError,
  type ModbusRequest,
  parseResponse,
  type ReadRequest,
} from "@campus-ops/device-profiles/codecs/modbus-pdu";
import { encodeRtu, findRtuResponse, rtuResponseBytes } from "@campus-ops/device-profiles/codecs/modbus-rtu";
import { DriverError } from "../driver.ts";
import type { Lease } from "../line.ts";
import { characterTime_ms, type LineAddress } from "../serial/address.ts";
import type { Bus } from "../serial/bus.ts";
import { leaseBus } from "../serial/buses.ts";
import { cellsOf, type ModbusChannel } from "./channel.ts";

export interface RtuUnit {
  /** 1 to 247. */
  readonly unit: number;
  /** How long the unit may think before its answer is complete, the time the bytes take aside. */
  readonly answer_ms: number;
}

/** A read that was spoilt by noise is asked once more; a unit that is silent is not, the others wait for their turn. */
const ATTEMPTS_MAX = 2;

/** Reads that units did not answer in time, by bus and unit: their answers may still come. */
const owed = new WeakMap<Bus, Map<number, ReadRequest>>();

/** Leases the line. Rejects with what {@link leaseBus} rejects with. */
export async function openRtuChannel(
  address: LineAddress,
  unit: RtuUnit,
  signal: AbortSignal,
): Promise<ModbusChannel> {
  return new RtuChannel(await leaseBus(address, signal), unit);
}

class RtuChannel implements ModbusChannel {
  readonly #lease: Lease<Bus>;
  readonly #unit: number;
  readonly #answer_ms: number;

  constructor(lease: Lease<Bus>, { unit, answer_ms }: RtuUnit) {
    this.#lease = lease;
    this.#unit = unit;
    this.#answer_ms = answer_ms;
  }

  async request(request: ModbusRequest, signal: AbortSignal): Promise<readonly number[]> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#exchange(request, signal);
      } catch (error) {
        const spoilt = error instanceof DriverError && error.kind === "garbage";
        if (!spoilt || request.operation === "write" || attempt >= ATTEMPTS_MAX) throw this.#named(error);
      }
    }
  }

  async close(): Promise<void> {
    await this.#lease.release();
  }

  async #exchange(request: ModbusRequest, signal: AbortSignal): Promise<readonly number[]> {
    const bus = this.#lease.line;
    const late = owed.get(bus)?.get(this.#unit);
    if (late !== undefined) await this.#catchUp(bus, late, signal);
    try {
      const pdu = await this.#ask(bus, request, signal);
      return cellsOf(request, parseResponse(request, pdu));
    } catch (error) {
      if (error instanceof ModbusFrameError) {
        throw new DriverError("garbage", error.message, { retry: true, cause: error });
      }
      if (request.operation === "read" && (isTimeout(error) || late !== undefined)) this.#owe(bus, request);
      // Exceptions all have one length: this one may still be that of the question before.
      throw late === undefined || !(error instanceof DriverError) ? error : passing(error);
    }
  }

  /**
   * RTU has nothing that tells an answer from an earlier one of the same length. So a unit that owes an answer is first
   * asked for something that is answered with another length, or with an exception; answers come in the order of their
   * requests, and when this one is there the late one has gone by.
   */
  async #catchUp(bus: Bus, late: ReadRequest, signal: AbortSignal): Promise<void> {
    await this.#ask(bus, withAnotherLength(late), signal);
    owed.get(bus)?.delete(this.#unit);
  }

  #ask(bus: Bus, request: ModbusRequest, signal: AbortSignal): Promise<Uint8Array> {
    const frame = encodeRtu(this.#unit, encodeRequest(request));
    const find = (received: Uint8Array) => findRtuResponse(received, this.#unit, request);
    const wait_ms = this.#answer_ms + rtuResponseBytes(request) * characterTime_ms(bus.address);
    return bus.exclusively(String(this.#unit), signal, (turn) => turn.ask(frame, find, wait_ms));
  }

  #owe(bus: Bus, request: ReadRequest): void {
    const units = owed.get(bus) ?? new Map<number, ReadRequest>();
    owed.set(bus, units.set(this.#unit, request));
  }

  #named(error: unknown): unknown {
    if (!(error instanceof DriverError) || error.kind === "device-exception") return error;
    const { kind, message, retry } = error;
    return new DriverError(kind, `Modbus unit ${this.#unit}: ${message}`, { retry, cause: error });
  }
}

const isTimeout = (error: unknown): boolean => error instanceof DriverError && error.kind === "timeout";

const passing = (error: DriverError): DriverError =>
  new DriverError(error.kind, error.message, { retry: true, cause: error });

/** Bits travel eight to a byte. */
function withAnotherLength(request: ReadRequest): ReadRequest {
  const step = isBitTable(request.table) ? 8 : 1;
  const { quantity } = request;
  return { ...request, quantity: quantity > step ? quantity - step : quantity + step };
}
