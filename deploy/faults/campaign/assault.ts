/** Inputs for a port that listens, many at once; what becomes of each connection is the port's business, that it ends is ours. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { type AddressInfo, connect as connectTcp, createServer, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import { mutant } from "../../fuzz/mutate.ts";
import type { Random } from "../../testing/random.ts";

/** Connections at once. */
const WIDTH = 16;
/** Who has been answered, or waits for more than will come, is left after so long. */
const LINGER_MS = 30;
const CONNECT_MS_MAX = 10_000;
const DATAGRAMS_AT_ONCE = 10;
const BETWEEN_MS = 100;

export interface StreamPort {
  readonly port: number;
  readonly examples: readonly Uint8Array[];
  /** The client's side of TLS; plain TCP unless said. */
  readonly tls?: { readonly ca: Buffer; readonly cert?: Buffer; readonly key?: Buffer };
}

/** So many inputs, each on a connection of its own. Rejects when the port does not take a connection. */
export async function assault(
  { examples, port, tls }: StreamPort,
  cases: number,
  chance: Random,
): Promise<void> {
  await inParallel(cases, async () => {
    const input = mutant(examples, chance);
    const cut = Math.floor(chance() * input.length);
    const socket = await open(port, tls);
    if (socket === undefined) return;
    // In two pieces, so that readers meet the middle of a frame at the end of what there is.
    socket.write(input.subarray(0, cut));
    socket.write(input.subarray(cut));
    await ended(socket);
  });
}

/** So many datagrams from one socket to a port of this machine. A port that nobody has makes no noise: ask it otherwise. */
export async function assaultByDatagrams(
  port: number,
  examples: readonly Uint8Array[],
  cases: number,
  chance: Random,
): Promise<void> {
  const socket = createSocket("udp4");
  socket.on("error", () => undefined);
  try {
    for (let sent = 0; sent < cases; sent += 1) {
      const { promise, resolve } = Promise.withResolvers<void>();
      socket.send(mutant(examples, chance), port, "127.0.0.1", () => resolve());
      await promise;
      // The port's owner reads so many of one sender in a second; what comes faster is not even looked at.
      if (sent % DATAGRAMS_AT_ONCE === 0) await wait(BETWEEN_MS);
    }
  } finally {
    socket.close();
  }
}

export async function inParallel(cases: number, work: () => Promise<void>): Promise<void> {
  let left = cases;
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await work();
    }
  };
  await Promise.all(Array.from({ length: WIDTH }, worker));
}

/** What a TLS client says first, as an example to be mutated. */
export async function clientHello(): Promise<Buffer> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = connectTls({ port: (server.address() as AddressInfo).port, host: "127.0.0.1" });
  client.on("error", () => undefined);
  const [socket] = (await once(server, "connection")) as [Socket];
  const [hello] = (await once(socket, "data")) as [Buffer];
  client.destroy();
  socket.destroy();
  server.close();
  return hello;
}

/** Undefined when the other side ended it before it was one: a port may refuse whom it does not like. */
async function open(port: number, tls: StreamPort["tls"]): Promise<Socket | undefined> {
  const socket =
    tls === undefined
      ? connectTcp(port, "127.0.0.1")
      : connectTls({ port, host: "127.0.0.1", ...tls, minVersion: "TLSv1.3" });
  const { promise, reject, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => reject(new Error(`port ${port} takes no connection`)), CONNECT_MS_MAX);
  socket.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "ECONNREFUSED") reject(new Error(`nobody listens on port ${port}`, { cause: error }));
    else resolve(false);
  });
  socket.once(tls === undefined ? "connect" : "secureConnect", () => resolve(true));
  socket.once("close", () => resolve(false));
  try {
    return (await promise) ? socket : undefined;
  } finally {
    clearTimeout(timer);
  }
}

async function ended(socket: Socket): Promise<void> {
  socket.resume();
  if (socket.destroyed) return;
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  await once(socket, "close").catch(() => undefined);
  clearTimeout(timer);
}
