import type { ModbusRequest } from "@campus-ops/device-profiles/codecs/modbus-pdu";
import { type Lease, Lines, leaseUnbroken } from "../line.ts";
import type { ModbusChannel } from "./channel.ts";
import { ModbusConnection } from "./connection.ts";

export interface TcpUnit {
  readonly host: string;
  readonly port: number;
  /** 0 to 255. */
  readonly unit: number;
  /** How long the unit may think, or a gateway wait for it. */
  readonly answer_ms: number;
}

/** The connections of this process: gateways have few to give, so the units behind one share it. */
const connections = new Lines<ModbusConnection>(async (connection) => connection.close());

/** Rejects with `unreachable`, or with `timeout` when `signal` aborts. */
export async function openTcpChannel(target: TcpUnit, signal: AbortSignal): Promise<ModbusChannel> {
  const { host, port } = target;
  const open = () => ModbusConnection.open(host, port, signal);
  return new TcpChannel(await leaseUnbroken(connections, `${host}:${port}`, open), target);
}

class TcpChannel implements ModbusChannel {
  readonly #lease: Lease<ModbusConnection>;
  readonly #target: TcpUnit;

  constructor(lease: Lease<ModbusConnection>, target: TcpUnit) {
    this.#lease = lease;
    this.#target = target;
  }

  request(request: ModbusRequest, signal: AbortSignal): Promise<readonly number[]> {
    const { unit, answer_ms } = this.#target;
    return this.#lease.line.request(unit, request, answer_ms, signal);
  }

  close(): Promise<void> {
    return this.#lease.release();
  }
}
