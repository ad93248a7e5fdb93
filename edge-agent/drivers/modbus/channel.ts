/** How a session reaches one Modbus unit: over TCP, or in RTU frames on a line, which it shares with other units. */
import {
  EXCEPTIONS,
  type ModbusRequest,
  type ModbusResponse,
} from "@campus-ops/device-profiles/codecs/modbus-pdu";
import { DriverError } from "../driver.ts";

export interface ModbusChannel {
  /**
   * What `request` brings: the cells read, none for a write. Rejects with a {@link DriverError}: `device-exception`,
   * `garbage`, `timeout` when the unit is silent or `signal` aborts, `unreachable`.
   */
  request(request: ModbusRequest, signal: AbortSignal): Promise<readonly number[]>;
  close(): Promise<void>;
}

/** What a whole answer brings; throws `device-exception`, or `unreachable` for a gateway that cannot reach the unit. */
export function cellsOf(request: ModbusRequest, response: ModbusResponse): readonly number[] {
  if (response.kind === "exception") throw deviceException(request, response.code);
  return response.kind === "cells" ? response.cells : [];
}

/** Codes that say “not now” rather than “never”: busy, a passing failure, a gateway that cannot reach the device. */
const PASSING_EXCEPTIONS: ReadonlySet<number> = new Set([4, 5, 6, 8]);
const GATEWAY_EXCEPTIONS: ReadonlySet<number> = new Set([10, 11]);

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
