/**
 * Ports for simulated devices. They lie below the range that the kernel hands out for outgoing connections, so that no
 * connection of the hub itself takes one between two starts.
 */
import { createHash } from "node:crypto";
import { createSocket } from "node:dgram";
import { createServer } from "node:net";

const FIRST = 20_000;
const LAST = 31_999;

/**
 * A port for each key: the one it had, if that is still free, else the next free one.
 *
 * @param place names the demonstration; each begins to look at a place of its own, because the port of a device that
 *   is down just now looks free to others
 */
export async function assignPorts(
  keys: readonly string[],
  had: Readonly<Record<string, number>>,
  place: string,
): Promise<Readonly<Record<string, number>>> {
  const assigned: Record<string, number> = {};
  const taken = new Set<number>();
  for (const key of keys) {
    const before = had[key];
    if (before === undefined || taken.has(before) || !(await isFree(before))) continue;
    assigned[key] = before;
    taken.add(before);
  }
  const span = LAST - FIRST + 1;
  const start = createHash("sha256").update(place).digest().readUInt32BE() % span;
  let tried = 0;
  for (const key of keys) {
    if (assigned[key] !== undefined) continue;
    let candidate: number;
    do {
      if (tried === span) throw new Error(`no free port for ${key} from ${FIRST} to ${LAST}`);
      candidate = FIRST + ((start + tried) % span);
      tried += 1;
    } while (taken.has(candidate) || !(await isFree(candidate)));
    assigned[key] = candidate;
    taken.add(candidate);
  }
  return assigned;
}

/** Free for TCP and for UDP: which of them a device speaks is its own business. */
export async function isFree(port: number): Promise<boolean> {
  return (await freeForTcp(port)) && (await freeForUdp(port));
}

function freeForTcp(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)));
  });
}

function freeForUdp(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket("udp4");
    socket.once("error", () => {
      socket.close();
      resolve(false);
    });
    socket.bind({ port, address: "127.0.0.1", exclusive: true }, () => socket.close(() => resolve(true)));
  });
}
