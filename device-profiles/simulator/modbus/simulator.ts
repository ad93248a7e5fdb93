import type { Socket } from "node:net";
import { encodeMbap, MbapSplitter } from "../../codecs/mbap.ts";
import { encodeException, encodeResponse, parseRequest } from "../../codecs/modbus-pdu.ts";
import type { ModbusProfile } from "../../profiles/modbus-profile.ts";
import { type SimulatedDevice, type SimulatorOptions, TCP_FAULTS } from "../simulated-device.ts";
import { FaultableTcpServer } from "../tcp-server.ts";
import { SimulatedModbusUnit } from "./unit.ts";

/** Where the device answers; a request to any other unit is answered as a gateway would (exception 11). */
const UNIT = 1;
const GATEWAY_TARGET_FAILED = 11;

export interface SimulatedModbusDevice extends SimulatedDevice {
  /** A factory reset: the log is empty and its serial numbers begin again. */
  resetLog(): void;
  /** Unit identifier of the device. */
  readonly unit: number;
}

/** A Modbus TCP server that behaves as `profile` says. Rejects when the port is taken. */
export async function startModbusSimulator(
  profile: ModbusProfile,
  options: SimulatorOptions = {},
): Promise<SimulatedModbusDevice> {
  const unit = new SimulatedModbusUnit(profile, options.now ?? Date.now);
  const server = new FaultableTcpServer((socket) => serve(socket, unit));
  await server.listen(options.port ?? 0);
  return {
    url: `modbus://127.0.0.1:${server.port}?unit=${UNIT}`,
    unit: UNIT,
    set: (metric, value) => unit.set(metric, value),
    get: (metric) => unit.get(metric),
    raise: (event, fields) => unit.raise(event, fields),
    resetLog: () => unit.resetLog(),
    faults: TCP_FAULTS,
    fault: (fault) => server.fault(fault),
    close: () => server.close(),
  };
}

function serve(socket: Socket, unit: SimulatedModbusUnit): void {
  const splitter = new MbapSplitter();
  socket.on("data", (bytes) => {
    try {
      for (const { transaction, unit: target, pdu } of splitter.push(bytes)) {
        const answer = target === UNIT ? respond(pdu, unit) : encodeException(pdu, GATEWAY_TARGET_FAILED);
        socket.write(encodeMbap({ transaction, unit: target, pdu: answer }));
      }
    } catch {
      // What cannot be a frame: a real server closes the connection.
      socket.destroy();
    }
  });
}

function respond(pdu: Uint8Array, unit: SimulatedModbusUnit): Uint8Array {
  const request = parseRequest(pdu);
  if ("exception" in request) return encodeException(pdu, request.exception);
  const answer = unit.answer(request);
  return typeof answer === "number" ? encodeException(pdu, answer) : encodeResponse(request, answer);
}
