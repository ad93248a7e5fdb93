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

/** On 127.0.0.1; nobody listens there yet, and nobody else is given it while this process lives. */
export async function freePort(): Promise<number> {
  for (let tried = 1; ; tried += 1) {
    const port = randomInt(PORTS.from, PORTS.below);
    const named = createServer().unref();
    try {
      // An abstract name is one network namespace's, as its ports are, and goes with the process that has it.
      named.listen(`\0campus-ops-port-${port}`);
      await once(named, "listening");
      const server = createServer().listen(port, "127.0.0.1");
      await once(server, "listening");
      server.close();
      await once(server, "close");
      return port;
    } catch (error) {
      named.close();
      if (tried === TRIED_MAX) throw error;
    }
  }
}
