import { connect, type Socket } from "node:net";
import { encodeMbap, MbapSplitter } from "@campus-ops/device-profiles/codecs/mbap";
import {
  encodeRequest,
  ModbusFrameError,
  type ModbusRequest,
  parseResponse,
} from "@campus-ops/device-profiles/codecs/modbus-pdu";
import { DriverError } from "../driver.ts";
import { Turns } from "../turns.ts";
import { cellsOf } from "./channel.ts";

const TRANSACTIONS = 0x1_0000;
/** A connection that is half open takes every request and brings nothing back: after so many it is given up. */
export const SILENT_REQUESTS_MAX = 3;

interface Waiting {
  readonly transaction: number;
  readonly unit: number;
  resolve(pdu: Uint8Array): void;
  reject(error: Error): void;
}

/**
 * One TCP connection to a device, or to a gateway and the units behind it, with one request in flight. It ends with the first thing that goes wrong on the wire and
 * is then replaced, never mended: bytes that belong to an earlier request can so never be taken for an answer.
 * An answer that comes after its request was given up carries an old transaction identifier and is dropped.
 */
export class ModbusConnection {
  readonly #socket: Socket;
  readonly #splitter = new MbapSplitter();
  #transaction = 0;
  #waiting: Waiting | undefined;
  #ended: DriverError | undefined;
  #silent = 0;
  readonly #turns = new Turns();

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (bytes) => this.#receive(bytes));
    socket.on("error", (cause) => this.#end(unreachable("the connection broke", cause)));
    socket.on("close", () => this.#end(unreachable("the device closed the connection")));
  }

  static open(host: string, port: number, signal: AbortSignal): Promise<ModbusConnection> {
    const { promise, resolve, reject } = Promise.withResolvers<ModbusConnection>();
    if (signal.aborted) return Promise.reject(timeout("connecting", signal));
    const socket = connect({ host, port, noDelay: true });
    const giveUp = () => {
      socket.destroy();
      reject(timeout("connecting", signal));
    };
    signal.addEventListener("abort", giveUp, { once: true });
    socket.once("error", (cause) => {
      signal.removeEventListener("abort", giveUp);
      reject(unreachable("no connection", cause));
    });
    socket.once("connect", () => {
      signal.removeEventListener("abort", giveUp);
      socket.removeAllListeners("error");
      resolve(new ModbusConnection(socket));
    });
    return promise;
  }

  /** Set when the connection is over: whoever holds it lets go and opens another. */
  get ended(): DriverError | undefined {
    return this.#ended;
  }

  /**
   * What `request` to `unit` brings: the cells read, none for a write. Rejects with a {@link DriverError}:
   * `device-exception`, `garbage`, `unreachable`, or `timeout` when there is no answer within `answer_ms` or `signal`
   * aborts.
   */
  async request(
    unit: number,
    request: ModbusRequest,
    answer_ms: number,
    signal: AbortSignal,
  ): Promise<readonly number[]> {
    const give = await this.#turns.take(String(unit), signal);
    try {
      const pdu = await this.#exchange(unit, encodeRequest(request), answer_ms, signal);
      return this.#understand(request, pdu);
    } finally {
      give();
    }
  }

  /** Waits for nothing: a socket that hangs would not let us go. */
  close(): void {
    this.#end(unreachable("the session was closed"));
  }

  #exchange(unit: number, pdu: Uint8Array, answer_ms: number, signal: AbortSignal): Promise<Uint8Array> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    if (signal.aborted) return Promise.reject(timeout("waiting for an answer", signal));
    this.#transaction = (this.#transaction + 1) % TRANSACTIONS;
    const transaction = this.#transaction;
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
    const giveUp = () => reject(timeout("waiting for an answer", signal));
    signal.addEventListener("abort", giveUp, { once: true });
    const timer = setTimeout(() => {
      reject(silence(unit, answer_ms));
      this.#noteSilence();
    }, answer_ms);
    this.#waiting = { transaction, unit, resolve, reject };
    this.#socket.write(encodeMbap({ transaction, unit, pdu }));
    return promise.finally(() => {
      clearTimeout(timer);
      signal.removeEventListener("abort", giveUp);
      this.#waiting = undefined;
    });
  }

  #understand(request: ModbusRequest, pdu: Uint8Array): readonly number[] {
    try {
      return cellsOf(request, parseResponse(request, pdu));
    } catch (error) {
      if (!(error instanceof ModbusFrameError)) throw error;
      const garbage = notModbus(error);
      this.#end(garbage);
      throw garbage;
    }
  }

  #receive(bytes: Uint8Array): void {
    this.#silent = 0;
    try {
      for (const frame of this.#splitter.push(bytes)) {
        if (frame.transaction !== this.#waiting?.transaction) continue;
        const { unit, resolve } = this.#waiting;
        if (frame.unit !== unit) throw new ModbusFrameError(`unit ${frame.unit} answered for unit ${unit}`);
        resolve(frame.pdu);
      }
    } catch (error) {
      if (!(error instanceof ModbusFrameError)) throw error;
      this.#end(notModbus(error));
    }
  }

  #noteSilence(): void {
    this.#silent += 1;
    if (this.#silent < SILENT_REQUESTS_MAX) return;
    this.#end(unreachable(`none of ${this.#silent} requests was answered; the connection is replaced`));
  }

  #end(why: DriverError): void {
    if (this.#ended !== undefined) return;
    this.#ended = why;
    this.#socket.destroy();
    this.#waiting?.reject(why);
  }
}

function unreachable(what: string, cause?: unknown): DriverError {
  const detail = cause instanceof Error ? `: ${cause.message}` : "";
  return new DriverError("unreachable", `Modbus device: ${what}${detail}`, { retry: true, cause });
}

function timeout(doing: string, signal: AbortSignal): DriverError {
  return new DriverError("timeout", `Modbus device: gave up ${doing}`, { retry: true, cause: signal.reason });
}

function silence(unit: number, answer_ms: number): DriverError {
  return new DriverError("timeout", `Modbus unit ${unit}: no answer within ${answer_ms} ms`, { retry: true });
}

function notModbus(cause: ModbusFrameError): DriverError {
  return new DriverError(
    "garbage",
    `Modbus device: the answer is not Modbus TCP (${cause.message}); check address, port and unit`,
    { retry: true, cause },
  );
}
