import { isIPv4 } from "node:net";
import { DriverError } from "../driver.ts";

/** Names are looked up once a session; a device that moves is found again when its session opens anew. */
export async function sourceAddress(
  source: string,
  lookup: (name: string) => Promise<{ readonly address: string }>,
): Promise<string> {
  if (isIPv4(source)) return source;
  try {
    return (await lookup(source)).address;
  } catch (cause) {
    const message = `what ${source} sends is not received: it has no IPv4 address`;
    throw new DriverError("unsupported", message, { retry: true, cause });
  }
}
