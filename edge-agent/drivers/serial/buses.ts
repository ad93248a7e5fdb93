/**
 * The byte lines of this process. A serial port can be opened once, so whoever speaks on it, in whatever protocol,
 * shares it: meters and relays on one pair of wires are common.
 */
import { DriverError } from "../driver.ts";
import { type Lease, Lines, leaseUnbroken } from "../line.ts";
import { describeSettings, type LineAddress, lineName } from "./address.ts";
import { Bus } from "./bus.ts";

const buses = new Lines<Bus>((bus) => bus.close());

/**
 * The bus at `address`, opened unless another session has it open. A bus that broke is opened anew. Rejects with
 * `unreachable` when it cannot be opened, and with `unsupported` when it is open with other settings: two devices on
 * one pair of wires that speak at different speeds.
 */
export async function leaseBus(address: LineAddress, signal: AbortSignal): Promise<Lease<Bus>> {
  const name = lineName(address);
  const lease = await leaseUnbroken(buses, name, () => Bus.open(address, signal));
  const clash = clashOf(lease.line.address, address);
  if (clash === undefined) return lease;
  await lease.release();
  throw new DriverError("unsupported", `${name} ${clash}`, { retry: false });
}

function clashOf(open: LineAddress, asked: LineAddress): string | undefined {
  if (open.kind !== "serial" || asked.kind !== "serial") return undefined;
  const [is, wanted] = [describeSettings(open.settings), describeSettings(asked.settings)];
  return is === wanted
    ? undefined
    : `is open with ${is} for another device and cannot have ${wanted} as well`;
}
