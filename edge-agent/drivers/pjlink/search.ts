/** Finds projectors by asking on the network who speaks PJLink class 2. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { parseSearchAnswer, SEARCH_REQUEST } from "@campus-ops/device-profiles/codecs/pjlink-datagrams";

export const PJLINK_PORT = 4352;
/** Answers of a whole city would not be more. */
const FOUND_MAX = 1_024;

export interface FoundProjector {
  readonly address: string;
  readonly mac: string;
}

export interface ProjectorSearch {
  /** Where to ask: a broadcast address of the box's own networks, or single hosts. */
  readonly addresses: readonly string[];
  readonly port?: number;
  /** How long to wait for answers. */
  readonly wait_ms: number;
}

/** Each projector once, in the order in which they answered. Nothing but the answers to this question is taken in. */
export async function searchProjectors(
  { addresses, port = PJLINK_PORT, wait_ms }: ProjectorSearch,
  signal: AbortSignal,
): Promise<readonly FoundProjector[]> {
  const found = new Map<string, FoundProjector>();
  const socket = createSocket("udp4");
  socket.on("error", () => undefined);
  socket.on("message", (datagram, from) => {
    const mac = from.port === port ? parseSearchAnswer(datagram) : undefined;
    if (mac === undefined || found.size >= FOUND_MAX) return;
    found.set(`${from.address} ${mac}`, { address: from.address, mac });
  });
  socket.bind(0);
  await once(socket, "listening");
  try {
    socket.setBroadcast(true);
    for (const address of addresses) socket.send(SEARCH_REQUEST, port, address);
    await new Promise<void>((resolve) => {
      const over = AbortSignal.any([signal, AbortSignal.timeout(wait_ms)]);
      if (over.aborted) resolve();
      else over.addEventListener("abort", () => resolve(), { once: true });
    });
  } finally {
    const closed = once(socket, "close");
    socket.close();
    await closed;
  }
  return [...found.values()];
}
