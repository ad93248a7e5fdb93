/** Addresses of devices that call in: `<scheme>://<who>@<where we listen>[:port]`. */
import { type DeviceTarget, DriverError } from "../driver.ts";

export interface CallAddress {
  readonly identity: string;
  readonly host: string;
  readonly port: number;
}

/** Throws `unsupported` with how it must read. */
export function callAddress(
  { url }: DeviceTarget,
  scheme: string,
  defaultPort: number,
  who: string,
): CallAddress {
  const identity = decodeURIComponent(url.username);
  if (url.protocol !== `${scheme}:` || url.hostname === "" || identity === "") {
    throw new DriverError(
      "unsupported",
      `${url.href} is no address of a device that calls in; it must read ${scheme}://${who}@0.0.0.0:${defaultPort}, with the address of this box at which it calls`,
      { retry: false },
    );
  }
  return {
    identity,
    // An IPv6 address stands in brackets in a URL and without them on a socket.
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? defaultPort : Number(url.port),
  };
}
