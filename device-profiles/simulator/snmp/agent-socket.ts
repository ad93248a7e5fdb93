import { randomBytes } from "node:crypto";
import dgram from "node:dgram";
import { once } from "node:events";
import type { SimulatedFault } from "../simulated-device.ts";

type MessageListener = (message: Buffer, from: dgram.RemoteInfo) => void;

/** What the socket of an agent can play by itself. */
export const SOCKET_FAULTS = [
  "down",
  "hang",
  "half-open",
  "garbage",
  "fragmented",
  "late-replies",
  "reboot-loop",
] as const;

/** Ports that clients have asked from, as far back as it remembers. */
const CALLERS_MAX = 256;

/** An agent in a reboot loop answers so many requests, and is deaf to so many. */
const ANSWERED_BETWEEN_REBOOTS = 3;
const LOST_IN_A_REBOOT = 1;

/**
 * The UDP port of a simulated agent. It outlives the faults it plays, so that the device keeps its address; `down`
 * closes it and mending binds it again.
 */
export class AgentSocket {
  readonly #onReboot: () => void;
  #socket: dgram.Socket | undefined;
  #port: number;
  #fault: SimulatedFault | null = null;
  #listener: MessageListener = () => undefined;
  #received = 0;
  /** `address:port` of who has asked so far; of those that no answer reaches any more. */
  readonly #callers = new Set<string>();
  #cutOff: ReadonlySet<string> = new Set();
  /** An answer that waits for the next request. */
  #held: (() => void) | undefined;

  constructor(port: number, onReboot: () => void) {
    this.#port = port;
    this.#onReboot = onReboot;
  }

  get port(): number {
    return this.#port;
  }

  async open(): Promise<void> {
    const socket = dgram.createSocket("udp4");
    socket.on("message", (message, from) => this.#receive(message, from));
    socket.bind(this.#port, "127.0.0.1");
    await once(socket, "listening");
    this.#socket = socket;
    this.#port = socket.address().port;
  }

  async fault(fault: SimulatedFault | null): Promise<void> {
    this.#fault = fault;
    this.#held = undefined;
    this.#received = 0;
    // As when whatever stands between forgets who spoke to whom.
    this.#cutOff = new Set(fault === "half-open" ? this.#callers : []);
    if (fault === "down") await this.close();
    else if (this.#socket === undefined) await this.open();
  }

  async close(): Promise<void> {
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket === undefined) return;
    socket.close();
    await once(socket, "close");
  }

  /** What `net-snmp` takes for a datagram module: its one socket is this one, already bound. */
  asDatagramModule(): { createSocket(): unknown } {
    const adapter = {
      on: (event: string, listener: MessageListener) => {
        if (event === "message") this.#listener = listener;
        return adapter;
      },
      bind: () => adapter,
      send: (buffer: Buffer, offset: number, length: number, port: number, address: string) =>
        this.#answer(buffer.subarray(offset, offset + length), port, address),
      close: () => undefined,
    };
    return { createSocket: () => adapter };
  }

  #receive(message: Buffer, from: dgram.RemoteInfo): void {
    const caller = `${from.address}:${from.port}`;
    if (this.#cutOff.has(caller)) return;
    this.#callers.add(caller);
    for (const oldest of this.#callers) {
      if (this.#callers.size <= CALLERS_MAX) break;
      this.#callers.delete(oldest);
    }
    switch (this.#fault) {
      case "hang":
        return;
      case "garbage":
        this.#socket?.send(randomBytes(48), from.port, from.address);
        return;
      case "reboot-loop": {
        const round = ANSWERED_BETWEEN_REBOOTS + LOST_IN_A_REBOOT;
        const at = this.#received++ % round;
        if (at === ANSWERED_BETWEEN_REBOOTS) this.#onReboot();
        if (at >= ANSWERED_BETWEEN_REBOOTS) return;
        break;
      }
      default:
    }
    this.#listener(message, from);
  }

  /**
   * Late replies: each answer waits until the next request has come. Fragmented, as far as datagrams can be: what was cut
   * off on the way comes first, and the whole answer comes twice.
   */
  #answer(answer: Buffer, port: number, address: string): void {
    const send = (datagram: Buffer): void => void this.#socket?.send(datagram, port, address);
    switch (this.#fault) {
      case "late-replies":
        this.#held?.();
        this.#held = () => send(answer);
        return;
      case "fragmented":
        for (const at of [1, answer.length >> 1, answer.length - 1]) send(answer.subarray(0, at));
        send(answer);
        send(answer);
        return;
      default:
        send(answer);
    }
  }
}
