/** Simulated Modbus devices behind one address, by their units, and how they answer on TCP and on a line. */
import type { Duplex } from "node:stream";
import { encodeMbap, MbapSplitter } from "../../codecs/mbap.ts";
import { encodeException, encodeResponse, parseRequest } from "../../codecs/modbus-pdu.ts";
import { BROADCAST_UNIT, encodeRtu, RtuRequestSplitter } from "../../codecs/modbus-rtu.ts";
import type { SimulatedModbusUnit } from "./unit.ts";

const GATEWAY_TARGET_FAILED = 11;
/** How many exchanges a device that restarts all the time gets through. */
const EXCHANGES_BEFORE_REBOOT = 3;

export class ModbusNetwork {
  readonly #units: ReadonlyMap<number, SimulatedModbusUnit>;
  readonly #onRequest: (unit: number) => void;
  #reboots = false;
  #exchanges = 0;

  constructor(units: ReadonlyMap<number, SimulatedModbusUnit>, onRequest: (unit: number) => void) {
    this.#units = units;
    this.#onRequest = onRequest;
  }

  /** From now on every few exchanges end with a restart: the connection is cut in the middle of one. */
  reboot(reboots: boolean): void {
    this.#reboots = reboots;
    this.#exchanges = 0;
  }

  /** Modbus TCP. A unit that is not there is answered for as a gateway would (exception 11). */
  serveTcp(wire: Duplex): void {
    const splitter = new MbapSplitter();
    wire.on("data", (bytes: Uint8Array) => {
      try {
        for (const { transaction, unit, pdu } of splitter.push(bytes)) {
          if (this.#falls()) return void wire.destroy();
          const answer = this.#answer(unit, pdu) ?? encodeException(pdu, GATEWAY_TARGET_FAILED);
          wire.write(encodeMbap({ transaction, unit, pdu: answer }));
        }
      } catch {
        // What cannot be a frame: a real server closes the connection.
        wire.destroy();
      }
    });
  }

  /** Modbus RTU. Who is not there says nothing, and a broadcast is answered by nobody. */
  serveRtu(wire: Duplex): void {
    const splitter = new RtuRequestSplitter();
    wire.on("data", (bytes: Uint8Array) => {
      for (const { unit, pdu } of splitter.push(bytes)) {
        if (this.#falls()) return void wire.destroy();
        if (unit === BROADCAST_UNIT) for (const each of this.#units.keys()) this.#answer(each, pdu);
        const answer = this.#answer(unit, pdu);
        if (answer !== undefined) wire.write(encodeRtu(unit, answer));
      }
    });
  }

  #answer(unit: number, pdu: Uint8Array): Uint8Array | undefined {
    const device = this.#units.get(unit);
    if (device === undefined) return undefined;
    this.#onRequest(unit);
    const request = parseRequest(pdu);
    if ("exception" in request) return encodeException(pdu, request.exception);
    const answer = device.answer(request);
    return typeof answer === "number" ? encodeException(pdu, answer) : encodeResponse(request, answer);
  }

  #falls(): boolean {
    this.#exchanges += 1;
    return this.#reboots && this.#exchanges % (EXCHANGES_BEFORE_REBOOT + 1) === 0;
  }
}
