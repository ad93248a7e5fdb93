/** For programs that take no port 0. */
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";

/**
 * The kernel gives out ports from 32,768 on. Below, nobody who asks for any port, or connects from any, takes the one that
 * was found here before the program has it, which may be seconds.
 */
const PORTS = { from: 20_000, below: 32_000 };
const TRIED_MAX = 100;

/** On 127.0.0.1; nobody listens there yet. */
export async function freePort(): Promise<number> {
  for (let tried = 1; ; tried += 1) {
    const port = randomInt(PORTS.from, PORTS.below);
    const server = createServer().listen(port, "127.0.0.1");
    try {
      await once(server, "listening");
    } catch (error) {
      if (tried === TRIED_MAX) throw error;
      continue;
    }
    server.close();
    await once(server, "close");
    return port;
  }
}
