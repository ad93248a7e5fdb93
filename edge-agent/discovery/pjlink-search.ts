/**
 * The search of PJLink class 2: projectors tell their MAC address over UDP, also while another controller holds the only
 * connection that many of them accept. Those of class 1 do not answer.
 */
import { networkInterfaces } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { PjlinkFrameError } from "@campus-ops/device-profiles/codecs/pjlink";
import { parseAcknowledgement, SEARCH } from "@campus-ops/device-profiles/codecs/pjlink-datagrams";
import { Questioner } from "./datagrams.ts";

export interface PjlinkSearch {
  /** Asked one by one. */
  readonly addresses: readonly string[];
  readonly port: number;
  /** Local address whose network is asked by broadcast beforehand; absent: no broadcast. */
  readonly interface?: string;
  /** How long after the last question answers are waited for. */
  readonly timeout_ms: number;
  /** Resolves when the next may be asked. */
  readonly pace: (signal: AbortSignal) => Promise<void>;
}

/** MAC addresses by IPv4 address, of whoever answered, within the ranges or not. */
export async function searchProjectors(
  search: PjlinkSearch,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const { addresses, interface: from, pace, port, timeout_ms } = search;
  const found = new Map<string, string>();
  const question = new TextEncoder().encode(SEARCH);
  const questioner = await Questioner.open(from, ({ address, bytes }) => {
    try {
      found.set(address, parseAcknowledgement(bytes));
    } catch (error) {
      if (!(error instanceof PjlinkFrameError)) throw error;
    }
  });
  try {
    const broadcast = from === undefined ? undefined : broadcastOf(from);
    if (broadcast !== undefined) {
      questioner.allowBroadcast();
      await questioner.ask(question, port, broadcast);
    }
    for (const address of addresses) {
      await pace(signal);
      if (signal.aborted) return found;
      await questioner.ask(question, port, address);
    }
    await pause(timeout_ms, undefined, { signal }).catch(() => undefined);
    return found;
  } finally {
    await questioner.close();
  }
}

/** The broadcast address of the network that a local address is in; undefined where this machine has no such address. */
function broadcastOf(local: string): string | undefined {
  const own = Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .find(({ address, family }) => family === "IPv4" && address === local);
  if (own === undefined) return undefined;
  const mask = own.netmask.split(".").map(Number);
  return local
    .split(".")
    .map((part, i) => Number(part) | (~(mask[i] ?? 255) & 0xff))
    .join(".");
}
