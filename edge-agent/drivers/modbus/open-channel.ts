/** Where a Modbus unit is, by its URL. */
import { BROADCAST_UNIT } from "@campus-ops/device-profiles/codecs/modbus-rtu";
import { type DeviceTarget, DriverError } from "../driver.ts";
import { answerTime_ms, parseLineAddress } from "../serial/address.ts";
import type { ModbusChannel } from "./channel.ts";
import { openRtuChannel } from "./rtu-channel.ts";
import { openTcpChannel } from "./tcp-channel.ts";

const TCP_PORT = 502;
const TCP_UNIT_MAX = 255;
const UNIT = 1;
/** The specification ends at 247; sensors are sold that answer at 254 until they are given another address. */
const RTU_UNIT_MAX = 254;
/** The usual of devices with RTU, and of the specification's second best (its first, even parity, is rare). 2.5.1 */
const SERIAL = { baud: 9600, dataBits: 8, parity: "none", stopBits: 1 } as const;
/** How long a unit may think. On TCP a gateway has to wait for its own line within it. */
const TCP_ANSWER_MS = 3_000;
const RTU_ANSWER_MS = 1_000;

const FORMS =
  "modbus://host:502?unit=1, modbus+rtu:///dev/ttyUSB0?baud=9600&parity=none&unit=1 or modbus+rtu://host:port?unit=1";

/** Rejects with `unsupported` when the URL is no address of a Modbus unit. */
export async function openChannel({ url }: DeviceTarget, signal: AbortSignal): Promise<ModbusChannel> {
  if (url.protocol === "modbus+rtu:") {
    const unit = number(url, "unit", UNIT, BROADCAST_UNIT + 1, RTU_UNIT_MAX);
    const answer_ms = answerTime_ms(url, RTU_ANSWER_MS);
    return await openRtuChannel(parseLineAddress(url, { settings: SERIAL }), { unit, answer_ms }, signal);
  }
  if (url.protocol !== "modbus:" || url.hostname === "") throw noAddress(url, "");
  // An IPv6 address stands in brackets in a URL and without them on a socket.
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const port = url.port === "" ? TCP_PORT : Number(url.port);
  const unit = number(url, "unit", UNIT, 0, TCP_UNIT_MAX);
  const answer_ms = answerTime_ms(url, TCP_ANSWER_MS);
  return await openTcpChannel({ host, port, unit, answer_ms }, signal);
}

function number(url: URL, name: string, otherwise: number, min: number, max: number): number {
  const text = url.searchParams.get(name);
  const value = text === null ? otherwise : Number(text);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw noAddress(url, `, with ${name} from ${min} to ${max}`);
}

function noAddress(url: URL, detail: string): DriverError {
  const what = `${url.href} is no Modbus address; it must read ${FORMS}${detail}`;
  return new DriverError("unsupported", what, { retry: false });
}
