import { randomBytes } from "node:crypto";
import dgram from "node:dgram";
import { once } from "node:events";
import type { SimulatedFault } from "../simulated-device.ts";

type MessageListener = (message: Buffer, from: dgram.RemoteInfo) => void;

/** What the socket of an agent can play by itself. */
export const SOCKET_FAULTS = ["down", "hang", "garbage", "late-replies", "reboot-loop"] as const;

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
        this.#answer(() => this.#socket?.send(buffer, offset, length, port, address)),
      close: () => undefined,
    };
    return { createSocket: () => adapter };
  }

  #receive(message: Buffer, from: dgram.RemoteInfo): void {
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

  /** Late replies: each answer waits until the next request has come. */
  #answer(send: () => void): void {
    if (this.#fault !== "late-replies") {
      send();
      return;
    }
    this.#held?.();
    this.#held = send;
  }
}
