import { connect, type Socket } from "node:net";
import { encodeMbap, MbapSplitter } from "@campus-ops/device-profiles/codecs/mbap";
import {
  EXCEPTIONS,
  encodeRequest,
  ModbusFrameError,
  type ModbusRequest,
  parseResponse,
} from "@campus-ops/device-profiles/codecs/modbus-pdu";
import { DriverError } from "../driver.ts";

const TRANSACTIONS = 0x1_0000;
/** Codes that say “not now” rather than “never”: busy, a passing failure, a gateway that cannot reach the device. */
const PASSING_EXCEPTIONS: ReadonlySet<number> = new Set([4, 5, 6, 8]);
const GATEWAY_EXCEPTIONS: ReadonlySet<number> = new Set([10, 11]);

interface Waiting {
  readonly transaction: number;
  resolve(pdu: Uint8Array): void;
  reject(error: Error): void;
}

/**
 * One TCP connection to one unit, one request in flight. It ends with the first thing that goes wrong on the wire and
 * is then replaced, never mended: bytes that belong to an earlier request can so never be taken for an answer.
 * An answer that comes after its request was given up carries an old transaction identifier and is dropped.
 */
export class ModbusConnection {
  readonly #socket: Socket;
  readonly #unit: number;
  readonly #splitter = new MbapSplitter();
  #transaction = 0;
  #waiting: Waiting | undefined;
  #ended: DriverError | undefined;
  /** Settles when the request before has: that is the queue. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(socket: Socket, unit: number) {
    this.#socket = socket;
    this.#unit = unit;
    socket.on("data", (bytes) => this.#receive(bytes));
    socket.on("error", (cause) => this.#end(unreachable("the connection broke", cause)));
    socket.on("close", () => this.#end(unreachable("the device closed the connection")));
  }

  static open(host: string, port: number, unit: number, signal: AbortSignal): Promise<ModbusConnection> {
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
      resolve(new ModbusConnection(socket, unit));
    });
    return promise;
  }

  /**
   * What `request` brings: the cells read, none for a write. Rejects with a {@link DriverError}: `device-exception`,
   * `garbage`, `timeout` when `signal` aborts, `unreachable`.
   */
  async request(request: ModbusRequest, signal: AbortSignal): Promise<readonly number[]> {
    const before = this.#turn;
    const { promise: turn, resolve: pass } = Promise.withResolvers<void>();
    this.#turn = turn;
    try {
      await before;
      const pdu = await this.#exchange(encodeRequest(request), signal);
      return this.#understand(request, pdu);
    } finally {
      pass();
    }
  }

  /** Waits for nothing: a socket that hangs would not let us go. */
  close(): void {
    this.#end(unreachable("the session was closed"));
  }

  #exchange(pdu: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    if (signal.aborted) return Promise.reject(timeout("waiting for an answer", signal));
    this.#transaction = (this.#transaction + 1) % TRANSACTIONS;
    const transaction = this.#transaction;
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
    const giveUp = () => reject(timeout("waiting for an answer", signal));
    signal.addEventListener("abort", giveUp, { once: true });
    this.#waiting = { transaction, resolve, reject };
    this.#socket.write(encodeMbap({ transaction, unit: this.#unit, pdu }));
    return promise.finally(() => {
      signal.removeEventListener("abort", giveUp);
      this.#waiting = undefined;
    });
  }

  #understand(request: ModbusRequest, pdu: Uint8Array): readonly number[] {
    try {
      const response = parseResponse(request, pdu);
      if (response.kind === "exception") throw deviceException(request, response.code);
      return response.kind === "cells" ? response.cells : [];
    } catch (error) {
      if (!(error instanceof ModbusFrameError)) throw error;
      const garbage = notModbus(error);
      this.#end(garbage);
      throw garbage;
    }
  }

  #receive(bytes: Uint8Array): void {
    try {
      for (const frame of this.#splitter.push(bytes)) {
        if (frame.transaction !== this.#waiting?.transaction) continue;
        if (frame.unit !== this.#unit)
          throw new ModbusFrameError(`unit ${frame.unit} answered for unit ${this.#unit}`);
        this.#waiting.resolve(frame.pdu);
      }
    } catch (error) {
      if (!(error instanceof ModbusFrameError)) throw error;
      this.#end(notModbus(error));
    }
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

function notModbus(cause: ModbusFrameError): DriverError {
  return new DriverError(
    "garbage",
    `Modbus device: the answer is not Modbus TCP (${cause.message}); check address, port and unit`,
    { retry: true, cause },
  );
}

function deviceException(request: ModbusRequest, code: number): DriverError {
  const name = (EXCEPTIONS as Readonly<Record<number, string>>)[code] ?? "unknown exception";
  const what = `${request.operation} of ${request.table} ${request.pduAddress}`;
  if (GATEWAY_EXCEPTIONS.has(code)) {
    return new DriverError("unreachable", `Modbus gateway: ${name} (exception ${code}) at ${what}`, {
      retry: true,
    });
  }
  const retry = PASSING_EXCEPTIONS.has(code);
  const advice = retry ? "" : "; does the profile fit this device?";
  return new DriverError(
    "device-exception",
    `Modbus device: ${name} (exception ${code}) at ${what}${advice}`,
    {
      retry,
    },
  );
}
