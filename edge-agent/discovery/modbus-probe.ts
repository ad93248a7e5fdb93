/** Asks Modbus TCP units who they are, and those that cannot say for one register: reading does no harm. */
import { connect } from "node:net";
import { encodeMbap, MbapSplitter } from "@campus-ops/device-profiles/codecs/mbap";
import {
  IDENTIFICATION_REQUEST,
  type ModbusIdentification,
  parseIdentification,
} from "@campus-ops/device-profiles/codecs/modbus-identification";
import type { Finding, Probe } from "./finding.ts";

/** Read Input Registers, address 0, one register: any answer, an exception too, is a Modbus unit's. */
const ONE_REGISTER = Uint8Array.of(4, 0, 0, 0, 1);
/** A gateway answers for units that are not there with exceptions 10 and 11 (V1.1b3, clause 7). */
const GATEWAY_EXCEPTIONS: ReadonlySet<number> = new Set([10, 11]);

export function modbusProbe(units: readonly number[]): Probe {
  return async (address, port, deadline) => {
    const found: Finding[] = [];
    for (const unit of units) {
      const identification = await identify(address, port, unit, deadline);
      if (identification === undefined) continue;
      const { productCode, revision, vendor } = identification;
      found.push({
        protocol: "modbus",
        address,
        url: `modbus://${address}:${port}?unit=${unit}`,
        facts: {
          ...(vendor === undefined ? {} : { vendor }),
          ...(productCode === undefined ? {} : { model: productCode }),
          ...(revision === undefined ? {} : { firmware: revision }),
        },
      });
    }
    return found;
  };
}

/** Undefined where no unit answers. */
async function identify(
  host: string,
  port: number,
  unit: number,
  deadline: () => AbortSignal,
): Promise<ModbusIdentification | undefined> {
  const said = await exchange(host, port, unit, IDENTIFICATION_REQUEST, deadline());
  if (said !== undefined && isGatewayException(said)) return undefined;
  const identification = said === undefined ? undefined : parseIdentification(said);
  // Some firmware says nothing at all to a function it does not know.
  if (identification !== undefined && Object.keys(identification).length > 0) return identification;
  const read = await exchange(host, port, unit, ONE_REGISTER, deadline());
  return read === undefined || isGatewayException(read) ? undefined : {};
}

const isGatewayException = (pdu: Uint8Array): boolean =>
  (pdu[0] ?? 0) >= 0x80 && GATEWAY_EXCEPTIONS.has(pdu[1] ?? 0);

/** One request over a connection of its own; undefined for silence, a refused connection, and what is no Modbus. */
function exchange(
  host: string,
  port: number,
  unit: number,
  pdu: Uint8Array,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, noDelay: true, signal });
    const splitter = new MbapSplitter();
    const end = (answer?: Uint8Array): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.on("connect", () => socket.write(encodeMbap({ transaction: 1, unit, pdu })));
    socket.on("data", (bytes) => {
      try {
        for (const frame of splitter.push(bytes)) if (frame.unit === unit) end(frame.pdu);
      } catch {
        end();
      }
    });
    socket.on("error", () => end());
    socket.on("close", () => end());
  });
}
